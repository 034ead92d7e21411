"""scikit-learn's MLPClassifier, where it has the network: ReLU or tanh, three classes or more."""

from __future__ import annotations

import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.contenders import Ways
from benchmarks.workloads import RATE, Workload


def prepare(workload: Workload, threads: int) -> Ways:
    """One way: a pass with partial_fit. Its shuffling is off, so that all see the same batches."""
    X, y = workload.data()
    classes = np.arange(workload.sizes[-1])
    if workload.kind not in ("relu", "tanh") or len(classes) < 3:
        return {}
    options = {"alpha": 0.0, "shuffle": False, "learning_rate_init": RATE, "tol": 0.0}
    network = MLPClassifier(
        workload.sizes[1:-1], activation=workload.kind, batch_size=workload.batch, **options
    )
    network.partial_fit(X[:1], y[:1], classes=classes)  # makes its arrays
    params = workload.parameters()
    network.coefs_[:], network.intercepts_[:] = params[::2], params[1::2]
    del network._optimizer

    def calls() -> float:
        network.partial_fit(X, y)
        return float(network.loss_)

    return {"scikit-learn": calls}
