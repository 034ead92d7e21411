"""Which inputs are labels, and where they enter."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from retrograd.program import Operand, Program, Step, Value

_LOGARITHMS = ("log", "logaddexp", "log_softmax", "log_sigmoid")
_PRODUCTS = ("multiply", "einsum", "dot", "matmul")
_FAR = 6  # steps between a logarithm and the product with the labels


def labels_of(program: Program) -> dict[Value, Value]:
    """The values that are labels, or the label of one example, each with its input."""
    forward = program.steps[: program.backward_from]
    producers = program.producers
    inputs = {i.value for i in program.inputs}
    data = inputs.difference(program.gradient_of.values())
    found = {v for step in forward for v in _in_step(step, inputs, data, producers)}
    found |= {s.output for s in forward if s.op.name == "index" and s.inputs[0] in found}
    return {value: _root(value, producers) for value in found}


def _in_step(
    step: Step, inputs: Collection[Value], data: Collection[Value], made: Mapping[Value, Step]
) -> Iterator[Value]:
    """The inputs that a step uses as labels."""
    name, first = step.op.name, step.inputs[0] if step.inputs else None
    for value in step.values():
        if value not in inputs:
            continue
        others = [v for v in step.values() if v is not value]
        whole = value.dtype.kind in "iu"
        if name == "index" and value is first:
            is_label = step.output.dtype.kind in "iu"
        elif name == "index":
            is_label = whole and first not in inputs  # a table's rows are no labels
        elif name == "subtract":  # compared with a prediction
            alike = value.shape == step.output.shape
            is_label = value in data and alike and any(o in made for o in others)
        else:
            is_label = name in _PRODUCTS and any(_is_of_logarithm(o, made) for o in others)
        if is_label:
            yield value


def _is_of_logarithm(value: Operand, made: Mapping[Value, Step], depth: int = 0) -> bool:
    step = made.get(value) if isinstance(value, Value) else None
    if step is None or depth > _FAR:
        return False
    if step.op.name in _LOGARITHMS:
        return True
    return step.op.name in ("subtract", "negative", "transpose") and any(
        _is_of_logarithm(v, made, depth + 1) for v in step.values()
    )


def _root(value: Value, producers: Mapping[Value, Step]) -> Value:
    """The input that a label was picked from."""
    made = producers.get(value)
    while made is not None and isinstance(made.inputs[0], Value):
        value = made.inputs[0]
        made = producers.get(value)
    return value
