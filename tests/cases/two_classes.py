import numpy as np


def value_and_grad_of_two_classes(w, b, X, t, reg=0.1):
    """Value and gradient of two_classes with respect to w, b, reg."""
    N, D = X.shape
    if (w.shape, np.shape(b), t.shape, np.shape(reg)) != ((D,), (), (N,), ()):
        raise ValueError("the shapes must be w (D,), b (), t (N,), reg ()")
    # forward
    t2 = X @ w + b                  # (8,)
    t3 = -t2                        # (8,)
    y = 1 / (1 + np.exp(t3))        # (8,)
    s = (t * -np.logaddexp(0, t3) + (1 - t) * -np.logaddexp(0, t2)).sum()  # ()
    s2 = (w**2).sum()               # ()
    cost = -(1 / N) * s + reg * s2  # ()
    # backward
    g = (y - t) / N               # (8,) log of the sigmoid
    db = g.sum(axis=0)            # ()   b was added to all N elements
    dw = reg * (2 * w) + X.T @ g  # (4,) t2 = X @ w + b
    return cost, (dw, db, s2)
