import numpy as np


def value_and_grad_of_two_classes(w, b, X, t, reg=0.1):
    """Value and gradient of two_classes with respect to w, b, reg."""
    N, D = X.shape
    if (w.shape, np.shape(b), t.shape, np.shape(reg)) != ((D,), (), (N,), ()):
        raise ValueError("the shapes must be w (D,), b (), t (N,), reg ()")
    # forward
    e = np.exp(-(X @ w + b))  # (8,)
    t2 = 1 + e                # (8,)
    y = 1 / t2                # (8,)
    t3 = 1 - t                # (8,)
    t4 = 1 - y                # (8,)
    s = (w**2).sum()          # ()
    cost = -(1 / N) * (t * np.log(y) + t3 * np.log(t4)).sum() + reg * s  # ()
    # backward
    dy = (t3 / t4 - t / y) / N    # (8,) cost = -(1 / N) * (t * np.log(y) + t3 * np.log(t4)).sum(...
    g = dy * y / t2 * e           # (8,) e = np.exp(-(X @ w + b))
    db = g.sum(axis=0)            # ()   b was added to all N elements
    dw = reg * (2 * w) + X.T @ g  # (4,)
    return cost, (dw, db, s)
