"""Checks of one operation that do not share its formula: differences of its value."""

from __future__ import annotations

from typing import Any

import numpy as np

import retrograd as rg
from retrograd.ops import Op, current_recorder
from retrograd.ops.samples import Sample


def runner(entry: Op, params: dict[str, Any]) -> Any:
    """The op as a function: recorded as one step while recording, computed otherwise."""

    def call(*operands: Any) -> Any:
        recorder = current_recorder()
        if recorder is not None:
            return recorder.record(entry, operands, params)
        with np.errstate(all="ignore"):
            return entry.run(*operands, **params)

    return call


def is_float(x: Any) -> bool:
    return x is not None and type(x) is not float and np.asarray(x).dtype.kind == "f"


def of_floats(entry: Op, params: dict[str, Any], operands: list[Any]) -> tuple[Any, list[Any]]:
    """The op as a function of its float arrays alone, and those arrays."""

    def f(*chosen: Any) -> Any:
        if entry.symmetric:
            chosen = tuple((x + x.swapaxes(-1, -2)) / 2 for x in chosen)
        left = iter(chosen)
        full = [next(left) if is_float(x) else x for x in operands]
        return runner(entry, params)(*full)

    return f, [np.asarray(x, dtype=np.float64) for x in operands if is_float(x)]


def along(f: Any, arrays: list[Any], g: Any, seed: int) -> tuple[float, float]:
    """The slope of sum(g * f) in a random direction: by the gradient, and by differences."""
    rng = np.random.default_rng(seed)
    directions = [rng.normal(size=x.shape) for x in arrays]
    _, pullback = rg.vjp(f, *arrays)
    gradients = pullback(g)
    ours = sum(float(np.sum(d * u)) for d, u in zip(gradients, directions, strict=True))

    def value(h: float) -> float:
        with np.errstate(all="ignore"):
            moved = [x + h * u for x, u in zip(arrays, directions, strict=True)]
            return float(np.sum(g * f(*moved)))

    coarse, fine = ((value(h) - value(-h)) / (2 * h) for h in (1e-4, 5e-5))
    return ours, (4 * fine - coarse) / 3


def check_gradient(entry: Op, params: dict[str, Any], operands: list[Any], seed: int) -> None:
    """Assert that the rule gives the slope of the value."""
    f, arrays = of_floats(entry, params, operands)
    out = f(*arrays)
    g = np.random.default_rng(seed + 1000).normal(size=np.shape(out))
    ours, numeric = along(f, arrays, g, seed)
    scale = 1 + float(np.sum(np.abs(g)))
    assert abs(ours - numeric) < 3e-7 * scale + 1e-6 * abs(numeric), (
        f"{entry.name}{params}: the rule gives {ours}, differences {numeric}"
    )


def check_samples(entry: Op, count: int = 4) -> None:
    """Assert that the rule is right on some of the op's samples."""
    for number, sample in enumerate(_some(entry.samples, count)):
        rng = np.random.default_rng(number)
        operands = [draw(rng) for draw in sample.operands]
        check_gradient(entry, sample.params, operands, number)


def _some(samples: tuple[Sample, ...], count: int) -> list[Sample]:
    step = max(len(samples) // count, 1)
    return list(samples[::step])
