import numpy as np


def grad_of_attention(q, k, v):
    """Gradient of attention with respect to q, k, v."""
    N, T, D = q.shape
    K = k.shape[1]
    C = v.shape[2]
    if (k.shape, v.shape) != ((N, K, D), (N, K, C)):
        raise ValueError("the shapes must be k (N, K, D), v (N, K, C)")
    # forward
    t = k.swapaxes(1, 2)                                     # (8, 3, 4)
    t2 = np.sqrt(D)                                          # ()
    scores = q @ t / t2                                      # (8, 4, 4)
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))  # (8, 4, 4)
    weights = e / e.sum(axis=-1, keepdims=True)              # (8, 4, 4)
    # backward
    g = 2 * (weights @ v)                          # (8, 4, 3)
    dv = weights.swapaxes(-1, -2) @ g              # (8, 4, 3)
    dweights = g @ v.swapaxes(-1, -2)              # (8, 4, 4)
    dscores = weights * (dweights - (dweights * weights).sum(axis=2, keepdims=True))  # (8, 4, 4)
    g2 = dscores / t2                              # (8, 4, 4) scores = q @ t / t2
    dq = g2 @ t.swapaxes(-1, -2)                   # (8, 4, 3)
    dk = (q.swapaxes(-1, -2) @ g2).swapaxes(1, 2)  # (8, 4, 3) t = k.swapaxes(1, 2)
    return dq, dk, dv
