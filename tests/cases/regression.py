import numpy as np


def value_and_grad_of_f(x, y, *, W1, b1, W2, b2):
    """Value and gradient of f with respect to W1, b1, W2, b2."""
    N, D = x.shape
    (C,) = b1.shape
    if (y.shape, W1.shape, W2.shape, b2.shape) != ((N, 1), (D, C), (C, 1), (1,)):
        raise ValueError("the shapes must be y (N, 1), W1 (D, C), W2 (C, 1), b2 (1,)")
    # forward
    z1 = x @ W1 + b1        # (8, 4)
    a1 = np.maximum(z1, 0)  # (8, 4)
    z2 = a1 @ W2 + b2       # (8, 1)
    t = z2 - y              # (8, 1)
    loss = (t**2).mean()    # ()
    # backward
    dz2 = 2 * t / N        # (8, 1) t = z2 - y
    dW2 = a1.T @ dz2       # (4, 1) z2 = a1 @ W2 + b2
    db2 = dz2.sum(axis=0)  # (1,)   b2 was added to all N rows
    da1 = dz2 @ W2.T       # (8, 4)
    dz1 = da1 * (z1 > 0)   # (8, 4) a1 = np.maximum(z1, 0)
    dW1 = x.T @ dz1        # (4, 4) z1 = x @ W1 + b1
    db1 = dz1.sum(axis=0)  # (4,)   b1 was added to all N rows
    return loss, (dW1, db1, dW2, db2)
