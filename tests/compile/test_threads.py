"""Several threads: the numbers of one, the same bits again, and nobody who waits forever."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import retrograd as rg
from compile.test_steps import beginners, drawn, hinge, normalized, relu, softmax_loss, squares
from retrograd.optimizers import SGD, Adam

pytest.importorskip("numba")

from retrograd.compiled.crew import Crew
from retrograd.native.kept import Native
from retrograd.native.waiting import done, fail, take, wait
from retrograd.native.work import shared_work


def trained(
    loss: Any, threads: int | None, dtype: Any = np.float64, rows: int = 48
) -> tuple[list[float], dict[str, Any]]:
    p, X, y = drawn(dtype)
    step = rg.compile_step(loss, Adam(0.01), p, threads=threads)
    order = np.random.default_rng(2).permutation(len(X))[:rows]
    losses = [step(X[:12], y[:12]), step(X[:11], y[:11])]
    losses += [step.epoch((X, y), order, batch_size=20) for _ in range(3)]
    return losses, p


LOSSES = [
    relu,
    normalized,
    pytest.param(beginners, marks=pytest.mark.slow),
    pytest.param(hinge, marks=pytest.mark.slow),
    pytest.param(squares, marks=pytest.mark.slow),
]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda f: f.__name__)
def test_threads_compute_what_one_does(loss: Any) -> None:
    (one, p), (three, q) = trained(loss, 1), trained(loss, 3)
    assert three == pytest.approx(one, rel=1e-9)
    for name in p:
        np.testing.assert_allclose(q[name], p[name], rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("threads", [2, 5])
def test_the_same_bits_again(threads: int) -> None:
    runs = [trained(relu, threads, np.float32) for _ in range(4)]
    for losses, p in runs[1:]:
        assert losses == runs[0][0]
        assert all(np.array_equal(p[name], runs[0][1][name]) for name in p)


def column_statistics(p: Any, x: Any, y: Any) -> Any:
    """What a row needs here depends on all other rows."""
    z = x @ p["W1"] + p["b1"]
    z = z - z.sum(axis=0) / len(x)
    z = z / np.sqrt((z**2).sum(axis=0) / len(x) + 1e-3)
    return softmax_loss(np.tanh(z) @ p["W2"] + p["b2"], y)


def test_rows_that_need_all_others() -> None:
    p, X, y = drawn(np.float64)
    text = rg.compile_step(column_statistics, Adam(), p, threads=2).compiled_source(X, y)
    assert text.count("wait(sync") > 6  # in a step, and in an epoch
    (one, p), (two, q) = trained(column_statistics, 1), trained(column_statistics, 2)
    assert two == pytest.approx(one, rel=1e-8, abs=1e-8)
    for name in p:
        np.testing.assert_allclose(q[name], p[name], rtol=1e-4, atol=1e-7)


def test_a_wrong_label_stops_all_threads() -> None:
    p, X, y = drawn(np.float32)
    step = rg.compile_step(relu, Adam(), p, threads=3)
    step(X, y)
    y[40] = 99
    with pytest.raises(IndexError):
        step(X, y)
    y[40] = 0
    assert np.isfinite(step(X, y))  # and they work again


def test_a_loss_that_is_not_finite_changes_nothing() -> None:
    p, X, y = drawn(np.float32)
    before = {n: a.copy() for n, a in p.items()}
    X[3, 2] = np.nan
    step = rg.compile_step(relu, Adam(), p, threads=2)
    assert np.isnan(step(X, y))
    assert all(np.array_equal(p[n], before[n]) for n in p)
    loss, row = step.batches((X, y), np.arange(8, 48), 8)
    assert np.isfinite(loss) and row == -1
    loss, row = step.batches((X, y), np.arange(40, -1, -1), 8)
    assert np.isnan(loss) and row == 32


def test_a_trainer_with_threads() -> None:
    from retrograd.layers import Dense, ReLU, Sequential

    X, y = np.random.default_rng(0).normal(size=(90, 6)), np.arange(90) % 3
    found = []
    for threads in (1, 2):
        model = Sequential(Dense(8), ReLU(), Dense(3))
        trainer = rg.Trainer(model, optimizer=SGD(0.1), backend="compiled", threads=threads)
        found.append(trainer.fit(X, y, epochs=3, batch_size=16).losses)
    assert found[1] == pytest.approx(found[0], rel=1e-5)


def work(threads: int, parts: int) -> Any:
    return shared_work(parts, [0] * threads)


def test_each_part_is_taken_once() -> None:
    sync = work(2, 4)
    assert [take(sync, 1, 1, 4) for _ in range(5)] == [2, 3, 0, 1, -1]
    assert take(sync, 1, 0, 4) == -1
    assert take(sync, 2, 0, 4) == 0  # the next segment


def test_a_thread_that_comes_late_takes_nothing() -> None:
    sync = work(2, 2)
    for segment in (1, 2):
        for part in (0, 1):
            assert take(sync, segment, 0, 2) == part
            done(sync, segment, 2)
        wait(sync, segment, 0, 2)
    assert take(sync, 1, 1, 2) == -1
    wait(sync, 1, 1, 2)  # at once


def test_who_waits_hears_of_a_failure() -> None:
    sync = work(1, 1)
    fail(sync)
    assert take(sync, 1, 0, 1) == -1
    with pytest.raises(RuntimeError):
        wait(sync, 1, 0, 1)


TOGETHER = """
from retrograd.native.functions import kernel
from retrograd.native.waiting import done, fail, take, wait

@kernel
def failed(thread, sync):
    fail(sync)

@kernel
def run(thread, sync, parts, counts, limit):
    for segment in range(1, 200):
        part = take(sync, segment, thread, parts)
        while part >= 0:
            counts[part] += 1
            if counts[part] > limit:
                raise ValueError("enough")
            done(sync, segment, parts)
            part = take(sync, segment, thread, parts)
        wait(sync, segment, thread, parts)
        for k in range(parts):
            if counts[k] < segment:
                raise ValueError("too early")
"""


def test_all_come_together_many_times() -> None:
    crew = Crew(4)
    counts = np.zeros(crew.parts, np.int64)
    calls = crew.calls(Native(TOGETHER, "nothing"), "run", counts, 1000)
    crew(calls)
    assert counts.tolist() == [199] * crew.parts
    for call in calls:
        call.set(4, 300)
    with pytest.raises(ValueError, match="enough"):  # and nobody waits for who has failed
        crew(calls)
    counts[:] = 0
    crew(calls)
    assert counts.tolist() == [199] * crew.parts


def factors(p: Any, x: Any, y: Any) -> Any:
    """W1.T @ ..., the gradient of W2, reads all of a matrix that is trained, as late as it can."""
    return relu(p, x, y) + 0.01 * ((p["W1"] @ p["W2"]) ** 2).sum()


def test_what_is_read_is_not_updated_yet() -> None:
    p, X, y = drawn(np.float64)
    text = rg.compile_step(factors, Adam(), p, threads=2).compiled_source(X, y)
    step = text[text.index("def step(") : text.index("def epoch(")]
    *before, last, _ = step.split("wait(sync")
    assert "update_run" in last
    assert "gemm" not in last
    assert not any("update_run" in segment for segment in before)
    (one, p), (two, q) = trained(factors, 1), trained(factors, 2)
    assert two == pytest.approx(one, rel=1e-9)
    for name in p:
        np.testing.assert_allclose(q[name], p[name], rtol=1e-7, atol=1e-10)
