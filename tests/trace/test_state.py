"""What the recorded code finds outside of its arguments: never stale, never changed."""

from __future__ import annotations

import collections
import enum
import functools
import warnings
from typing import Any

import numpy as np
import pytest

import retrograd as rg

X = np.array([1.0, 2.0, 3.0])

lam = 0.1
WA = np.ones(3)
WB = WA
SETTINGS = {"a": 1.0, "b": 2.0}
MODES = {"x"}


class Config:
    lam = 0.1


class Mode(enum.Enum):
    fast = 1


@pytest.fixture(autouse=True)
def restored() -> Any:
    before = {k: globals()[k] for k in ("lam", "WA", "WB")}
    yield
    globals().update(before)
    Config.lam = 0.1
    SETTINGS.clear()
    SETTINGS.update(a=1.0, b=2.0)
    MODES.clear()
    MODES.add("x")


def test_a_global_number_that_changes() -> None:
    gradient = rg.grad(lambda w: lam * np.sum(w**2))
    np.testing.assert_allclose(gradient(X), 0.2 * X)
    globals()["lam"] = 0.5
    np.testing.assert_allclose(gradient(X), X)


def test_a_global_array_changed_in_place_and_rebound() -> None:
    gradient = rg.grad(lambda x: np.sum(WA * x))
    np.testing.assert_array_equal(gradient(X), np.ones(3))
    globals()["WA"] = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(gradient(X), X)
    WA[:] = 7.0
    np.testing.assert_array_equal(gradient(X), np.full(3, 7.0))


def test_two_names_for_one_array_that_part() -> None:
    def f(x: Any) -> Any:
        return np.sum(WA * x) + np.sum(WB * x**2)

    gradient = rg.grad(f)
    np.testing.assert_array_equal(gradient(X), 1 + 2 * X)
    globals()["WB"] = 3 * np.ones(3)
    np.testing.assert_array_equal(gradient(X), 1 + 6 * X)


def test_class_attributes_dicts_and_sets_are_guarded() -> None:
    def f(w: Any) -> Any:
        scale = sum(SETTINGS.values()) if "x" in MODES else 0.0
        return Config.lam * scale * np.sum(w**2)

    gradient = rg.grad(f)
    np.testing.assert_allclose(gradient(X), 2 * 0.3 * X)
    Config.lam = 0.5
    np.testing.assert_allclose(gradient(X), 2 * 1.5 * X)
    SETTINGS["b"] = 9.0
    np.testing.assert_allclose(gradient(X), 2 * 5.0 * X)
    MODES.clear()
    np.testing.assert_allclose(gradient(X), 0 * X)


class Model:
    rate = 2.0

    def __init__(self) -> None:
        self.W = np.ones(3)
        self.b = 2 * np.ones(3)

    @staticmethod
    def scaled(x: Any) -> Any:
        return lam * x

    def loss(self, x: Any) -> Any:
        self.cache = self.scaled(x) * self.W  # written, not read before: no state
        return np.sum(self.cache * getattr(self, "scale", 1.0)) * self.rate

    def over_all(self, x: Any) -> Any:
        return np.sum(x**2) + sum(np.sum(v * x) for v in vars(self).values())


def test_an_object_with_a_cache_a_static_method_and_an_attribute_that_comes_later() -> None:
    model = Model()
    gradient = rg.grad(model.loss)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(gradient(X), np.full(3, 0.2))
    assert not hasattr(model, "cache")
    model.scale = 5.0  # type: ignore[attr-defined]
    np.testing.assert_allclose(gradient(X), np.full(3, 1.0))
    globals()["lam"] = 1.0
    np.testing.assert_allclose(gradient(X), np.full(3, 10.0))
    model.W = 2 * np.ones(3)
    np.testing.assert_allclose(gradient(X), np.full(3, 20.0))
    np.testing.assert_allclose(rg.grad(Model().over_all)(X), 2 * X + 3)


def test_objects_with_slots_are_left_alone() -> None:
    class Slotted:
        __slots__ = ("W", "h")

        def __init__(self) -> None:
            self.W = np.ones(3)

        def loss(self, x: Any) -> Any:
            self.h = self.W * x
            return np.sum(self.h**2)

    thing = Slotted()
    np.testing.assert_allclose(rg.grad(thing.loss)(X), 2 * X)
    assert not hasattr(thing, "h")


def test_state_kept_between_calls_is_recorded_at_every_call_and_said_once() -> None:
    count = 0

    def counting(x: Any) -> Any:
        nonlocal count
        count += 1
        return count * np.sum(x)

    class Counter:
        t = 0.0

        def __init__(self) -> None:
            self.n = 1

        def loss(self, x: Any) -> Any:
            self.n += 1
            return self.n * np.sum(x)

    history: list[int] = []

    def appending(x: Any) -> Any:
        history.append(1)
        return len(history) * np.sum(x)

    for f in (counting, Counter().loss, appending):
        gradient = rg.grad(f)
        with pytest.warns(rg.RecordedAtEveryCall):
            gradient(X)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            gradient(X)
    assert (count, history) == (0, [])  # what the code writes goes to copies


def test_random_numbers_are_drawn_at_every_call() -> None:
    rng = np.random.default_rng(0)

    def dropout(x: Any) -> Any:
        return np.sum(x * (rng.random(3) < 0.5))

    gradient = rg.grad(dropout)
    with pytest.warns(rg.RecordedAtEveryCall, match="random"):
        found = [gradient(X) for _ in range(12)]
    assert len({tuple(g) for g in found}) > 2


def test_the_guards_of_an_inner_gradient_count_for_the_outer_one() -> None:
    inner = rg.grad(lambda w: lam * np.sum(w**3))
    outer = rg.grad(lambda w: inner(w).sum())
    np.testing.assert_allclose(outer(X), 0.6 * X)
    globals()["lam"] = 0.5
    np.testing.assert_allclose(outer(X), 3 * X)


def test_defaults_partials_and_containers_of_other_classes() -> None:
    def power(x: Any, n: int = 2, W: Any = np.ones(3)) -> Any:  # noqa: B008
        return np.sum(W * x**n)

    gradient = rg.grad(lambda x: power(x))
    for _ in range(2):
        np.testing.assert_allclose(gradient(X), 2 * X)
    np.testing.assert_allclose(rg.grad(functools.partial(power, n=3))(X), 3 * X**2)

    class Parameters(dict[str, Any]):
        pass

    held = Parameters(W=2 * np.ones(3))
    ordered = collections.OrderedDict(W=3 * np.ones(3))
    mode = Mode.fast

    def f(x: Any) -> Any:
        return np.sum((held["W"] + ordered["W"]) * x) if mode is Mode.fast else np.sum(x)

    np.testing.assert_allclose(rg.grad(f)(X), np.full(3, 5.0))


def test_arguments_and_globals_are_as_they_were() -> None:
    def f(x: Any) -> Any:
        x += 1
        x *= WA
        return np.sum(x**2)

    x = X.copy()
    np.testing.assert_allclose(rg.grad(f)(x), 2 * (X + 1))
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(WA, np.ones(3))


def test_a_pullback_belongs_to_the_arguments_that_were_given() -> None:
    a = X.copy()
    _, pullback = rg.vjp(lambda a: a**2, a)
    a[:] = 0
    np.testing.assert_allclose(pullback(np.ones(3))[0], 2 * X)
    _, pullback = rg.vjp(lambda a: a * WA, X)
    WA[:] = 5.0
    np.testing.assert_allclose(pullback(np.ones(3))[0], np.ones(3))
    WA[:] = 1.0


def test_what_is_drawn_or_changes_by_other_ways_is_noticed() -> None:
    import random
    import time
    from random import random as draw
    from types import SimpleNamespace

    import numpy.random as npr

    options = SimpleNamespace(scale=2.0)
    queue = collections.deque([1.0])
    clock = time.perf_counter
    numbers = {1}
    counted = 0

    def attribute(x: Any) -> Any:
        return attribute.scale * np.sum(x)  # type: ignore[attr-defined]

    attribute.scale = 2.0  # type: ignore[attr-defined]

    def bumping(x: Any) -> Any:
        def bump() -> None:
            nonlocal counted
            counted += 1

        bump()
        return counted * np.sum(x)

    def adding(x: Any) -> Any:
        numbers.add(len(numbers) + 10)
        return len(numbers) * np.sum(x)

    always = [
        lambda x: draw() * np.sum(x),
        lambda x: random.random() * np.sum(x),
        lambda x: npr.rand() * np.sum(x),
        lambda x: clock() * np.sum(x),
        lambda x: queue[0] * np.sum(x),
        bumping,
        adding,
    ]
    for f in always:
        with pytest.warns(rg.RecordedAtEveryCall):
            rg.grad(f)(X)
    gradient = rg.grad(lambda x: options.scale * np.sum(x))
    assert gradient(X)[0] == 2
    options.scale = 3.0
    assert gradient(X)[0] == 3
    gradient = rg.grad(attribute)
    assert gradient(X)[0] == 2
    attribute.scale = 3.0  # type: ignore[attr-defined]
    assert gradient(X)[0] == 3


class Operators:
    options = {"k": 2.0}  # noqa: RUF012

    def __neg__(self) -> Any:
        return lam * np.arange(3)


def test_operators_and_containers_of_a_class() -> None:
    thing = Operators()
    gradient = rg.grad(lambda x: np.sum(-thing * x) + Operators.options["k"] * np.sum(x))
    np.testing.assert_allclose(gradient(X), 0.1 * np.arange(3) + 2)
    globals()["lam"] = 1.0
    np.testing.assert_allclose(gradient(X), np.arange(3) + 2)
    Operators.options["k"] = 5.0
    np.testing.assert_allclose(gradient(X), np.arange(3) + 5)
    Operators.options["k"] = 2.0


def test_calls_with_defaults_and_names_are_recorded_once() -> None:
    recorded = []

    def f(x: Any, k: float = 2.0, c: Any = np.ones(3)) -> Any:  # noqa: B008
        print("recording", end="")
        return np.sum(k * c * x)

    import contextlib
    import io

    gradient = rg.grad(f)
    for call in (lambda: gradient(X), lambda: gradient(x=X, k=3.0), lambda: gradient(X, 4.0)):
        for _ in range(3):
            with contextlib.redirect_stdout(io.StringIO()) as output:
                call()
            recorded.append(output.getvalue())
    assert [bool(r) for r in recorded] == [True, False, False] * 3
