"""What a loss refuses: labels that are no class, probabilities outside 0 to 1.

Values decide it, so the text looks, too: the check is a step that is never left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.errors import LabelError
from retrograd.ops.dispatch import recordable
from retrograd.ops.samples import call, fixed
from retrograd.ops.spelling import ATOM, Text
from retrograd.ops.table import op


@recordable
def labels_within(y: Any, table: Any, classes: Any, ignore: int | None = None) -> Any:
    """Nothing, if y holds class numbers from 0 to classes - 1.

    Args:
        y: whole numbers, any shape.
        table: what has a column (or a row) for each class; the text says its size by it.
        classes: how many classes there are.
        ignore: a label that may be there as well, but not alone.

    Raises:
        LabelError: RG202, a label without a class; RG208, every label is the one to ignore.
    """
    y = np.asarray(y)
    if y.dtype.kind not in "iu":
        raise LabelError(
            "RG201", f"whole numbers are needed, and the dtype is {y.dtype}", help="y.astype(int)"
        )
    own = y if ignore is None else y[y != ignore]
    if y.size and not own.size:
        raise LabelError("RG208", f"every label is {ignore}, which is ignored: there is no mean")
    if not own.size or (own.min() >= 0 and own.max() < classes):
        return np.True_
    low, high = int(own.min()), int(own.max())
    bad = high if high >= classes else low
    first = tuple(int(i) for i in np.argwhere(y == bad)[0])
    wrong = int(np.sum((own < 0) | (own >= classes)))
    raise LabelError(
        "RG202",
        f"label {bad} has no column: {classes} classes are numbered 0 to {classes - 1}",
        notes=(
            f"y has values from {low} to {high}; {bad} first at y[{', '.join(map(str, first))}], "
            f"{wrong} of {y.size} in all",
            *(("NumPy would count it from the end, without a word",) if bad < 0 else ()),
        ),
        help="they count from 1: y - 1" if low == 1 and high == classes else "",
    )


def _within_lines(target: str, args: Sequence[Text], params: Mapping[str, str]) -> list[str]:
    y, classes = args[0].at_least(ATOM), params["classes"]
    if not classes.isalnum():  # a formula of sizes
        classes = f"{args[1].array}.shape[-1]"
    if classes.isdigit():
        last = f"{int(classes) - 1}"
    else:
        last = "C - 1" if classes == "C" else "(number of classes) - 1"
    none = f'    raise ValueError("a label is none of the classes 0 to {last}")'
    outside = f"({y} < 0) | ({y} >= {classes})"
    if "ignore" not in params:
        return [f"if np.any({outside}):", none]
    ignore = params["ignore"]
    return [
        f"if np.any(({outside}) & ({y} != {ignore})):",
        none,
        f"if np.all({y} == {ignore}):",
        f'    raise ValueError("every label is {ignore}, which is ignored")',
    ]


@op(
    labels_within,
    run=labels_within.body,  # type: ignore[attr-defined]
    derivative="zero",
    checks=True,
    fails="{0} < 0 or {0} >= {classes}",
    sizes=lambda book, y, table, **params: [],
    statements=_within_lines,
    samples=[call(fixed(np.array([0, 2])), fixed(np.zeros((2, 3))), classes=3)],
)
def labels_within_(y: Any, table: Any, *, classes: Any, ignore: Any = None) -> Any:
    """No operation: it stops at labels that are no class."""


@recordable
def values_within(p: Any, low: float, high: float, what: str) -> Any:
    """Nothing, if all of p is from `low` to `high`.

    Raises:
        LabelError: RG209, with the values found.
    """
    p = np.asarray(p)
    if not p.size or (p.min() >= low and p.max() <= high) or np.isnan(p).any():
        return np.True_
    raise LabelError(
        "RG209",
        f"{what} must be from {low} to {high}, and has values from {p.min():.4g} to {p.max():.4g}",
        help="binary_cross_entropy_with_logits takes numbers of any size" if what == "p" else "",
    )


def _range_lines(target: str, args: Sequence[Text], params: Mapping[str, str]) -> list[str]:
    p, low, high = args[0].at_least(ATOM), params["low"], params["high"]
    return [
        f"if np.any(({p} < {low}) | ({p} > {high})):",
        f'    raise ValueError("{args[0].code} must be from {low} to {high}")',
    ]


@op(
    values_within,
    run=values_within.body,  # type: ignore[attr-defined]
    derivative="zero",
    checks=True,
    sizes=lambda book, p, **params: [],
    statements=_range_lines,
    samples=[call(fixed(np.array([0.25, 0.5])), low=0, high=1, what="p")],
)
def values_within_(p: Any, *, low: float, high: float, what: str) -> Any:
    """No operation: it stops at values outside a range."""
