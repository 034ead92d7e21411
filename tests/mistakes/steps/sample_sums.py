"""One example after the other, sums that are kept between steps, a velocity for each weight."""

import numpy as np

rate, momentum = 0.05, 0.8
sums = {}
velocity = {}


def hidden(w, x):
    return 1 / (1 + np.exp(-w.dot(x)))


def loss(inputs):
    total = 0.0
    for x, t in zip(inputs["X"], inputs["T"]):
        out = inputs["w2"].dot(hidden(inputs["w1"], x))
        total += 0.5 * np.sum((out - t) ** 2)
    return float(total)


def start(inputs):
    for name in ("w1", "w2"):
        sums[name] = np.zeros_like(inputs[name])
        velocity.setdefault(name, np.zeros_like(inputs[name]))


def step(inputs):
    start(inputs)
    for x, t in zip(inputs["X"], inputs["T"]):
        h = hidden(inputs["w1"], x)
        error = inputs["w2"].dot(h) - t
        sums["w2"] += np.outer(error, h)
        sums["w1"] += np.outer(inputs["w2"].T.dot(error) * h * (1 - h), x)
    for name in ("w1", "w2"):
        velocity[name] = momentum * velocity[name] - rate * sums[name]
        inputs[name] += velocity[name]


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    return {
        "w1": rng.normal(size=(6, 3)),
        "w2": rng.normal(size=(2, 6)),
        "X": rng.normal(size=(5, 3)),
        "T": rng.normal(size=(5, 2)),
    }
