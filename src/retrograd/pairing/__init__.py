"""pairing: what a recorded program says about mistakes that no shape shows.

Softmax applied twice, labels in the wrong form, an axis that makes examples compete: the code
runs and the loss is a number. What is found becomes a warning with a code; nothing is changed.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from retrograd.errors import LikelyMistake
from retrograd.pairing.axes import examples_compete
from retrograd.pairing.evidence import Evidence, where_of
from retrograd.pairing.labels import broadcast_labels, negative_labels, sums_of_labels
from retrograd.pairing.numbers import overflows
from retrograd.pairing.twice import applied_twice
from retrograd.program import Program, Value

_LOOKS = (
    applied_twice,
    examples_compete,
    sums_of_labels,
    broadcast_labels,
    negative_labels,
    overflows,
)


def mistakes(
    program: Program, data: Mapping[int, Any], differentiated: Sequence[Value]
) -> list[LikelyMistake]:
    """What looks like a mistake in a forward pass.

    Args:
        program: the forward pass, with softmax and its like as single operations.
        data: the arrays that it was recorded with, by the number of the input.
        differentiated: the inputs that gradients are taken of; the others are data.
    """
    evidence = Evidence(program, data, differentiated)
    found: list[LikelyMistake] = []
    for look in _LOOKS:
        found += look(evidence)
    return found


def say(found: Sequence[LikelyMistake], said: set[tuple[object, ...]]) -> None:
    """Warn about each place once.

    Args:
        found: the mistakes.
        said: what has been said already; it is added to.
    """
    for mistake in found:
        where = mistake.where
        key = (mistake.code, where and where.file, where and where.line)
        if key in said:
            continue
        said.add(key)
        file, line = (where.file, where.line) if where else ("<retrograd>", 1)
        warnings.warn_explicit(mistake, None, file, line)


__all__ = ["Evidence", "mistakes", "say", "where_of"]
