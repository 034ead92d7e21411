"""Question a: how does backpropagation work with a softmax output? For docs/questions/a.md.

Each part prints a section; the page shows them.
"""

import numpy as np

import retrograd as rg


# [network]
def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))  # the shift changes nothing but overflow
    return e / e.sum(axis=1, keepdims=True)


ACTIVATIONS = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
}


def loss(x, y, W1, b1, W2, b2, f):
    a1 = f(x @ W1 + b1)  # (N, K)  hidden layer
    p = softmax(a1 @ W2 + b2)  # (N, C)  softmax output: one share for each class
    return -np.mean(np.sum(y * np.log(p), axis=1))  # cross-entropy


# [end]


def parameters(rng, D=2, K=8, C=3):
    W1 = rng.normal(size=(D, K)) * np.sqrt(2 / D)
    W2 = rng.normal(size=(K, C)) * np.sqrt(2 / K)
    return W1, np.zeros(K), W2, np.zeros(C)


def spiral(rng, n=60):
    """Three arms, one class each."""
    r = np.tile(np.linspace(0.1, 1, n), 3)
    label = np.repeat(np.arange(3), n)
    angle = 4 * r + 2 * np.pi * label / 3 + rng.normal(size=3 * n) * 0.1
    return np.c_[r * np.sin(angle), r * np.cos(angle)], np.eye(3)[label]


def each_activation():
    print("== each activation")
    rng = np.random.default_rng(0)
    x, y = spiral(rng, 4)
    for name, f in ACTIVATIONS.items():
        args = parameters(rng)
        check = rg.check_grads(lambda W1, b1, W2, b2, f=f: loss(x, y, W1, b1, W2, b2, f), *args)
        value = loss(x, y, *args, f)
        print(f"{name:8} loss {value:.3f}   gradient checked: {check.worst < 1e-6}")


def growing():
    print("== growing")
    rng = np.random.default_rng(1)
    print("layer        1        2        3        4        5")
    for title, scale in (("N(0, 1)", 1.0), ("He", np.sqrt(2 / 100))):
        a = rng.normal(size=(50, 100))
        largest = []
        for _ in range(5):
            a = np.maximum(a @ (rng.normal(size=(100, 100)) * scale), 0)
            largest.append(a.max())
        print(f"{title:8}" + "".join(f"{v:9.0f}" for v in largest))


def shifted():
    print("== shifted")
    z = np.array([[1000.0, 999.0, 990.0]])
    with np.errstate(all="ignore"):
        e = np.exp(z)
        print("exp(z)             ", e[0], " -> p =", (e / e.sum())[0])
    e = np.exp(z - z.max())
    print("exp(z - z.max())   ", e[0].round(3), " -> p =", (e / e.sum())[0].round(3))


def own_gradient():
    print("== own gradient")
    rng = np.random.default_rng(2)
    z = rng.normal(size=(4, 3))
    y = np.eye(3)[[0, 2, 1, 0]]
    N = len(z)
    # [two ways]
    p = softmax(z)
    dp = -y / p / N  # what the loss feeds back to the softmax layer
    dz_as_layer = p * (dp - (dp * p).sum(axis=1, keepdims=True))  # the layer's own gradient
    dz_folded = (p - y) / N  # both at once
    # [end]
    print("as a layer\n", dz_as_layer.round(3))
    print("folded into the loss\n", dz_folded.round(3))
    ours = rg.grad(lambda z: -np.mean(np.sum(y * np.log(softmax(z)), axis=1)))(z)
    print("written by retrograd, the same:", np.allclose(ours, dz_folded))


def p_minus_one():
    print("== p minus one")
    z = np.array([[2.0, 1.0, -1.0]])
    p = softmax(z)
    for label in range(3):
        y = np.eye(3)[[label]]
        true = rg.grad(lambda z, y=y: -np.sum(y * np.log(softmax(z))))(z)[0]
        print(f"label {label}:  true {true.round(3)}   p - y {(p - y)[0].round(3)}", end="   ")
        print(f"p - 1 {(p - 1)[0].round(3)}")


def batch_mean():
    print("== batch mean")
    rng = np.random.default_rng(3)
    x, y = spiral(rng, 2)
    args = parameters(rng, K=4)
    dW2 = rg.grad(loss, "W2")
    one_by_one = [
        dW2(x[i : i + 1], y[i : i + 1], *args, ACTIVATIONS["relu"]) for i in range(len(x))
    ]
    at_once = dW2(x, y, *args, ACTIVATIONS["relu"])
    print("mean of the examples' gradients = gradient of the mean:", end=" ")
    print(np.allclose(np.mean(one_by_one, axis=0), at_once))


def train():
    print("== train")
    # [loop]
    rng = np.random.default_rng(4)
    x, y = spiral(rng)
    W1, b1, W2, b2 = parameters(rng, K=32)
    step = rg.value_and_grad(loss, wrt=["W1", "b1", "W2", "b2"])
    for n in range(1501):
        value, gradients = step(x, y, W1, b1, W2, b2, ACTIVATIONS["relu"])
        if n % 500 == 0:
            print(f"step {n:4}   loss {value:.2f}")
        for parameter, gradient in zip((W1, b1, W2, b2), gradients, strict=True):
            parameter -= 1.0 * gradient
    # [end]
    p = softmax(np.maximum(x @ W1 + b1, 0) @ W2 + b2)
    print(f"right: {np.mean(p.argmax(axis=1) == y.argmax(axis=1)):.0%}")


if __name__ == "__main__":
    each_activation()
    growing()
    shifted()
    own_gradient()
    p_minus_one()
    batch_mean()
    train()
