import numpy as np


def grad_of_layer_norm(x, gamma, beta):
    """Gradient of layer_norm with respect to x, gamma, beta."""
    N, D = x.shape
    if (gamma.shape, beta.shape) != ((D,), (D,)):
        raise ValueError("the shapes must be gamma (D,), beta (D,)")
    # forward
    mean = x.mean(axis=1, keepdims=True)                  # (8, 1)
    centered = x - mean                                   # (8, 5)
    variance = (centered**2).mean(axis=1, keepdims=True)  # (8, 1)
    t = np.sqrt(variance + 1e-05)                         # (8, 1)
    t2 = gamma * centered / t                             # (8, 5)
    out = t2 + beta                                       # (8, 5)
    t3 = np.tanh(out)                                     # (8, 5)
    # backward
    dout = 2 * (t3 * (1 - t3**2))                           # (8, 5) t3 = np.tanh(out)
    dbeta = dout.sum(axis=0)                                # (5,)   beta was added to all N rows
    g = dout / t                                            # (8, 5) t2 = gamma * centered / t
    dgamma = (g * centered).sum(axis=0)                     # (5,)   gamma was used in all N rows
    dvariance = -((dout * t2 / t).sum(axis=1, keepdims=True) / (2 * t))  # (8, 1) t was used in a...
    dcentered = g * gamma + dvariance * (2 * centered) / D  # (8, 5) variance = (centered**2).mea...
    dmean = -dcentered.sum(axis=1, keepdims=True)           # (8, 1) mean was added to all D columns
    dx = dcentered + dmean / D                              # (8, 5)
    return dx, dgamma, dbeta
