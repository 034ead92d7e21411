"""Lists of weights, one example at a time, sums over a mini-batch; squared error."""

import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


class Network:
    def __init__(self, weights, biases):
        self.weights, self.biases = weights, biases

    def feedforward(self, a):
        for b, w in zip(self.biases, self.weights):
            a = sigmoid(np.dot(w, a) + b)
        return a

    def backprop(self, x, y):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        activation = x
        activations = [x]
        zs = []
        for b, w in zip(self.biases, self.weights):
            z = np.dot(w, activation) + b
            zs.append(z)
            activation = sigmoid(z)
            activations.append(activation)
        delta = self.cost_derivative(activations[-1], y) * sigmoid_prime(zs[-1])
        nabla_b[-1] = delta
        nabla_w[-1] = np.dot(delta, activations[-2].transpose())
        for l in range(2, len(self.weights) + 1):
            sp = sigmoid_prime(zs[-l])
            delta = np.dot(self.weights[-l + 1].transpose(), delta) * sp
            nabla_b[-l] = delta
            nabla_w[-l] = np.dot(delta, activations[-l - 1].transpose())
        return nabla_b, nabla_w

    def cost_derivative(self, output_activations, y):
        return output_activations - y

    def mini_batch(self, batch):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in batch:
            delta_b, delta_w = self.backprop(x, y)
            nabla_b = [nb + dnb for nb, dnb in zip(nabla_b, delta_b)]
            nabla_w = [nw + dnw for nw, dnw in zip(nabla_w, delta_w)]
        n = len(batch)
        return [nb / n for nb in nabla_b], [nw / n for nw in nabla_w]


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    return {
        "w0": rng.normal(size=(6, 4)),
        "w1": rng.normal(size=(3, 6)),
        "b0": rng.normal(size=(6, 1)),
        "b1": rng.normal(size=(3, 1)),
        "X": rng.normal(size=(5, 4)),
        "Y": rng.random((5, 3)),
    }


def build(i):
    net = Network([i["w0"], i["w1"]], [i["b0"], i["b1"]])
    return net, [(x.reshape(-1, 1), y.reshape(-1, 1)) for x, y in zip(i["X"], i["Y"])]


def loss(inputs):
    net, batch = build(inputs)
    return float(sum(0.5 * np.sum((net.feedforward(x) - y) ** 2) for x, y in batch) / len(batch))


def grads(inputs):
    net, batch = build(inputs)
    (db0, db1), (dw0, dw1) = net.mini_batch(batch)
    return {"dw0": dw0, "dw1": dw1, "db0": db0, "db1": db1}
