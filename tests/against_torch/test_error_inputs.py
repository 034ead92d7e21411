"""What PyTorch's error inputs say must raise: raises here, with a code, or NumPy takes it."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from networks import NETWORKS
from operations import OPERATIONS
from peer import OPINFOS, Call, Other, is_float, tree_flatten

import retrograd as rg

pytestmark = pytest.mark.filterwarnings("ignore")

ALL = OPERATIONS | NETWORKS
CASES = [
    pytest.param(name, number, id=" ".join(filter(None, (name, info.variant_test_name))))
    for name in sorted(ALL)
    for number, info in enumerate(OPINFOS[name])
    if info.error_inputs_func is not None
]
# what PyTorch refuses and our own functions take, on purpose
TAKEN = {
    "nn.functional.conv1d": "two dtypes are promoted, as NumPy does",
    "nn.functional.conv2d": "two dtypes are promoted, as NumPy does",
    "nn.functional.max_pool1d": "an empty batch has an empty result",
}


def is_plain(leaf: Any) -> bool:
    return not isinstance(leaf, torch.Tensor) or not (leaf.is_complex() or leaf.is_sparse)


@cache
def outcomes(name: str, number: int) -> list[str]:
    """For each error input: "refused", why it is none of NumPy's, or what went wrong."""
    info, found = OPINFOS[name][number], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        errors = list(info.error_inputs("cpu"))
    for error in errors:
        sample = error.sample_input
        call = Call.of(sample)
        if "out" in sample.kwargs or not all(map(is_plain, call.leaves)):
            found.append("other: about complex or sparse tensors, or where the result goes")
            continue
        found.append(outcome(name, call))
    return found


def outcome(name: str, call: Call) -> str:
    try:
        arrays = call.arrays()
    except (RuntimeError, TypeError, ValueError):
        return "other: no array of NumPy's"
    floats = [
        i
        for i, a in enumerate(arrays)
        if isinstance(a, np.ndarray | np.generic) and a.dtype.kind == "f"
    ]

    def loss(moved: list[Any]) -> Any:
        leaves = list(arrays)
        for i, x in zip(floats, moved, strict=True):
            leaves[i] = x
        total = 0.0
        for result in tree_flatten(call.run(ALL[name], leaves))[0]:
            if is_float(result):
                total = total + np.sum(result)
        return total

    try:
        rg.value_and_grad(loss)([arrays[i] for i in floats])
    except rg.RetrogradError:
        return "refused"
    except Other as reason:
        return f"other: {reason}"
    except Exception as error:
        ours = f"{type(error).__name__}: {error}"
    else:
        ours = "taken"
    try:
        with np.errstate(all="ignore"):
            call.run(ALL[name], call.arrays())
    except Exception:
        return f"NumPy refuses it, and here: {ours}" if floats and ours == "taken" else "refused"
    return "other: NumPy takes it" if name in OPERATIONS else f"other: {TAKEN.get(name, '')}"


@pytest.mark.parametrize(("name", "number"), CASES)
def test_what_pytorch_refuses(name: str, number: int) -> None:
    wrong = [o for o in outcomes(name, number) if not o.startswith(("refused", "other: "))]
    assert not wrong, "\n".join(wrong)
    if name in NETWORKS and name not in TAKEN:
        assert "other: " not in outcomes(name, number)


def test_most_are_refused() -> None:
    every = [o for case in CASES for o in outcomes(*case.values)]
    assert sum(o == "refused" for o in every) >= 230
