"""What is wrong beside the gradient: the forward pass and its data, in ways that show."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from retrograd.diagnosis.cause import by_name
from retrograd.diagnosis.finding import Finding
from retrograd.diagnosis.probe import quiet
from retrograd.diagnosis.tape import CANNOT_RUN, Tape
from retrograd.diagnosis.truth import input_values
from retrograd.errors import LikelyMistake, RetrogradError
from retrograd.gradient import recognized
from retrograd.pairing import mistakes
from retrograd.program import Step, Value

_CAUSES = {"RG103": "softmax_normalized_over_wrong_axis", "RG102": "broadcast_n_by_n"}


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
        found = []
    told = [_of_mistake(m, severity) for m in found if m.code in _CAUSES]
    return [*told, *_numerics(tape, severity), *_dropouts(tape), *_decoded(tape)]


def beside_loss(
    loss: Callable[[Any], Any], given: Mapping[str, Any], tape: Tape | None, weights: Any
) -> list[Finding]:
    """The same for a loss that is trained, and what its labels do to it."""
    found = [*_width(loss, given)]
    if tape is not None:
        own = {n: v for n, v in input_values(tape).items() if n in weights}
        found += beside(tape, own, "error")
    return found


def first(findings: list[Finding], others: list[Finding]) -> list[Finding]:
    """The findings of a forward pass before those that only follow from them."""
    known = {f.cause for f in findings}
    return [*(f for f in others if f.cause not in known), *findings]


def said(name: str, fact: str, step: Step | None = None, severity: str = "warning") -> Finding:
    """A finding about the forward pass."""
    where = step.where if step is not None else None
    return by_name(name).finding((), (f"seen: {fact}",), where, severity=severity)


def _of_mistake(mistake: LikelyMistake, severity: str) -> Finding:
    return by_name(_CAUSES[mistake.code]).finding(
        (),
        mistake.notes,
        mistake.where,
        fix=mistake.help,
        message=mistake.headline,
        severity=severity,
    )


# numbers that are not finite
def _numerics(tape: Tape, severity: str) -> Iterator[Finding]:
    """The first exp that overflows, and the first logarithm of 0, on these very inputs."""
    needed = tape.ancestors(list(tape.program.result.leaves()))
    for step in tape.steps:
        array = tape.arrays.get(step.output)
        if array is None or step.output not in needed:
            continue
        if step.op.name == "exp" and np.isinf(array).any():
            name = _of_exponential(tape, step)
            if name is not None:
                largest = float(np.max(np.asarray(tape.array(step.inputs[0]))))
                yield said(name, f"exp({largest:.6g}) is inf", step, severity)
                return
        operand = tape.array(step.inputs[0]) if step.inputs else None
        if step.op.name == "log" and operand is not None and np.any(np.asarray(operand) == 0):
            zeros = int(np.sum(np.asarray(operand) == 0))
            yield said("log_of_zero", f"{zeros} of its numbers are 0", step, severity)
            return


def _of_exponential(tape: Tape, step: Step) -> str | None:
    """What an exponential that overflows belongs to, if NaN comes of it."""
    for later in tape.steps:
        if later.op.name != "divide" or len(later.inputs) != 2:
            continue
        over, under = later.inputs
        array = tape.arrays.get(later.output)
        if array is None or not np.isnan(array).any():
            continue
        made = tape.steps[tape.place[under]] if under in tape.place else None  # type: ignore[index]
        below = isinstance(under, Value) and step.output in tape.ancestors([under])
        if below or step.output is over:
            one_more = made is not None and made.op.name == "add"
            return "sigmoid_overflow" if one_more else "softmax_overflow"
    return None


# masks and labels
def _dropouts(tape: Tape) -> Iterator[Finding]:
    """Masks of zeros that are divided by the share of what is dropped."""
    for step in tape.steps:
        number = tape.array(step.inputs[1]) if step.op.name == "divide" else None
        if number is None or np.ndim(number):
            continue
        divisor, mask = float(number), _mask_behind(tape, step.inputs[0])
        if mask is None or not 0 < divisor < 1 or abs(divisor - 0.5) < 0.1:
            continue
        kept, n = float(np.mean(mask)), mask.size
        spread = 3 * np.sqrt(divisor * (1 - divisor) / n)
        if abs(kept - (1 - divisor)) < spread < abs(kept - divisor):
            fact = f"{kept:.2g} of the units are kept, and the rest divided by {divisor:g}"
            yield said("dropout_scaled_by_drop_probability", fact, step)
            return


def _mask_behind(tape: Tape, operand: Any) -> Any:
    """The mask that an operand is, or is a product with."""
    for value in (operand, *_operands(tape, operand)):
        array = tape.array(value) if value is not None else None
        if array is None or np.size(array) < 8:
            continue
        array = np.asarray(array)
        mask = array.dtype == bool or set(np.unique(array)) == {0.0, 1.0}
        if mask and _is_drawn(tape, value):
            return array
    return None


def _operands(tape: Tape, operand: Any) -> list[Any]:
    step = tape.steps[tape.place[operand]] if operand in tape.place else None
    return list(step.inputs) if step is not None and step.op.name == "multiply" else []


def _is_drawn(tape: Tape, value: Any) -> bool:
    """Whether a mask is no function of the network: it was drawn, or is given."""
    inputs = {i.value for i in tape.program.inputs if i.value.shape}
    return len(tape.ancestors([value]) & inputs) <= 1


def _decoded(tape: Tape) -> Iterator[Finding]:
    """argmax of labels that are class numbers."""
    inputs = {i.value for i in tape.program.inputs}
    for step in tape.steps:
        if step.op.name != "argmax" or not isinstance(step.inputs[0], Value):
            continue
        labels = step.inputs[0]
        array = np.asarray(tape.array(labels))
        numbers = array.ndim == 1 or (array.ndim == 2 and array.shape[1] == 1)
        whole = array.size > 2 and bool(np.all(array == np.round(array)))
        if labels in inputs and numbers and whole and array.max() > 1:
            yield said("labels_decoded_wrong", f"labels of shape {array.shape}", step)
            return


def _width(loss: Callable[[Any], Any], given: Mapping[str, Any]) -> Iterator[Finding]:
    """A loss that stops, or changes its shapes, when a batch lacks the last class."""
    for name, thing in given.items():
        array = np.asarray(thing) if isinstance(thing, np.ndarray | list) else None
        if array is None or array.ndim != 1 or array.dtype.kind not in "iu" or array.size < 3:
            continue
        if len(np.unique(array)) < 3:
            continue
        fewer = np.where(array == array.max(), array.min(), array)
        try:
            with quiet():
                loss({**copy.deepcopy(dict(given)), name: fewer})
        except CANNOT_RUN:
            yield said(
                "one_hot_width_from_batch",
                f"without class {array.max()} in {name} it stops",
                severity="error",
            )
            return
