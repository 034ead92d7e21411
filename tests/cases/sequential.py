import numpy as np


def value_and_grad_of_batch_loss(x, y, *, W1, b1, W2, b2, W3, b3):
    """Value and gradient of batch_loss with respect to W1, b1, W2, b2, W3, b3."""
    N, D = x.shape
    K1, K2 = W2.shape
    (C,) = b3.shape
    if (
        y.shape != (N,)
        or W1.shape != (D, K1)
        or b1.shape != (K1,)
        or b2.shape != (K2,)
        or W3.shape != (K2, C)
    ):
        raise ValueError(
            "the shapes must be y (N,), W1 (D, K1), b1 (K1,), b2 (K2,), W3 (K2, C)"
        )
    # forward
    z1 = x @ W1 + b1                        # (8, 16)
    a1 = np.maximum(z1, 0)                  # (8, 16)
    z2 = a1 @ W2 + b2                       # (8, 8)
    a2 = np.tanh(z2)                        # (8, 8)
    z3 = a2 @ W3 + b3                       # (8, 3)
    t = z3 - z3.max(axis=1, keepdims=True)  # (8, 3)
    e = np.exp(t)                           # (8, 3)
    s = e.sum(axis=1, keepdims=True)        # (8, 1)
    log_p = t - np.log(s)                   # (8, 3)
    if np.any((y < 0) | (y >= C)):
        raise ValueError("a label is none of the classes 0 to C - 1")
    rows = np.arange(N)                     # (8,)
    losses = -log_p[rows, y]                # (8,)
    loss = losses.mean()                    # ()
    # backward
    dz3 = e / s              # (8, 3)  softmax + cross-entropy
    dz3[rows, y] -= 1        # (8, 3)
    dz3 /= N                 # (8, 3)
    dW3 = a2.T @ dz3         # (8, 3)  z3 = a2 @ W3 + b3
    db3 = dz3.sum(axis=0)    # (3,)    b3 was added to all N rows
    da2 = dz3 @ W3.T         # (8, 8)
    dz2 = da2 * (1 - a2**2)  # (8, 8)  a2 = np.tanh(z2)
    dW2 = a1.T @ dz2         # (16, 8) z2 = a1 @ W2 + b2
    db2 = dz2.sum(axis=0)    # (8,)    b2 was added to all N rows
    da1 = dz2 @ W2.T         # (8, 16)
    dz1 = da1 * (z1 > 0)     # (8, 16) a1 = np.maximum(z1, 0)
    dW1 = x.T @ dz1          # (4, 16) z1 = x @ W1 + b1
    db1 = dz1.sum(axis=0)    # (16,)   b1 was added to all N rows
    return loss, (dW1, db1, dW2, db2, dW3, db3)
