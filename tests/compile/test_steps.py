"""Compiled training against the NumPy text: the same loss, step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import retrograd as rg
from retrograd.errors import ArgumentError, NumericsError
from retrograd.optimizers import SGD, Adagrad, Adam, AdamW, Optimizer, RAdam, RMSprop

pytest.importorskip("numba")

N, D, K, C = 12, 5, 7, 3


def softmax_loss(z: Any, y: Any) -> Any:
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(y)), y].mean()


def relu(p: Any, x: Any, y: Any) -> Any:
    return softmax_loss(np.maximum(x @ p["W1"] + p["b1"], 0) @ p["W2"] + p["b2"], y)


def tanh(p: Any, x: Any, y: Any) -> Any:
    return softmax_loss(np.tanh(x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"], y)


def gelu(p: Any, x: Any, y: Any) -> Any:
    z = x @ p["W1"] + p["b1"]
    h = 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))
    return softmax_loss(h @ p["W2"] + p["b2"], y)


def normalized(p: Any, x: Any, y: Any) -> Any:
    h = np.tanh(x @ p["W1"] + p["b1"])
    mean = h.mean(axis=1, keepdims=True)
    spread = ((h - mean) ** 2).mean(axis=1, keepdims=True)
    return softmax_loss(((h - mean) / np.sqrt(spread + 1e-5) + h) @ p["W2"] + p["b2"], y)


def squares(p: Any, x: Any, y: Any) -> Any:
    a = 1 / (1 + np.exp(-(x @ p["W1"] + p["b1"])))
    error = a @ p["W2"] + p["b2"] - np.eye(C, dtype=x.dtype)[y]
    return np.sum(error**2) / len(x) + 0.01 * np.sum(p["W1"] ** 2)


def beginners(p: Any, x: Any, y: Any) -> Any:
    """As it is pasted: `.dot`, labels by range, probabilities."""
    h = np.maximum(x.dot(p["W1"]) + p["b1"], 0)
    e = np.exp(h.dot(p["W2"]) + p["b2"])
    probs = e / e.sum(axis=1, keepdims=True)
    return -np.mean(np.log(probs[range(len(y)), y]))


def one_hot(p: Any, x: Any, y: Any) -> Any:
    a = 1 / (1 + np.exp(-(x @ p["W1"] + p["b1"])))
    targets = np.zeros((len(y), C), dtype=x.dtype)
    targets[np.arange(len(y)), y] = 1
    error = a @ p["W2"] + p["b2"] - targets
    return 0.5 * np.sum(error**2) / len(x) + 0.01 * np.sum(p["W1"] ** 2)


def hinge(p: Any, x: Any, y: Any) -> Any:
    scores = np.maximum(0, x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
    correct = scores[np.arange(len(y)), y][:, None]
    margins = np.maximum(0, scores - correct + 1)
    margins[np.arange(len(y)), y] = 0
    return np.sum(margins) / len(y)


def sorted_units(p: Any, x: Any, y: Any) -> Any:
    h = np.sort(np.tanh(x @ p["W1"] + p["b1"]), axis=1)
    return softmax_loss(h @ p["W2"] + p["b2"], y)


def drawn(dtype: Any, seed: int = 0) -> tuple[dict[str, Any], Any, Any]:
    r = np.random.default_rng(seed)
    p = {
        "W1": r.normal(size=(D, K)).astype(dtype),
        "b1": np.zeros(K, dtype),
        "W2": r.normal(size=(K, C)).astype(dtype),
        "b2": np.zeros(C, dtype),
    }
    return p, r.normal(size=(4 * N, D)).astype(dtype), r.integers(0, C, 4 * N)


def by_text(
    loss: Callable[..., Any], optimizer: Optimizer, p: dict[str, Any], x: Any, y: Any
) -> float:
    """One step as NumPy text."""
    value, gradients = rg.value_and_grad(loss)(p, x, y)
    flat = np.concatenate([a.ravel() for a in p.values()])
    optimizer.update(flat, np.concatenate([gradients[n].ravel() for n in p]))
    end = 0
    for array in p.values():
        array[...] = flat[end : end + array.size].reshape(array.shape)
        end += array.size
    return float(value)


LOSSES = [
    relu,
    pytest.param(tanh, marks=pytest.mark.slow),
    pytest.param(gelu, marks=pytest.mark.slow),
    normalized,
    beginners,
    pytest.param(one_hot, marks=pytest.mark.slow),
    pytest.param(hinge, marks=pytest.mark.slow),
    pytest.param(squares, marks=pytest.mark.slow),
    sorted_units,
]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", [np.float32, pytest.param(np.float64, marks=pytest.mark.slow)])
def test_200_steps(loss: Callable[..., Any], dtype: Any) -> None:
    p, X, y = drawn(dtype)
    q = {n: a.copy() for n, a in p.items()}
    step, optimizer = rg.compile_step(loss, SGD(0.05, momentum=0.9), p), SGD(0.05, momentum=0.9)
    for n in range(200):
        rows = slice(n % 4 * N, n % 4 * N + N)
        own, other = step(X[rows], y[rows]), by_text(loss, optimizer, q, X[rows], y[rows])
        assert own == pytest.approx(other, rel=2e-4 if dtype is np.float32 else 1e-10, abs=1e-5)
    assert step.optimizer.steps == 200


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(SGD, marks=pytest.mark.slow),
        lambda: SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
        lambda: SGD(0.1, momentum=0.9, dampening=0.5),
        pytest.param(Adam, marks=pytest.mark.slow),
        pytest.param(lambda: Adam(amsgrad=True), marks=pytest.mark.slow),
        pytest.param(lambda: AdamW(weight_decay=0.1), marks=pytest.mark.slow),
        pytest.param(Adagrad, marks=pytest.mark.slow),
        pytest.param(RMSprop, marks=pytest.mark.slow),
        RAdam,
        pytest.param(lambda: SGD(maximize=True), marks=pytest.mark.slow),
    ],
)
def test_optimizers(make: Callable[[], Optimizer]) -> None:
    p, X, y = drawn(np.float64)
    q = {n: a.copy() for n, a in p.items()}
    step, optimizer = rg.compile_step(tanh, make(), p), make()
    for _ in range(8):
        assert step(X, y) == pytest.approx(by_text(tanh, optimizer, q, X, y), rel=1e-9)
    for name in p:
        np.testing.assert_allclose(p[name], q[name], rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("loss", [relu, sorted_units], ids=lambda f: f.__name__)
def test_an_epoch_is_its_steps(loss: Callable[..., Any]) -> None:
    p, X, y = drawn(np.float64)
    q = {n: a.copy() for n, a in p.items()}
    order = np.random.default_rng(3).permutation(len(X))
    step, other = rg.compile_step(loss, Adam(0.01), p), rg.compile_step(loss, Adam(0.01), q)
    mean = step.epoch((X, y), order, batch_size=10)
    losses = [(other(X[r], y[r]), len(r)) for r in np.split(order, range(10, len(X), 10))]
    assert mean == pytest.approx(sum(v * n for v, n in losses) / len(X))
    assert step.optimizer.steps == other.optimizer.steps == len(losses)
    for name in p:
        np.testing.assert_allclose(p[name], q[name], rtol=1e-9)


def test_whole_numbers_are_converted_a_batch_at_a_time() -> None:
    p, X, y = drawn(np.float32)
    q = {n: a.copy() for n, a in p.items()}
    pixels = (np.abs(X) * 20).astype(np.uint8)
    one = rg.compile_step(relu, Adam(), p).epoch((pixels, y), batch_size=8)
    two = rg.compile_step(relu, Adam(), q).epoch((pixels.astype(np.float32), y), batch_size=8)
    assert one == two
    assert all(np.array_equal(p[n], q[n]) for n in p)


def test_runs_are_bit_identical() -> None:
    found = []
    for _ in range(2):
        p, X, y = drawn(np.float32)
        step = rg.compile_step(normalized, Adam(0.01), p)
        found.append([step.epoch((X, y), batch_size=7) for _ in range(5)])
    assert found[0] == found[1]


def test_parts_of_wider_arrays() -> None:
    p, X, y = drawn(np.float64)
    wide = np.random.default_rng(9).normal(size=(len(X), 3 * D))
    step = rg.compile_step(relu, SGD(1e-12), p)
    step(X, y)
    part = wide[:, D : 2 * D]  # not contiguous
    assert step(part, y) == pytest.approx(relu(p, part, y))
    p["W1"] = np.asfortranarray(p["W1"])
    assert step(part, y) == pytest.approx(relu(p, part, y))


def test_what_is_changed_outside_is_read_again() -> None:
    p, X, y = drawn(np.float64)
    optimizer = SGD(1e-12)
    step = rg.compile_step(relu, optimizer, p)
    step(X, y)
    p["W1"] = 2 * p["W1"]  # another array
    assert step(X, y) == pytest.approx(relu(p, X, y))
    optimizer.weight_decay = 1e9
    before = p["W2"].copy()
    step(X, y)
    np.testing.assert_allclose(p["W2"], before * (1 - 1e-3), rtol=1e-6)


@pytest.mark.filterwarnings("ignore::retrograd.RecordedAtEveryCall")
def test_a_loss_that_draws_is_not_frozen() -> None:
    p, X, y = drawn(np.float64)

    def noisy(p: Any, x: Any, y: Any) -> Any:
        return relu(p, x * (np.random.rand(*x.shape) < 0.5), y)

    step = rg.compile_step(noisy, SGD(1e-12), p)
    assert len({step(X, y) for _ in range(4)}) == 4


def test_captured_parameters() -> None:
    p, X, y = drawn(np.float32)
    W, b = p["W1"], p["b1"]

    def loss(x: Any, y: Any) -> Any:
        return softmax_loss(x @ W + b, y)

    before = W.copy()
    step = rg.compile_step(loss, SGD(0.1), wrt=["W", "b"])
    first = step(X, y)
    assert step(X, y) < first
    assert not np.array_equal(W, before)


def test_captured_parameters_in_float64() -> None:
    p, X, y = drawn(np.float64)
    W = p["W1"]

    def loss(x: Any, y: Any) -> Any:
        return softmax_loss(x @ W, y)

    step = rg.compile_step(loss, SGD(1e-12), wrt=["W"])
    assert step.epoch((X, y), batch_size=len(X)) == pytest.approx(loss(X, y))
    assert step.is_compiled((X, y), len(X))


def test_a_loss_that_is_not_finite_changes_nothing() -> None:
    p, X, y = drawn(np.float32)
    before = {n: a.copy() for n, a in p.items()}
    X[3, 2] = np.nan
    step = rg.compile_step(relu, Adam(), p)
    assert np.isnan(step(X, y))
    assert all(np.array_equal(p[n], before[n]) for n in p)
    with pytest.raises(NumericsError, match="RG301"):
        step.epoch((X, y), batch_size=N)


@pytest.mark.parametrize("label", [C, -C - 1])
def test_a_label_that_is_no_class(label: int) -> None:
    p, X, y = drawn(np.float32)
    step = rg.compile_step(relu, Adam(), p)
    step(X, y)
    y[5] = label
    with pytest.raises(IndexError):
        step(X, y)


def test_an_array_that_is_there_twice() -> None:
    W, x = np.eye(3), np.ones((2, 3))

    def loss(p: Any, x: Any) -> Any:
        return ((x @ p[0] @ p[1]) ** 2).sum()

    with pytest.raises(ArgumentError, match="RG601"):
        rg.compile_step(loss, SGD(0.1), [W, W])(x)
    assert np.isfinite(rg.compile_step(loss, SGD(0.1), [W, W.copy()])(x))


def test_without_parameters() -> None:
    with pytest.raises(ArgumentError, match="RG601"):
        rg.compile_step(relu)
