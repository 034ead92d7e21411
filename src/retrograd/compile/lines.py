"""What is no loop, as text: matrix products, numbers, checks, and lines of NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.compile.items import Check, Gemm, Item, Loop, Plan, Scalar, Turn
from retrograd.compile.naming import Names
from retrograd.compile.spelled import expression, literal, number_type
from retrograd.ops import literals
from retrograd.ops.spelling import Text
from retrograd.program import Constant, Operand, SizeOperand, Step, Value

_GEMM = {(False, False): "gemm", (True, False): "gemm_first_transposed"}
_GEMM |= {(False, True): "gemm_second_transposed", (True, True): "gemm_both_transposed"}


class Lines:
    """Writes such items of a plan.

    Args:
        plan: the plan.
        function: the name of the function that runs it.
    """

    def __init__(self, plan: Plan, function: str) -> None:
        self.plan, self.names = plan, Names(plan, function)
        self.name = self.names.name
        self.imports: set[str] = set()

    def _item(self, item: Item) -> list[str]:
        """What an item does, in order."""
        if isinstance(item, Gemm):
            function = _GEMM[item.left.transposed, item.right.transposed]
            if len(item.out.shape) == 1:
                function = "gemv_transposed" if item.left.transposed else "gemv"
            left, right = (self._array(m.value) for m in (item.left, item.right))
            return [f"{function}({left}, {right}, {self.name(item.out)})"]
        if isinstance(item, Turn):
            return [f"turn({self._array(item.source)}, {self.name(item.out)})"]
        if isinstance(item, Scalar):
            texts = [self._number(i, number_type(item.step)) for i in item.step.inputs]
            return [f"{self.name(item.step.output)} = {expression(item.step, texts)}"]
        if isinstance(item, Check):
            return self._checked(item.step)
        assert not isinstance(item, Loop)
        return self._line(item.step)

    def _array(self, value: Value) -> str:
        """An array, in its shape where it shares the memory of another one."""
        stored = self.plan.stored(value)
        if stored is value:
            return self.name(value)
        return f"shaped({self.name(stored)}, {self.names.shape(value)})"

    def _number(self, operand: Operand, dtype: np.dtype[Any]) -> str:
        if isinstance(operand, Constant):
            return literal(operand.value, dtype)
        if isinstance(operand, SizeOperand):
            size = literals.size(operand.expression, self.names.letters, whole=False)
            return f"np.{dtype.name}({size.code})"
        text = self._array(operand) if operand.shape else self.name(self.plan.stored(operand))
        if operand.dtype != dtype and dtype.kind == "f":
            return f"np.{dtype.name}({text})"
        return text

    def _checked(self, step: Step) -> list[str]:
        y = step.inputs[0]
        assert isinstance(y, Value) and step.op.fails is not None
        params = {k: literals.parameter(v, self.names.letters) for k, v in step.params.items()}
        name = self.name(y)
        return [
            f"for {name}_i in shaped({name}, ({self.names.entries(y)},)):",
            f"    if {step.op.fails.format(f'{name}_i', **params)}:",
            '        raise ValueError("a label is none of the classes")',
        ]

    def _line(self, step: Step) -> list[str]:
        """A step as its line of NumPy."""
        name = self.name(step.output)
        texts = [self._operand(i) for i in step.inputs]
        params = {k: literals.parameter(v, self.names.letters) for k, v in step.params.items()}
        self.imports.update(step.op.imports)
        if step.op.statements is not None:
            return step.op.statements(name, texts, params)
        assert step.op.spell is not None
        code = step.op.spell(texts, params).code
        return [
            f"{name} = np.ascontiguousarray({code})" if step.output.shape else f"{name} = {code}"
        ]

    def _operand(self, operand: Operand) -> Text:
        if isinstance(operand, Constant):
            return literals.constant(operand.value)
        if isinstance(operand, SizeOperand):
            return literals.size(operand.expression, self.names.letters, whole=False)
        return Text(self._array(operand) if operand.shape else self._number(operand, operand.dtype))
