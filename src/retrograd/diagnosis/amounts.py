"""What a number says by which something is too large or too small."""

from __future__ import annotations

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.edit import Edit
from retrograd.diagnosis.explain import matches
from retrograd.diagnosis.locate import Search
from retrograd.diagnosis.places import counts_of


def of_gradient(edit: Edit, search: Search) -> str | None:
    """The mistake of a gradient that is right but for a number."""
    forward = search.forward
    for name in edit.repairs:
        value = forward.parameters.get(name)
        node = next((n for n in forward.moving if n.values == (value,)), None)
        found = search.tape.arrays[search.finals[name]]
        if node is not None and np.size(found) == node.array.size:
            user = np.reshape(found, node.array.shape)
            known = matches(At(forward, node, user, counts=counts_of(search.tape)))
            fits = [m for m in known if m.cause.family in ("scale", "sign")]
            return fits[0].cause.name if fits else None
    return None


def of_operand(k: float, examples: int, weights: bool) -> str | None:
    """The mistake of one operand that has to be k times as large.

    Args:
        k: the number.
        examples: how many examples there are.
        weights: whether the operand is a penalty's, a number times the weights.
    """
    if weights:
        return {2.0: "l2_factor_two_missing", -1.0: "l2_sign_wrong"}.get(round(k, 9))
    numbers = {
        1 / examples: "missing_batch_mean",
        examples: "divided_twice_by_batch",
        2: "missing_factor_two",
    }
    return next((name for number, name in numbers.items() if np.isclose(k, number)), None)
