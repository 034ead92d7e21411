"""Five epochs of MNIST as whole processes: `python -m benchmarks.mnist --data DIRECTORY`.

784-128-10, ReLU, batches of 128, Adam with 0.001; reading the files, training, testing. Printed are
the time of the process from its start to its end, its largest memory, and the accuracy on the test
images. Everybody is run once before, so that what is kept on the disk is there.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import environment, pin
from benchmarks.workloads import RATE, Workload

EPOCHS, BATCH, HIDDEN = 5, 128, 128


def images(folder: Path, name: str) -> tuple[Any, Any]:
    """Pixels (N, 784) and labels (N,), both uint8."""

    def content(kind: str) -> bytes:
        file = folder / f"{name}-{kind}"
        if file.exists():
            return file.read_bytes()
        return gzip.decompress(file.with_name(f"{file.name}.gz").read_bytes())

    pixels = np.frombuffer(content("images-idx3-ubyte"), np.uint8, offset=16)
    return pixels.reshape(-1, 784), np.frombuffer(content("labels-idx1-ubyte"), np.uint8, offset=8)


def first_parameters() -> list[Any]:
    """W1, b1, W2, b2 in float32."""
    return Workload("", (784, HIDDEN, 10), BATCH, 1).parameters()


def with_retrograd(folder: Path) -> float:
    """The Trainer on pixels as they are."""
    import retrograd as rg
    from retrograd.data import load_mnist
    from retrograd.layers import Dense, ReLU, Rescale, Sequential
    from retrograd.train import evaluate

    data = load_mnist(folder, dtype=np.uint8)
    model = Sequential(Rescale(1 / 255), Dense(HIDDEN), ReLU(), Dense(10))
    trainer = rg.Trainer(model, optimizer=rg.optimizers.Adam(RATE), seed=0)
    trainer.fit(data.X_train, data.y_train, epochs=EPOCHS, batch_size=BATCH)
    return evaluate(model, trainer.loss, data.X_test, data.y_test).accuracy


def with_numpy(folder: Path) -> float:
    """The same as NumPy text."""
    import retrograd as rg
    from retrograd.data import load_mnist
    from retrograd.layers import Dense, ReLU, Sequential
    from retrograd.train import evaluate

    data = load_mnist(folder)
    model = Sequential(Dense(HIDDEN), ReLU(), Dense(10))
    trainer = rg.Trainer(model, optimizer=rg.optimizers.Adam(RATE), seed=0, backend="numpy")
    trainer.fit(data.X_train, data.y_train, epochs=EPOCHS, batch_size=BATCH)
    return evaluate(model, trainer.loss, data.X_test, data.y_test).accuracy


def with_jax(folder: Path, scan: bool = False) -> float:
    """A jitted step for each batch, or lax.scan over an epoch."""
    from functools import partial

    import jax
    import jax.numpy as jnp

    from benchmarks.contenders.jax import adam, begin
    from benchmarks.losses import loss_of

    (X, y), (X_test, y_test) = images(folder, "train"), images(folder, "t10k")
    loss_and_grad = jax.value_and_grad(loss_of("relu", jnp))

    def update(state, x, t):
        _, grads = loss_and_grad(state[0], x.astype(jnp.float32) / 255, t)
        return adam(state, grads)

    step = jax.jit(update, donate_argnums=0)

    @partial(jax.jit, donate_argnums=0)
    def epoch(state, X, y, order):
        def body(state, rows):
            return update(state, X[rows], y[rows]), None

        return jax.lax.scan(body, state, order)[0]

    state = begin(first_parameters())
    rng = np.random.default_rng(0)
    whole = len(X) // BATCH * BATCH
    device = (jnp.array(X), jnp.array(y)) if scan else None
    for _ in range(EPOCHS):
        order = rng.permutation(len(X))
        if device is not None:
            state = epoch(state, *device, jnp.array(order[:whole]).reshape(-1, BATCH))
            state = step(state, X[order[whole:]], y[order[whole:]])
        else:
            for k in range(0, len(X), BATCH):
                rows = order[k : k + BATCH]
                state = step(state, X[rows], y[rows])
    W1, b1, W2, b2 = (np.asarray(p) for p in state[0])
    found = np.maximum(X_test.astype(np.float32) / 255 @ W1 + b1, 0) @ W2 + b2
    return float((found.argmax(axis=1) == y_test).mean())


def with_jax_scan(folder: Path) -> float:
    """lax.scan over an epoch."""
    return with_jax(folder, scan=True)


def with_torch(folder: Path) -> float:
    """Eager, with fused Adam."""
    import torch

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    (X, y), (X_test, y_test) = images(folder, "train"), images(folder, "t10k")
    W1, b1, W2, b2 = params = [torch.tensor(p, requires_grad=True) for p in first_parameters()]
    adam = torch.optim.Adam(params, lr=RATE, fused=True)
    rng = np.random.default_rng(0)
    data, labels = torch.tensor(X), torch.tensor(y.astype(np.int64))
    for _ in range(EPOCHS):
        order = torch.tensor(rng.permutation(len(X)))
        for k in range(0, len(X), BATCH):
            rows = order[k : k + BATCH]
            adam.zero_grad(set_to_none=True)
            h = torch.relu(torch.addmm(b1, data[rows].float() / 255, W1))
            loss = torch.nn.functional.cross_entropy(torch.addmm(b2, h, W2), labels[rows])
            loss.backward()
            adam.step()
    with torch.no_grad():
        h = torch.relu(torch.addmm(b1, torch.tensor(X_test).float() / 255, W1))
        return float((torch.addmm(b2, h, W2).argmax(1).numpy() == y_test).mean())


def with_sklearn(folder: Path) -> float:
    """MLPClassifier."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore", ConvergenceWarning)
    (X, y), (X_test, y_test) = images(folder, "train"), images(folder, "t10k")
    options = {"batch_size": BATCH, "learning_rate_init": RATE, "random_state": 0, "alpha": 0.0}
    model = MLPClassifier((HIDDEN,), max_iter=EPOCHS, n_iter_no_change=100, **options)
    model.fit(X.astype(np.float32) / 255, y)
    return float(model.score(X_test.astype(np.float32) / 255, y_test))


CONTENDERS = {
    "retrograd": with_retrograd,
    "NumPy text": with_numpy,
    "JAX jit": with_jax,
    "JAX scan": with_jax_scan,
    "torch": with_torch,
    "scikit-learn": with_sklearn,
}


def process(name: str, folder: Path, cores: tuple[int, ...]) -> tuple[float, float, float]:
    """Seconds, megabytes and accuracy of a contender's process."""
    command = [sys.executable, "-m", "benchmarks.mnist", "--data", str(folder), "--run", name]
    start = time.perf_counter()
    done = subprocess.run(
        command,
        env=environment(len(cores)),
        preexec_fn=lambda: pin(cores),
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - start
    accuracy, memory = json.loads(done.stdout.splitlines()[-1])
    return seconds, memory, accuracy


def main() -> None:
    """Run them in turn."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mnist", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the directory of MNIST's files")
    parser.add_argument("--cores", type=int, default=1, help="how many cores to use (1)")
    parser.add_argument("--busy", action="store_true", help="another process keeps the last busy")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--contenders", default=",".join(CONTENDERS))
    parser.add_argument("--run", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        import resource

        accuracy = CONTENDERS[options.run](options.data)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps([accuracy, memory]))
        return
    cores = tuple(sorted(os.sched_getaffinity(0))[: options.cores])
    names = options.contenders.split(",")
    if unknown := set(names) - set(CONTENDERS):
        parser.error(f"{', '.join(unknown)}: not one of {', '.join(CONTENDERS)}")
    for name in names:
        process(name, options.data, cores)
    other = None
    if options.busy:
        code = "while True: pass"
        other = subprocess.Popen([sys.executable, "-c", code], preexec_fn=lambda: pin(cores[-1:]))
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in names}
    for _ in range(options.rounds):
        for name in names:
            found[name].append(process(name, options.data, cores))
    if other is not None:
        other.kill()
    print(f"{len(cores)} cores{', the last one busy' if options.busy else ''}")
    print("              minimum s  median s   MB  accuracy")
    for name, runs in found.items():
        seconds = [run[0] for run in runs]
        print(
            f"{name:12}  {min(seconds):9.2f}  {statistics.median(seconds):8.2f}"
            f"  {max(run[1] for run in runs):4.0f}  {runs[0][2]:.4f}"
        )


if __name__ == "__main__":
    main()
