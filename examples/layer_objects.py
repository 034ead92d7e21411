"""Question e: layer objects with forward and backward, local gradient times global gradient."""

import numpy as np

import retrograd as rg
from retrograd.data.digits import load_digits


# [layers]
class Linear:
    def __init__(self, inputs, outputs, rng):
        self.W = rng.normal(size=(inputs, outputs)) * np.sqrt(2 / inputs)
        self.b = np.zeros(outputs)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, g):  # g: the gradient from above, for what forward returned
        self.dW = self.x.T @ g
        self.db = g.sum(axis=0)
        return g @ self.W.T  # the gradient for what forward was given


class ReLU:
    def forward(self, z):
        self.z = z
        return np.maximum(z, 0)

    def backward(self, g):
        return g * (self.z > 0)  # local gradient times global gradient, entry by entry


class Softmax:
    def forward(self, z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        self.p = e / e.sum(axis=1, keepdims=True)
        return self.p

    def backward(self, g):
        # the local gradient is a matrix for each row: J = diag(p) - p p.T, and this is J.T @ g
        return self.p * (g - (g * self.p).sum(axis=1, keepdims=True))


class CrossEntropy:
    def forward(self, p, y):
        self.p, self.y = p, y
        return -np.mean(np.log(p[np.arange(len(y)), y]))

    def backward(self):
        g = np.zeros_like(self.p)
        rows = np.arange(len(self.y))
        g[rows, self.y] = -1 / self.p[rows, self.y] / len(self.y)
        return g


# [end]


class Network:
    def __init__(self, sizes, rng):
        self.layers = []
        for inputs, outputs in zip(sizes, sizes[1:], strict=False):
            self.layers += [Linear(inputs, outputs, rng), ReLU()]
        self.layers[-1] = Softmax()
        self.loss = CrossEntropy()

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self):
        g = self.loss.backward()
        for layer in reversed(self.layers):
            g = layer.backward(g)
        return g


def against_retrograd():
    print("== against retrograd")
    rng = np.random.default_rng(0)
    network = Network([4, 6, 5, 3], rng)
    x, y = rng.normal(size=(7, 4)), rng.integers(0, 3, size=7)
    network.loss.forward(network.forward(x), y)
    network.backward()
    linear = [layer for layer in network.layers if isinstance(layer, Linear)]
    for number, layer in enumerate(linear):

        def loss(W, number=number):
            a = x
            for n, other in enumerate(linear):
                z = a @ (W if n == number else other.W) + other.b
                a = np.maximum(z, 0) if n < 2 else z
            e = np.exp(a - a.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            return -np.mean(np.log(p[np.arange(len(y)), y]))

        same = np.allclose(layer.dW, rg.grad(loss)(layer.W))
        print(f"layer {number + 1}: dW {layer.dW.shape} the same: {same}")


def deltas():
    print("== deltas")
    rng = np.random.default_rng(0)
    # [deltas]
    x, y = rng.normal(size=(7, 4)), np.eye(3)[rng.integers(0, 3, size=7)]
    l1, l2, l3 = Linear(4, 6, rng), Linear(6, 5, rng), Linear(5, 3, rng)
    relu1, relu2, softmax = ReLU(), ReLU(), Softmax()
    p = softmax.forward(l3.forward(relu2.forward(l2.forward(relu1.forward(l1.forward(x))))))
    delta3 = (p - y) / len(y)  # softmax and cross-entropy at once
    delta2 = (delta3 @ l3.W.T) * (relu2.z > 0)  # global gradient times local gradient
    delta1 = (delta2 @ l2.W.T) * (relu1.z > 0)
    # [end]
    by_layers = softmax.backward(-y / p / len(y))
    print("delta3 = what the two layers hand back:", np.allclose(delta3, by_layers))
    by_layers = relu2.backward(l3.backward(by_layers))
    print("delta2 = what the next two hand back:  ", np.allclose(delta2, by_layers))
    by_layers = relu1.backward(l2.backward(by_layers))
    print("delta1 = and the next two:             ", np.allclose(delta1, by_layers))


def train():
    print("== train")
    data = load_digits()
    rng = np.random.default_rng(0)
    network = Network([64, 32, 32, 10], rng)
    x, y = data.X_train, data.y_train
    for epoch in range(20):
        order = rng.permutation(len(x))
        for start in range(0, len(x), 32):
            rows = order[start : start + 32]
            network.loss.forward(network.forward(x[rows]), y[rows])
            network.backward()
            for layer in network.layers:
                if isinstance(layer, Linear):
                    layer.W -= 0.2 * layer.dW
                    layer.b -= 0.2 * layer.db
    right = np.mean(network.forward(data.X_test).argmax(axis=1) == data.y_test)
    print("more than 95% of the test digits are right:", right > 0.95)


# [the asker's layer]
class AskersSoftmax:
    def forward(self, z):
        self.input = z
        e = np.exp(z - z.max())
        self.value = e / e.sum()
        self.gradient = np.zeros_like(z)

    def backward(self):
        for i in range(len(self.value)):
            for j in range(len(self.input)):
                if i == j:
                    self.gradient[i] = self.value[i] * (1 - self.input[i])
                else:
                    self.gradient[i] = -self.value[i] * self.input[j]


# [end]


def askers_layer():
    print("== the asker's layer")
    z = np.array([1.0, 2.0, -0.5])
    layer = AskersSoftmax()
    layer.forward(z)
    layer.backward()
    p = layer.value
    J = rg.jacobian(lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum())(z)
    print("p                                  ", p.round(3))
    print("the asker's gradient               ", layer.gradient.round(3))
    print("what is left of the loops          ", (-p * z[-1]).round(3)[:-1], "and", end=" ")
    print((p[-1] * (1 - z[-1])).round(3))
    mended = np.array([[p[i] * ((i == j) - p[j]) for j in range(3)] for i in range(3)])
    print("the true Jacobian\n", J.round(3))
    print("p[i] * (1{i=j} - p[j]), all of it kept, is it:", np.allclose(mended, J))


# [mended]
class MendedSoftmax(AskersSoftmax):
    def backward(self, g):  # g: the global gradient, one number for each output
        for j in range(len(self.input)):
            self.gradient[j] = 0
            for i in range(len(self.value)):
                local = self.value[i] * ((i == j) - self.value[j])  # J[i, j], of p, not of z
                self.gradient[j] += g[i] * local  # added up, not overwritten
        return self.gradient


# [end]


def mended_layer():
    print("== mended")
    z, y = np.array([1.0, 2.0, -0.5]), np.array([0.0, 1.0, 0.0])
    layer = MendedSoftmax()
    layer.forward(z)
    print("fed with -y / p it hands back      ", layer.backward(-y / layer.value).round(3))
    print("p - y                              ", (layer.value - y).round(3))


if __name__ == "__main__":
    against_retrograd()
    deltas()
    train()
    askers_layer()
    mended_layer()
