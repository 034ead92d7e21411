"""What is wrong beside the gradient: the forward pass itself, in ways that its program shows."""

from __future__ import annotations

from collections.abc import Mapping

from retrograd.diagnosis.finding import Finding
from retrograd.diagnosis.tape import Tape
from retrograd.errors import LikelyMistake, RetrogradError
from retrograd.gradient import recognized
from retrograd.pairing import mistakes
from retrograd.program import Value

_CAUSES = {
    "RG103": ("softmax_normalized_over_wrong_axis", "softmax", "RG519"),
    "RG102": ("broadcast_n_by_n", "shape", "RG565"),
}


def beside(tape: Tape, parameters: Mapping[str, Value], severity: str) -> list[Finding]:
    """What the recorded forward pass says about itself.

    Args:
        tape: the forward pass.
        parameters: the inputs that gradients are asked of.
        severity: of the findings.
    """
    data = {value.number: array for value, array in tape.inputs.items()}
    try:
        found = mistakes(recognized(tape.program), data, list(parameters.values()))
    except RetrogradError:
        return []
    return [_finding(m, severity) for m in found if m.code in _CAUSES]


def _finding(mistake: LikelyMistake, severity: str) -> Finding:
    cause, family, code = _CAUSES[mistake.code]
    return Finding(
        code,
        cause,
        family,
        (),
        mistake.headline,
        fix=mistake.help,
        evidence=mistake.notes,
        where=mistake.where,
        severity=severity,
    )


def first(findings: list[Finding], others: list[Finding]) -> list[Finding]:
    """The findings of a forward pass before those that only follow from them."""
    known = {f.cause for f in findings}
    return [*(f for f in others if f.cause not in known), *findings]


__all__ = ["beside", "first"]
