"""Operands for the tests that walk the op table; each op's declaration lists some."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

Draw = Callable[[np.random.Generator], Any]


@dataclass(frozen=True)
class Sample:
    """One call of an op: how its operands are drawn, and its parameters."""

    operands: Sequence[Draw]
    params: dict[str, Any] = field(default_factory=dict)


def normal(*shape: int) -> Draw:
    """Standard normal numbers, away from 0, where kinks are."""

    def draw(rng: np.random.Generator) -> Any:
        x = rng.normal(size=shape)
        return x + 0.1 * np.sign(x)

    return draw


def positive(*shape: int) -> Draw:
    """Numbers from 0.5 to 2."""
    return lambda rng: rng.uniform(0.5, 2.0, size=shape)


def inside(*shape: int) -> Draw:
    """Numbers from -0.9 to 0.9."""
    return lambda rng: rng.uniform(-0.9, 0.9, size=shape)


def above_one(*shape: int) -> Draw:
    """Numbers from 1.2 to 3."""
    return lambda rng: rng.uniform(1.2, 3.0, size=shape)


def square(n: int) -> Draw:
    """A matrix that is well away from being singular."""
    return lambda rng: rng.normal(size=(n, n)) + 3 * np.eye(n)


def booleans(*shape: int) -> Draw:
    """True or False."""
    return lambda rng: rng.random(size=shape) < 0.5


def fixed(value: Any) -> Draw:
    """The same every time."""
    return lambda rng: value


def call(*operands: Draw, **params: Any) -> Sample:
    """A call with these operands and parameters."""
    return Sample(operands, params)


SHAPES: tuple[tuple[int, ...], ...] = ((), (1,), (3,), (3, 1), (1, 4), (3, 4), (2, 3, 4))


def unary(draw: Callable[..., Draw] = normal) -> list[Sample]:
    """One operand in every kind of shape."""
    return [call(draw(*shape)) for shape in SHAPES]


def binary(left: Callable[..., Draw] = normal, right: Callable[..., Draw] = normal) -> list[Sample]:
    """Two operands in every pair of shapes that broadcasts."""
    return [call(left(*a), right(*b)) for a, b in _broadcasting_pairs()]


@cache
def _broadcasting_pairs() -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    def fit(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
        return all(n == m or 1 in (n, m) for n, m in zip(a[::-1], b[::-1], strict=False))

    return [(a, b) for a in SHAPES for b in SHAPES if fit(a, b)]


def reductions(draw: Callable[..., Draw] = normal) -> list[Sample]:
    """Every shape, with no, single, negative and several axes, keepdims both ways."""
    samples = []
    for shape in SHAPES:
        axes: list[Any] = [None, *range(-len(shape), len(shape))]
        if len(shape) > 1:
            axes += [(0, 1), (-1, 0)]
        for axis in axes:
            samples += [call(draw(*shape), axis=axis, keepdims=keep) for keep in (False, True)]
    return samples
