"""Word vectors, averaged over a window, then a softmax; repeated words."""

import numpy as np


def forward(p):
    vectors = p["E"][p["words"]]
    h = vectors.mean(axis=1)
    s = h @ p["U"]
    e = np.exp(s - s.max(axis=1, keepdims=True))
    return h, e / e.sum(axis=1, keepdims=True)


def loss(inputs):
    _, p = forward(inputs)
    return float(-np.log(p[np.arange(len(p)), inputs["targets"]]).sum())


def grads(inputs):
    h, p = forward(inputs)
    ds = p.copy()
    ds[np.arange(len(p)), inputs["targets"]] -= 1
    dU = h.T @ ds
    dh = ds @ inputs["U"].T
    dE = np.zeros_like(inputs["E"])
    window = inputs["words"].shape[1]
    for k in range(window):
        np.add.at(dE, inputs["words"][:, k], dh / window)
    return {"dE": dE, "dU": dU}


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    return {
        "E": rng.normal(size=(6, 4)),
        "U": rng.normal(size=(4, 6)),
        "words": rng.integers(0, 6, (8, 3)),
        "targets": rng.integers(0, 6, 8),
    }
