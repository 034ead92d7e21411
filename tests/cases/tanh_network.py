import numpy as np


def value_and_grad_of_tanh_network(params, x, y):
    """Value and gradient of tanh_network with respect to params."""
    W1 = params[0][0]
    b1 = params[0][1]
    W2 = params[1][0]
    b2 = params[1][1]
    N, D = x.shape
    K, C = W2.shape
    if (W1.shape, b1.shape, b2.shape, y.shape) != ((D, K), (K,), (C,), (N, C)):
        raise ValueError("the shapes must be W1 (D, K), b1 (K,), b2 (C,), y (N, C)")
    # forward
    h1 = np.tanh(x @ W1 + b1)     # (8, 5)
    h2 = np.tanh(h1 @ W2 + b2)    # (8, 3)
    t = h2 - y                    # (8, 3)
    tanh_network = (t**2).mean()  # ()
    # backward
    dh2 = 2 * t / (N * C)   # (8, 3) t = h2 - y
    g = dh2 * (1 - h2**2)   # (8, 3) h2 = np.tanh(h1 @ W2 + b2)
    dW2 = h1.T @ g          # (5, 3)
    db2 = g.sum(axis=0)     # (3,)   b2 was added to all N rows
    dh1 = g @ W2.T          # (8, 5)
    g2 = dh1 * (1 - h1**2)  # (8, 5) h1 = np.tanh(x @ W1 + b1)
    dW1 = x.T @ g2          # (4, 5)
    db1 = g2.sum(axis=0)    # (5,)   b1 was added to all N rows
    return tanh_network, [(dW1, db1), (dW2, db2)]
