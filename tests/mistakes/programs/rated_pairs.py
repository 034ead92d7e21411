"""Vectors of users and items, a product for each rated pair, squared error with a penalty."""

import numpy as np

lam = 0.1


def predicted(p):
    return np.sum(p["U"][p["who"]] * p["V"][p["what"]], axis=1) + p["bias"][p["what"]]


def loss(inputs):
    e = predicted(inputs) - inputs["stars"]
    penalty = lam * (np.sum(inputs["U"] ** 2) + np.sum(inputs["V"] ** 2))
    return float(0.5 * np.sum(e**2) + penalty)


def grads(inputs):
    e = predicted(inputs) - inputs["stars"]
    dU = 2 * lam * inputs["U"]
    dV = 2 * lam * inputs["V"]
    dbias = np.zeros(len(inputs["bias"]))
    np.add.at(dU, inputs["who"], e[:, None] * inputs["V"][inputs["what"]])
    np.add.at(dV, inputs["what"], e[:, None] * inputs["U"][inputs["who"]])
    np.add.at(dbias, inputs["what"], e)
    return {"dU": dU, "dV": dV, "dbias": dbias}


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    return {
        "U": rng.normal(size=(4, 3)),
        "V": rng.normal(size=(5, 3)),
        "bias": rng.normal(size=5),
        "who": np.array([0, 1, 2, 3, 0, 1, 2, 0, 3]),
        "what": np.array([4, 3, 2, 1, 0, 0, 2, 2, 4]),
        "stars": rng.uniform(1, 5, 9),
    }
