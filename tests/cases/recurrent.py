import numpy as np


def value_and_grad_of_recurrent(x, target, w, v):
    """Value and gradient of recurrent with respect to w, v."""
    (N,) = target.shape
    if (x.shape, np.shape(w), np.shape(v)) != ((N, 3), (), ()):
        raise ValueError("the shapes must be x (N, 3), w (), v ()")
    # forward
    S = np.zeros((N, 4))           # (8, 4)
    t = x[:, 0]                    # (8,)
    t2 = S[:, 0]                   # (8,)
    t3 = np.tanh(t * w + t2 * v)   # (8,)
    S[:, 1] = t3                   # (8, 4)
    t4 = x[:, 1]                   # (8,)
    t5 = S[:, 1]                   # (8,)
    t6 = np.tanh(t4 * w + t5 * v)  # (8,)
    S[:, 2] = t6                   # (8, 4)
    t7 = x[:, 2]                   # (8,)
    t8 = S[:, 2]                   # (8,)
    t9 = np.tanh(t7 * w + t8 * v)  # (8,)
    S[:, 3] = t9                   # (8, 4)
    t10 = S[:, -1] - target        # (8,)
    recurrent = (t10**2).mean()    # ()
    # backward
    dS = np.zeros_like(S)        # (8, 4) t10 = S[:, -1] - target
    dS[:, -1] = 2 * t10 / N
    g = dS[:, 3] * (1 - t9**2)   # (8,)   t9 = np.tanh(t7 * w + t8 * v)
    dS[:, 2] += g * v            # (8, 4)
    g2 = dS[:, 2] * (1 - t6**2)  # (8,)   t6 = np.tanh(t4 * w + t5 * v)
    dS[:, 1] += g2 * v           # (8, 4)
    g3 = dS[:, 1] * (1 - t3**2)  # (8,)   t3 = np.tanh(t * w + t2 * v)
    dw = (g * t7).sum(axis=0) + (g2 * t4).sum(axis=0) + (g3 * t).sum(axis=0)  # ()     w was used...
    dv = (g * t8).sum(axis=0) + (g2 * t5).sum(axis=0) + (g3 * t2).sum(axis=0)  # ()
    return recurrent, (dw, dv)
