import numpy as np


def value_and_grad_of_loss(x, y, W1, b1, W2, b2):
    """Value and gradient of loss with respect to W1, b1, W2, b2."""
    N, D = x.shape
    K, C = W2.shape
    if (y.shape, W1.shape, b1.shape, b2.shape) != ((N, C), (D, K), (K,), (C,)):
        raise ValueError("the shapes must be y (N, C), W1 (D, K), b1 (K,), b2 (C,)")
    # forward
    z1 = x @ W1 + b1                                # (8, 100)
    a1 = np.maximum(z1, 0)                          # (8, 100)
    z2 = a1 @ W2 + b2                               # (8, 10)
    e = np.exp(z2 - z2.max(axis=1, keepdims=True))  # (8, 10)
    p = e / e.sum(axis=1, keepdims=True)            # (8, 10)
    loss = -(y * np.log(p)).sum(axis=1).mean()      # ()
    # backward
    dp = -(y / p) / N                                     # (8, 10)    loss = -(y * np.log(p)).su...
    dz2 = p * (dp - (dp * p).sum(axis=1, keepdims=True))  # (8, 10)    softmax: J.T @ dp, row by row
    dW2 = a1.T @ dz2                                      # (100, 10)  z2 = a1 @ W2 + b2
    db2 = dz2.sum(axis=0)                                 # (10,)      b2 was added to all N rows
    da1 = dz2 @ W2.T                                      # (8, 100)
    dz1 = da1 * (z1 > 0)                                  # (8, 100)   a1 = np.maximum(z1, 0)
    dW1 = x.T @ dz1                                       # (784, 100) z1 = x @ W1 + b1
    db1 = dz1.sum(axis=0)                                 # (100,)     b1 was added to all N rows
    return loss, (dW1, db1, dW2, db2)
