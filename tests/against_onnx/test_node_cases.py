"""The node cases that the onnx package ships: our functions give its outputs, recorded or not."""

from __future__ import annotations

import contextlib
import io
import warnings
from functools import cache
from typing import Any

import numpy as np
import onnx
import pytest
from nodes import NODES, Other

import retrograd as rg

pytestmark = pytest.mark.filterwarnings("ignore")

with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
    warnings.simplefilter("ignore")
    from onnx.backend.test.loader import load_model_tests

    ALL = load_model_tests(kind="node")


def is_ours(case: Any) -> bool:
    nodes = case.model.graph.node
    if len(nodes) != 1 or nodes[0].op_type not in NODES or "_expanded" in case.name:
        return False
    arrays = [x for inputs, outputs in case.data_sets for x in (*inputs, *outputs)]
    if not all(isinstance(x, np.ndarray | np.generic) for x in arrays):
        return False
    inputs, outputs = case.data_sets[0]
    floats = [x for x in (*inputs, *outputs) if x.dtype.kind not in "iub"]
    kinds = {x.dtype.name for x in floats}
    return kinds <= {"float32", "float64"} and (
        bool(floats) or all(o.dtype == bool for o in outputs)
    )


CASES = {case.name: case for case in ALL if is_ours(case)}


def attributes(node: Any) -> dict[str, Any]:
    found = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    return {k: v.decode() if isinstance(v, bytes) else v for k, v in found.items()}


@cache
def outcome(name: str) -> str:
    """ "" where the case agrees; the reason where it is none of ours; raises where it differs."""
    case = CASES[name]
    (node,) = case.model.graph.node
    function, given = NODES[node.op_type], attributes(node)
    if node.op_type == "Split":
        given["num_outputs"] = len(node.output)
    for inputs, outputs in case.data_sets:
        left = iter(inputs)
        arrays = [np.array(next(left)) if i else None for i in node.input]
        while arrays and arrays[-1] is None:
            arrays.pop()
        try:
            found = function(*(None if a is None else a.copy() for a in arrays), **given)
        except Other as reason:
            return str(reason)
        found = found if isinstance(found, tuple) else (found,)
        for ours, theirs in zip(found, outputs, strict=False):
            assert np.shape(ours) == np.shape(theirs)
            floats = theirs.dtype.kind == "f"  # some outputs are printed with four digits
            printed = floats and np.array_equal(theirs, np.round(theirs, 4))
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-4 if printed else 1e-6)
        floats = [i for i, a in enumerate(arrays) if a is not None and a.dtype.kind == "f"]
        if floats and any(np.asarray(o).dtype.kind == "f" for o in found):
            recorded_agrees(function, arrays, given, floats, found)
    return ""


def recorded_agrees(
    function: Any, arrays: list[Any], given: dict[str, Any], floats: list[int], found: Any
) -> None:
    """Recorded, the same numbers, and a gradient of every float that is right."""
    values = [np.asarray(o) for o in found]
    weights = [np.random.default_rng(3).normal(size=v.shape) for v in values]
    wide = [a if a is None or a.dtype.kind != "f" else a.astype(np.float64) for a in arrays]

    def loss(moved: list[Any]) -> Any:
        full = list(wide)
        for i, x in zip(floats, moved, strict=True):
            full[i] = x
        result = function(*full, **given)
        total = 0.0
        for w, o in zip(weights, result if isinstance(result, tuple) else (result,), strict=True):
            if o.dtype.kind == "f":
                total = total + np.sum(w * o)
        return total

    start = [wide[i] for i in floats]
    value, gradient = rg.value_and_grad(loss)(start)
    expected = sum(
        np.sum(w * v.astype(float))
        for w, v in zip(weights, values, strict=True)
        if v.dtype.kind == "f"
    )
    if not np.isfinite(expected):
        return
    np.testing.assert_allclose(value, expected, rtol=1e-4, atol=1e-4)
    direction = [np.random.default_rng(5).normal(size=np.shape(x)) for x in start]
    ours = sum(float(np.sum(d * g)) for d, g in zip(direction, gradient, strict=True))

    def at(h: float) -> float:
        with np.errstate(all="ignore"):
            return float(loss([x + h * d for x, d in zip(start, direction, strict=True)]))

    h, middle = 1e-6, at(0.0)
    ahead, behind = (at(h) - middle) / h, (middle - at(-h)) / h
    if max(abs(ahead), abs(ours)) < 1e4 and abs(ahead - behind) < 1e-3 * (
        1 + abs(ahead)
    ):  # no kink and no jump here
        assert ours == pytest.approx((ahead + behind) / 2, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_node_case_agrees(name: str) -> None:
    reason = outcome(name)
    if reason:
        pytest.skip(reason)


def test_most_cases_are_ours() -> None:
    agree = [name for name in CASES if not outcome(name)]
    assert len(agree) >= 330
