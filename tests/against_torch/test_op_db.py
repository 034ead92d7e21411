"""Values and gradients of every operation that PyTorch's list and NumPy share, on its samples."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
import torch
from networks import NETWORKS
from operations import DECIDED, OPERATIONS
from peer import OPINFOS, Call, Other, compare, pair, samples

pytestmark = pytest.mark.filterwarnings("ignore")

ALL = OPERATIONS | NETWORKS
CASES = [
    pytest.param(name, number, id=" ".join(filter(None, (name, info.variant_test_name))))
    for name in sorted(ALL)
    for number, info in enumerate(OPINFOS[name])
]


@dataclass
class Agreement:
    """How many samples agree, and why others are none of NumPy's function."""

    agree: int = 0
    others: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@cache
def agreement(name: str, number: int) -> Agreement:
    info = OPINFOS[name][number]
    ours, theirs = pair(info, ALL[name], DECIDED.get(name))
    found = Agreement()
    for position, sample in enumerate(samples(info)):
        try:
            compare(ours, theirs, Call.of(sample))
        except Other as reason:
            found.others[str(reason)] += 1
        except Exception as error:  # what is wrong is said by the test
            found.wrong.append(f"sample {position}: {type(error).__name__}: {error}")
        else:
            found.agree += 1
    return found


@pytest.mark.parametrize(("name", "number"), CASES)
def test_values_and_gradients_agree(name: str, number: int) -> None:
    found = agreement(name, number)
    assert not found.wrong, "\n\n".join(found.wrong[:3])
    assert found.agree or found.others


@pytest.mark.parametrize(("name", "number"), CASES)
def test_float32_agrees_as_far_as_it_reaches(name: str, number: int) -> None:
    info = OPINFOS[name][number]
    ours, theirs = pair(info, ALL[name], DECIDED.get(name))
    for sample, _ in zip(samples(info, torch.float32), range(4), strict=False):
        with contextlib.suppress(Other):
            compare(ours, theirs, Call.of(sample), values=3e-4, gradients=3e-3)


def test_every_name_is_one_of_pytorchs() -> None:
    assert not [name for name in ALL if not OPINFOS[name]]


def test_a_wrong_gradient_is_caught() -> None:
    import numpy as np

    import retrograd as rg

    def wrong(x: Any) -> Any:
        return np.tanh(x) + 1e-6 * (x - rg.stop_gradient(x))

    (info,) = OPINFOS["tanh"]
    sample = next(iter(samples(info)))
    compare(np.tanh, torch.tanh, Call.of(sample))
    with pytest.raises(AssertionError, match="gradient"):
        compare(wrong, torch.tanh, Call.of(sample))
