"""Labels that do not mean what the loss takes them for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from retrograd.errors import LikelyMistake
from retrograd.pairing.evidence import Evidence, where_of
from retrograd.program import Operand, Step, Value

_LOGARITHMS = ("log_softmax",)
_ON_THE_WAY = ("log", "add", "clip", "negative", "maximum", "astype")
_SHARES = ("softmax", "log_softmax", "sigmoid")
_FORMED = ("expand_dims", "reshape", "index", "broadcast_to", "transpose", "sum", "mean", "max")


def sums_of_labels(evidence: Evidence) -> Iterator[LikelyMistake]:
    """RG203: rows that are used as probabilities and do not sum to 1."""
    said: set[Operand] = set()
    for step in evidence.program.steps:
        if step.op.name not in ("multiply", "weighted"):
            continue
        for labels, other in (step.inputs, step.inputs[::-1]):
            logs = _logarithms(evidence, other)
            if logs is None or not evidence.given(labels) or labels in said:
                continue
            assert isinstance(labels, Value)
            axis = logs.params.get("axis")
            array = evidence.array(labels)
            if type(axis) is not int or labels.shape != logs.output.shape or array is None:
                continue
            sums = np.sum(array, axis=axis)
            if not sums.size or not _meant_as_shares(array, axis):
                continue
            said.add(labels)
            worst = int(np.argmax(np.abs(sums - 1).ravel()))
            name = evidence.name(labels)
            yield LikelyMistake(
                "RG203",
                f"the rows of {name} are used as probabilities but do not sum to 1",
                where=where_of(step),
                label=f"row sums {sums.min():.2f} .. {sums.max():.2f}",
                notes=(
                    evidence.sentence(labels),
                    f"the first that is furthest off is number {worst}",
                    "dZ = (P - Y) / N holds only where each row of Y sums to 1; in general it is "
                    "(P * Y.sum(axis=1, keepdims=True) - Y) / N, and that is what is written",
                ),
                help="several true classes for one example? sigmoid with binary cross-entropy; "
                "weights? keep Y one-hot and weight the examples",
            )
            break


def _meant_as_shares(array: Any, axis: int) -> bool:
    """Whether labels look like probabilities, of which some rows do not sum to 1."""
    if array.min() < 0 or array.max() > 1:
        return False
    right = np.isclose(np.sum(array, axis=axis), 1, atol=1e-3)
    other = np.isclose(np.sum(array, axis=axis - 1), 1)  # if so, that is the examples' axis
    if right.all() or (array.ndim == 2 and other.all()):
        return False
    return bool(right.any() or np.isin(array, (0, 1)).all())


def _logarithms(evidence: Evidence, operand: object) -> Step | None:
    """The log-softmax, or the softmax under a logarithm, behind an operand."""
    step = evidence.maker(operand)  # type: ignore[arg-type]
    while step is not None and step.op.name in (*_ON_THE_WAY, "where"):
        passed = step.op.name == "log"
        step = evidence.maker(step.inputs[0])
        if passed and step is not None and step.op.name == "softmax":
            return step
    return step if step is not None and step.op.name in _LOGARITHMS else None


def broadcast_labels(evidence: Evidence) -> Iterator[LikelyMistake]:
    """RG102: a difference of predictions and labels that compares every one with every other."""
    for step in evidence.program.steps:
        if step.op.name != "subtract" or len(step.output.shape) != 2:
            continue
        for prediction, labels in (step.inputs, step.inputs[::-1]):
            if not isinstance(prediction, Value) or not evidence.given(labels):
                continue
            assert isinstance(labels, Value)
            if prediction not in evidence.moving or prediction.shape == labels.shape:
                continue
            found = _as_column(evidence, step, prediction, labels)
            if found is not None:
                yield found
                break


def _as_column(
    evidence: Evidence, step: Step, prediction: Value, labels: Value
) -> LikelyMistake | None:
    shape, other = prediction.shape, labels.shape
    maker = evidence.producers.get(prediction)
    result = step.output.shape
    notes = (evidence.sentence(prediction), evidence.sentence(labels))
    made_so = maker is not None and maker.op.name in _FORMED
    flat = len(shape) == 2 and shape[1] == 1 and other == shape[:1]
    turned = len(shape) == 1 and other == (*shape, 1)
    if (flat or turned) and shape[0] > 1 and not made_so:
        name = evidence.name(labels)
        form = "(-1, 1)" if flat else "(-1)"
        fixed = np.reshape(evidence.array(labels), shape)
        tried: Any = evidence.run({labels: fixed}).get(step.output)
        fits = np.shape(tried) == shape
        return LikelyMistake(
            "RG102",
            f"{evidence.name(prediction)} - {name} broadcasts {shape} against {other} to {result}: "
            "every prediction is compared with every label",
            where=where_of(step),
            notes=notes,
            help=f"{name}.reshape{form} (tried: the difference has shape {shape})" if fits else "",
        )
    array = evidence.array(labels)
    if maker is None or maker.op.name not in _SHARES or len(shape) != 2 or array is None:
        return None
    whole = bool(np.all(array == np.rint(array))) and array.size and array.max() > 1
    if other == (shape[0], 1) and shape[1] > 1 and whole and array.max() < shape[1]:
        name = evidence.name(labels)
        return LikelyMistake(
            "RG102",
            f"{evidence.name(prediction)} - {name} broadcasts {shape} against {other} and treats "
            "the label as every class's target",
            where=where_of(step),
            label=f"{name} has values {int(array.min())} to {int(array.max())}: class numbers",
            notes=notes,
            help=f"one-hot first: np.eye({shape[1]})[{name}.ravel()] "
            f"(tried: it has shape {np.eye(shape[1])[array.ravel().astype(int)].shape})",
        )
    return None


def negative_labels(evidence: Evidence) -> Iterator[LikelyMistake]:
    """RG202: a label below 0, for which NumPy takes a class from the end."""
    for step in evidence.program.steps:
        if step.op.name != "index" or len(step.inputs) != 3:
            continue
        shares = _shares_behind(evidence, step.inputs[0])
        rows, labels = (evidence.array(i) for i in step.inputs[1:])
        if shares is None or labels is None or not evidence.given(step.inputs[2]):
            continue
        in_order = np.array_equal(rows, np.arange(len(rows))) if np.ndim(rows) == 1 else False
        if not in_order or np.shape(labels) != np.shape(rows) or not labels.size:
            continue
        if labels.dtype.kind == "i" and labels.min() < 0:
            name, first = evidence.name(step.inputs[2]), int(np.argmax(labels < 0))
            classes = shares.output.shape[-1]
            yield LikelyMistake(
                "RG202",
                f"label {labels[first]} has no column: {classes} classes are numbered 0 to "
                f"{classes - 1}",
                where=where_of(step),
                label=f"{name}[{first}] = {labels[first]} picks a class from the end",
                notes=(evidence.sentence(step.inputs[2]),),
                help=f"{name} + {-int(labels.min())} has values from 0"
                if labels.max() - labels.min() < classes
                else "",
            )


def _shares_behind(evidence: Evidence, operand: object) -> Step | None:
    step = evidence.maker(operand)  # type: ignore[arg-type]
    while step is not None and step.op.name in _ON_THE_WAY:
        step = evidence.maker(step.inputs[0])
    return step if step is not None and step.op.name in _SHARES else None
