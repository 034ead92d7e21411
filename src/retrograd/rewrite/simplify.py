"""Small algebra on the backward pass.

before    g = zeros_like(p); g[arange(N), y] = 1;  p * g.sum(axis=1, keepdims=True) - g
after     p - g                                    a row of g has a single 1
          p.copy() with 1 subtracted at [arange(N), y]
"""

from __future__ import annotations

from typing import Any

from retrograd.ops import TABLE
from retrograd.ops.keys import Slot
from retrograd.program import Constant, Operand, Program, Size, Step, Value
from retrograd.rewrite.rebuild import Rebuild


def simplify(program: Program) -> Program:
    """Apply the rules above wherever they hold."""
    rebuild = Rebuild(program)
    users, results = program.users, program.results

    def producer(operand: Operand) -> Step | None:
        operand = rebuild.operand(operand)
        return rebuild.recorder.producers.get(operand) if isinstance(operand, Value) else None

    def visit(step: Step) -> None:
        if step.op.name == "transpose" and not step.params:
            turned = producer(step.inputs[0])
            if turned is not None and turned.op.name == "transpose" and not turned.params:
                rebuild.drop(step, turned.inputs[0])
                return
        if step.op.name == "multiply":
            for kept, other in (step.inputs, step.inputs[::-1]):
                if _same_shape(kept, step.output) and _is_sum_of_ones(producer(other), producer):
                    rebuild.drop(step, kept)
                    return
        if step.op.name == "subtract" and step.forward is not None:
            left, right = step.inputs
            taken = producer(right)
            if (
                taken is not None
                and taken.op.name == "scatter_set"
                and len(users.get(taken.output, ())) <= 2  # this one, a row sum that goes away
                and taken.output not in results
                and step.output.shape  # a number cannot be written into
                and _same_shape(left, step.output)
                and taken.output.shape == step.output.shape
                and taken.output not in program.gradient_of
            ):
                _, value, *arrays = taken.inputs
                things = [rebuild.symbol(left), _whole(rebuild.symbol(value))]
                things += [rebuild.symbol(a) for a in arrays]
                rebuild.record(
                    step,
                    lambda *_: rebuild.recorder.record(TABLE["subtract_at"], things, taken.params),
                )
                return
        rebuild.keep(step)

    return rebuild.walk(visit)


def _whole(thing: Any) -> Any:
    """1 for 1.0: a whole number reads better and changes no dtype."""
    return int(thing) if type(thing) is float and thing.is_integer() else thing


def _same_shape(operand: Any, value: Value) -> bool:
    return isinstance(operand, Value) and operand.shape == value.shape


def _is_one_place(key: Any, arrays: Any, rank: int) -> bool:
    """Whether a key names a single element."""
    return len(key) == rank and all(
        type(k) is int or (isinstance(k, Slot) and getattr(arrays[k.index], "shape", None) == ())
        for k in key
    )


def _is_sum_of_ones(step: Step | None, producer: Any) -> bool:
    """Whether a step sums zeros with a single one: in all, or for each example."""
    if step is None or step.op.name != "sum":
        return False
    axis, keep = step.params.get("axis"), step.params.get("keepdims", False)
    written = producer(step.inputs[0])
    if written is None or written.op.name != "scatter_set":
        return False
    whole, value, *arrays = written.inputs
    if not (isinstance(value, Constant) and value.value == 1):
        return False
    if axis is None and _is_one_place(written.params["key"], arrays, len(whole.shape)):
        return True
    if type(axis) is not int or not keep or len(arrays) != 2:
        return False
    if written.params["key"] != (Slot(0), Slot(1)) or len(whole.shape) != 2:
        return False
    across = 1 - axis % 2  # the axis along which the examples are
    rows = producer(arrays[across])
    if rows is None or rows.op.name != "arange" or set(rows.params) != {"stop"}:
        return False
    stop = rows.params["stop"]
    size = whole.sizes[across]
    return bool(stop.expression == size if type(stop) is Size else size.constant == stop)
