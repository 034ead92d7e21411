"""Program → plan: which steps go through memory together, which are matrix products.

    z1 = x @ W1 + b1                gemm    t = x @ W1
    a1 = np.maximum(z1, 0)    ⇒     loop    z1 = t + b1; a1 = maximum(z1, 0), row by row

A loop runs over the rows of arrays of one shape. What it reduces over a row (a maximum, a sum) is a
number that the rest of the row can use; what it reduces over rows is known when it ends.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from retrograd.compile.access import Space, access, is_entrywise, is_pick, row_spaces
from retrograd.compile.items import (
    PRODUCTS,
    REDUCTIONS,
    Check,
    Item,
    Line,
    Loop,
    Plan,
    Scalar,
    is_number_of_row,
    reduced,
)
from retrograd.compile.matrices import is_transposed, on_matrices
from retrograd.program import Operand, Program, Step, Value

_FILLED = ("zeros", "ones", "full")
_RESHAPES = ("reshape", "expand_dims", "squeeze")
_COSTLY, _SHORT = ("exp(", "tanh(", "erf(", "erfc("), 64  # columns


def plan(program: Program) -> Plan:
    """The plan of a program."""
    return _Planner(program).run()


class _Planner:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.users = program.users
        self.first: list[Item] = []
        self.items: list[Item] = []
        self.same: dict[Value, tuple[Value, bool]] = {}
        self.place = {i.value: -1 for i in program.inputs}  # of the item that makes a value
        self.counts: dict[Value, int] = {}  # arange(N), by its length
        self.masks: dict[Value, Step] = {}  # made in each loop that uses them

    def run(self) -> Plan:
        for step in self.program.steps:
            self._step(step)
        return Plan(self.program, (*self.first, *self.items), self.same)

    def _step(self, step: Step) -> None:
        handled = (
            self._alias(step)
            or self._counting(step)
            or self._matrices(step)
            or self._scalar(step)
            or self._check(step)
            or self._mask(step)
            or self._looped(step)
        )
        if not handled:
            self._line(step)

    def _line(self, step: Step) -> None:
        for value in step.values():
            mask = self.masks.pop(value, None)
            if mask is not None:
                self._line(mask)
        self._add(Line(step), step.output)

    def _add(self, item: Item, *outputs: Value) -> None:
        self.items.append(item)
        self.place.update(dict.fromkeys(outputs, len(self.items) - 1))

    def _after(self, operands: Sequence[Operand]) -> int:
        """The last item that makes one of the operands."""
        return max((self.place[o] for o in operands if isinstance(o, Value)), default=-1)

    # the kinds of items
    def _alias(self, step: Step) -> bool:
        """Another shape of an array, or a matrix that only products take transposed."""
        name, source = step.op.name, step.inputs[0] if step.inputs else None
        if name == "scatter_set" and _only_axes(step, 2):  # back from x[:, None]
            source = step.inputs[1]
        if not isinstance(source, Value) or bool(source.shape) != bool(step.output.shape):
            return False
        reshaped = name in _RESHAPES or _only_axes(step, 1) or source is not step.inputs[0]
        plain = name in ("stop_gradient", "as_float") and source.shape == step.output.shape
        if plain or (reshaped and not self.same.get(source, (source, False))[1]):
            transposed = False
        elif is_transposed(step):
            transposed = True
            if any(s.op.name not in PRODUCTS for s in self.users.get(step.output, ())):
                return False
            if step.output in self.program.results:
                return False
        else:
            return False
        self.same[step.output] = source, transposed
        self.place[step.output] = self.place[source]
        return True

    def _counting(self, step: Step) -> bool:
        """The row numbers of an index: they need no array."""
        name, length = step.op.name, math.prod(step.output.shape)
        if name != "arange" or step.inputs or step.output in self.program.results:
            return False
        if not all(row_spaces(s, {step.output: length}) for s in self.users.get(step.output, ())):
            return False
        self.counts[step.output] = length
        self.place[step.output] = -1
        return True

    def _matrices(self, step: Step) -> bool:
        """A product, or a matrix that loops read transposed."""
        item = on_matrices(step, self.same)
        if item is not None:
            self._keep(step)
            self._add(item, step.output)
        return item is not None

    def _keep(self, step: Step) -> None:
        """Let its operands have memory."""
        for value in step.values():
            mask = self.masks.pop(value, None)
            if mask is not None and not self._looped(mask):
                self._line(mask)

    def _scalar(self, step: Step) -> bool:
        """An operation on numbers that are known outside of loops."""
        numbers = all(not (isinstance(i, Value) and i.shape) for i in step.inputs)
        single = step.op.elementwise or (step.op.like and step.op.loop is not None)
        if not (single and numbers and not step.output.shape):
            return False
        if self._after(step.inputs) < 0:  # known before anything else runs
            self.first.append(Scalar(step))
            self.place[step.output] = -1
        else:
            self._add(Scalar(step), step.output)
        return True

    def _check(self, step: Step) -> bool:
        if not step.op.checks or step.op.fails is None or step.params.get("ignore") is not None:
            return False
        self._add(Check(step), step.output)
        return True

    def _mask(self, step: Step) -> bool:
        """True and False, and arrays of one number, take less to make again than to keep."""
        output = step.output
        lonely = output in self.program.results or not output.shape
        filled = step.op.loop is not None and (step.op.like or step.op.name in _FILLED)
        if not (filled or (step.op.elementwise and output.dtype.kind == "b")) or lonely:
            return False
        if output.dtype.kind not in "fb":
            return False
        self.masks[output] = step
        self.place[output] = self._after(step.inputs)
        return True

    def _looped(self, step: Step) -> bool:
        """Join the last loop that it fits into, or begin one."""
        spaces = row_spaces(step, self.counts)
        after = self._after([i for i in step.inputs if i not in self.counts])
        for space in spaces:
            for place in range(len(self.items) - 1, max(after, 0) - 1, -1):
                loop = self.items[place]
                if isinstance(loop, Loop) and self._joins(step, loop, space):
                    self.place[step.output] = place
                    return True
        if not spaces:
            return False
        lead, columns = spaces[-1]
        loop = Loop(lead, columns, flat=_is_better_flat(step, spaces[-1]))
        if not self._joins(step, loop, spaces[-1]):
            return False
        self._add(loop, step.output)
        return True

    def _joins(self, step: Step, loop: Loop, space: Space) -> bool:
        lead, columns = space
        fits = lead == loop.lead and (columns in (0, loop.columns) or not loop.columns)
        stored = set(self._stored(step))
        if not fits or not loop.after.isdisjoint(stored):
            return False
        if loop.flat != _is_better_flat(step, space) and not (
            loop.flat and self._is_flat(step, loop)
        ):
            return False
        flat = len(step.output.shape) == 1 or step.op.name in REDUCTIONS
        if flat and lead and not columns and loop.rows.isdisjoint(stored):
            return False  # one axis: a row of its own, unless it is made of numbers of the rows
        if not all(self._readable(step, v, loop, columns or loop.columns) for v in step.values()):
            return False
        for value in step.values():
            mask = self.masks.get(value)
            if mask is not None and value not in loop.phase:
                own = row_spaces(mask, self.counts)
                if not any(self._joins(mask, loop, s) for s in own):
                    return False
        loop.columns = loop.columns or columns
        self._made(step, loop)
        return True

    def _is_flat(self, step: Step, loop: Loop) -> bool:
        """Whether all arrays of a step have the loop's shape: rows need not be told apart."""
        if step.output.shape != (*loop.lead, loop.columns):
            return False
        if not is_entrywise(step) or is_pick(step) or step.op.name in REDUCTIONS:
            return False
        shapes = {v.shape for v in step.values() if math.prod(v.shape) != 1}
        return shapes <= {step.output.shape}

    def _stored(self, step: Step) -> Iterator[Value]:
        for value in step.values():
            while value in self.same:
                value = self.same[value][0]
            yield value

    def _readable(self, step: Step, operand: Value, loop: Loop, columns: int) -> bool:
        """Whether a loop with rows of some length can read an operand."""
        if operand in self.counts or (step.op.like and operand is step.inputs[0]):
            return True  # of which only the shape counts
        if step.op.name.startswith("scatter") and operand is step.inputs[0]:
            return True
        stored = operand
        while stored in self.same:
            if self.same[stored][1]:
                return False
            stored = self.same[stored][0]
        in_rows = stored in loop.rows
        found = access(operand.shape, loop.lead, columns, in_rows or _is_row(step, operand))
        if in_rows:
            return found in ("row", "one")
        return found == "full" if stored in loop.phase else found is not None

    def _made(self, step: Step, loop: Loop) -> None:
        """Note when a step's result is known in a loop."""
        values = [v for v in step.values() if v in loop.phase]
        values += [w for w in self._stored(step) if w in loop.phase]
        phase = max((loop.phase[v] for v in values), default=0)
        loop.steps.append(step)
        over = reduced(step, loop)
        if step.op.name == "index" or over == "row":
            from_rows = all(v in loop.rows for v in values) and bool(values)
            loop.phase[step.output] = phase if from_rows else phase + 1
            loop.rows.add(step.output)
        elif over in ("column", "all"):
            loop.after.add(step.output)
        elif is_number_of_row(step, loop):
            loop.phase[step.output] = phase
            loop.rows.add(step.output)
        else:
            loop.phase[step.output] = phase


def _is_better_flat(step: Step, space: Space) -> bool:
    """Whether a step is worth vector registers that are full, and its rows are short."""
    lead, columns = space
    costly = step.op.loop is not None and step.op.loop.startswith(_COSTLY)
    return bool(lead) and 0 < columns <= _SHORT and costly


def _is_row(step: Step, operand: Value) -> bool:
    """Whether an operand is taken as one number a row: the labels of an index."""
    return is_pick(step) and operand is not step.inputs[0]


def _only_axes(step: Step, operands: int) -> bool:
    """Whether a key only makes axes of length 1, as in x[:, None]."""
    if step.op.name not in ("index", "scatter_set") or len(step.inputs) != operands:
        return False
    key = step.params["key"]
    return all(k is None or (isinstance(k, slice) and k == slice(None)) for k in key)
