import numpy as np


def value_and_grad_of_integer_labels(x, y, *, W):
    """Value and gradient of integer_labels with respect to x, W."""
    N, K = x.shape
    C = W.shape[1]
    if (y.shape, W.shape) != ((N,), (K, C)):
        raise ValueError("the shapes must be y (N,), W (K, C)")
    # forward
    t = np.dot(x, W)                                       # (8, 3)
    t2 = t - t.max(axis=1, keepdims=True)                  # (8, 3)
    e = np.exp(t2)                                         # (8, 3)
    s = e.sum(axis=1, keepdims=True)                       # (8, 1)
    p = e / s                                              # (8, 3)
    rows = np.arange(N)                                    # (8,)
    integer_labels = -(t2 - np.log(s))[rows, y].sum() / N  # ()
    # backward
    t3 = p.copy()     # (8, 3) softmax + cross-entropy
    t3[rows, y] -= 1
    t3 /= N           # (8, 3)
    dW = x.T @ t3     # (4, 3) t = np.dot(x, W)
    dx = t3 @ W.T     # (8, 4)
    return integer_labels, (dx, dW)
