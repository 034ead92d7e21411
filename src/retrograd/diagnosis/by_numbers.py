"""Which mistake the numbers of a gradient alone show, where the code cannot be followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from retrograd.diagnosis.cause import by_name
from retrograd.diagnosis.finding import Finding
from retrograd.diagnosis.sizes import nearly
from retrograd.diagnosis.truth import Truth, fitted

_CLOSE = 1e-6

Wrong = Mapping[str, tuple[Any, Truth]]


def by_numbers(wrong: Wrong, examples: int) -> list[Finding]:
    """What gradients are that are the right ones but for a number, or for their layout.

    Args:
        wrong: what the user has and what is right, by the gradient's name.
        examples: how many examples there are; 0 where that is not known.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for name, (found, truth) in wrong.items():
        known = next(_known(found, truth, examples), None)
        if known is not None:
            groups.setdefault(known, []).append(name)
    bias, twice = "bias_grad_mean_instead_of_sum", "divided_twice_by_batch"
    for cause, says in [key for key in groups if key[0] == bias]:
        if (twice, says) in groups:  # and the weights as well
            groups[twice, says] += groups.pop((cause, says))
    return [by_name(c).finding(names, [f"seen: {says}"]) for (c, says), names in groups.items()]


def _known(found: Any, truth: Truth, examples: int) -> Iterator[tuple[str, str]]:
    """The cause of a wrong gradient, and what shows it."""
    right = truth.gradient
    array = fitted(found, right.shape)
    if array is None or not np.isfinite(right).all() or not np.any(right):
        return
    k = _factor(array, right, truth.error)
    if k is not None and array.size > 1:
        only_bias = right.ndim == 1 and examples > 1 and nearly(k, 1 / examples)
        name = "bias_grad_mean_instead_of_sum" if only_bias else _of_factor(k, examples)
        yield name, f"every entry is {k:.6g} times what it should be"
    square = right.ndim == 2 and right.shape[0] == right.shape[1] > 1
    if square and _factor(array.T, right, truth.error) is not None:
        yield "weight_grad_transposed", "rows and columns are exchanged"


def _of_factor(k: float, examples: int) -> str:
    if nearly(k, -1):
        return "flipped_sign"
    if nearly(k, 0.5):
        return "missing_factor_two"
    if examples > 1 and nearly(k, examples):
        return "missing_batch_mean"
    if examples > 1 and nearly(k, 1 / examples):
        return "divided_twice_by_batch"
    return "stray_constant_factor"


def _factor(found: Any, right: Any, error: float) -> float | None:
    """The number that one array is the other times."""
    size = float(np.sum(right * right))
    k = float(np.sum(found * right)) / size
    off = float(np.max(np.abs(found - k * right)))
    close = off <= max(_CLOSE, 10 * error) * float(np.max(np.abs(found), initial=0))
    return k if close and k else None
