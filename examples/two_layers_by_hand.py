"""Question b: dL/dW2, dL/db2, dL/dW1, dL/db1 in closed form, with columns as examples."""

import numpy as np

import retrograd as rg


# [forward]
def softmax(z):
    e = np.exp(z - z.max(axis=0))  # each column is one example
    return e / e.sum(axis=0)


def loss(x, y, W1, b1, W2, b2):
    z1 = W1 @ x + b1  # (K, N)   W1 (K, D), x (D, N), b1 (K, 1)
    a1 = np.tanh(z1)  # (K, N)
    z2 = W2 @ a1 + b2  # (C, N)   W2 (C, K), b2 (C, 1)
    p = softmax(z2)  # (C, N)   y* in the question
    return -np.sum(y * np.log(p)) / x.shape[1]


# [end]


# [closed forms]
def gradients(x, y, W1, b1, W2, b2):
    N = x.shape[1]
    a1 = np.tanh(W1 @ x + b1)
    p = softmax(W2 @ a1 + b2)
    dz2 = (p - y) / N  # (C, N)   for labels whose columns add up to 1
    dW2 = dz2 @ a1.T  # (C, K)
    db2 = dz2.sum(axis=1, keepdims=True)  # (C, 1)   the sum over n is here
    dz1 = (W2.T @ dz2) * (1 - a1**2)  # (K, N)   f'(z1) of tanh
    dW1 = dz1 @ x.T  # (K, D)
    db1 = dz1.sum(axis=1, keepdims=True)  # (K, 1)
    return dW1, db1, dW2, db2


# [end]


# [test routine]
def largest_error(f, arguments, gradients, step=1e-5):
    """Each gradient against central differences, entry by entry."""
    worst = 0.0
    for x, dx in zip(arguments, gradients, strict=True):
        for i in np.ndindex(x.shape):
            kept = x[i]
            x[i] = kept + step
            above = f(*arguments)
            x[i] = kept - step
            below = f(*arguments)
            x[i] = kept
            worst = max(worst, abs(dx[i] - (above - below) / (2 * step)))
    return worst


# [end]


def network(rng, D=2, K=4, C=3, N=5):
    x = rng.normal(size=(D, N))
    y = np.eye(C)[rng.integers(0, C, size=N)].T
    W1, W2 = rng.normal(size=(K, D)), rng.normal(size=(C, K))
    return x, y, W1, np.zeros((K, 1)), W2, np.zeros((C, 1))


NAMES = ["W1", "b1", "W2", "b2"]


def equal_to_the_written():
    print("== equal")
    args = network(np.random.default_rng(0))
    by_hand = gradients(*args)
    written = rg.grad(loss, NAMES)(*args)
    for name, ours, theirs in zip(NAMES, by_hand, written, strict=True):
        print(f"d{name} {ours.shape!s:8} equal to the written one: {np.allclose(ours, theirs)}")
    print("largest error against differences below 1e-8:", end=" ")
    x, y, *parameters = args
    print(largest_error(lambda *p: loss(x, y, *p), parameters, by_hand) < 1e-8)


def the_written_text():
    print("== text")
    text = rg.value_and_grad(loss, NAMES).source(*network(np.random.default_rng(0)))
    print(text[text.index("    # backward") :].rstrip())


def where_the_sum_belongs():
    print("== the sum")
    args = network(np.random.default_rng(0))
    x, y, W1, b1, W2, b2 = args
    p = softmax(W2 @ np.tanh(W1 @ x + b1) + b2)
    dz2 = (p - y) / x.shape[1]
    print("dz2, one column for each example\n", dz2.round(3))
    print("db2 = dz2 summed over the examples\n", dz2.sum(axis=1, keepdims=True).round(3))


def two_classes():
    print("== two classes")
    z = np.array([[2.0, -1.0, 0.3], [0.5, 0.5, 0.5]])  # two rows of logits, three examples
    p = softmax(z)
    q = 1 / (1 + np.exp(-(z[0] - z[1])))
    print("softmax, first class          ", p[0].round(4))
    print("sigmoid of the difference     ", q.round(4))
    t = np.array([1.0, 0.0, 1.0])
    y = np.array([t, 1 - t])
    by_softmax = rg.grad(lambda z: -np.mean(np.sum(y * np.log(softmax(z)), axis=0)))(z)
    by_sigmoid = rg.grad(
        lambda d: (
            -np.mean(t * np.log(1 / (1 + np.exp(-d))) + (1 - t) * np.log(1 - 1 / (1 + np.exp(-d))))
        )
    )(z[0] - z[1])
    print("dL/dz of the first class      ", by_softmax[0].round(4))
    print("dL/d(difference) = (q - t) / N", by_sigmoid.round(4))


def any_targets():
    print("== any targets")
    x, _, W1, b1, W2, b2 = network(np.random.default_rng(0))
    y = np.random.default_rng(1).uniform(0, 2, size=(3, 5))  # columns do not add up to 1
    z2 = W2 @ np.tanh(W1 @ x + b1) + b2
    p = softmax(z2)
    true = rg.grad(lambda z: -np.sum(y * np.log(softmax(z))) / 5)(z2)
    print("sums of the columns of y          ", y.sum(axis=0).round(2))
    print("(p - y) / N is right:             ", np.allclose((p - y) / 5, true))
    print("(p * y.sum(axis=0) - y) / N is it:", np.allclose((p * y.sum(axis=0) - y) / 5, true))


if __name__ == "__main__":
    equal_to_the_written()
    the_written_text()
    where_the_sum_belongs()
    two_classes()
    any_targets()
