"""Steps on whole matrices: products, also with a vector, and a matrix transposed for loops."""

from __future__ import annotations

from collections.abc import Mapping

from retrograd.compile.items import PRODUCTS, Gemm, Matrix, Turn
from retrograd.program import Operand, Step, Value

Same = Mapping[Value, tuple[Value, bool]]  # another shape of a value, or the value transposed


def on_matrices(step: Step, same: Same) -> Gemm | Turn | None:
    """A step as one of these; None for another one."""
    if step.output.dtype.kind != "f":
        return None
    return _product(step, same) or _turned(step, same)


def is_transposed(step: Step) -> bool:
    """Whether a step transposes a matrix."""
    axes = step.params.get("axes")
    two = len(step.output.shape) == 2 and axes in (None, (1, 0), [1, 0])
    return step.op.name == "transpose" and two


def _product(step: Step, same: Same) -> Gemm | None:
    if step.op.name not in PRODUCTS or not step.output.shape:  # of two vectors: a number
        return None
    left, right = (_matrix(i, same) for i in step.inputs)
    if left is None or right is None:
        return None
    if not (left.value.dtype == right.value.dtype == step.output.dtype):
        return None
    if len(left.value.shape) == 1:  # x @ A is A.T @ x
        left, right = Matrix(right.value, not right.transposed), left
    return Gemm(step.output, left, right, step)


def _turned(step: Step, same: Same) -> Turn | None:
    source = _matrix(step.inputs[0], same) if is_transposed(step) else None
    if source is None or source.transposed:
        return None
    return Turn(step.output, source.value, step)


def _matrix(operand: Operand, same: Same) -> Matrix | None:
    """A stored array of one or two axes."""
    if not isinstance(operand, Value) or len(operand.shape) not in (1, 2):
        return None
    transposed, value = False, operand
    while value in same and same[value][1]:
        value, transposed = same[value][0], not transposed
    return Matrix(value, transposed)
