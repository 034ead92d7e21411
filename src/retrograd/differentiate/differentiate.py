"""differentiate: Program → Program with its backward pass.

Walks the steps from the last to the first. Each value's gradient is the sum of what its users send
back; each op's rule says what that is. This is the only place that undoes broadcasting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from retrograd.differentiate.scale import ONE, Flow, Scale, applied, peel
from retrograd.ops import TABLE, Op, Recorder, Symbol, messages
from retrograd.program import Constant, Note, Operand, Program, Size, Step, Value, is_size

Seeds = Sequence[tuple[Value, Value | None]]


@dataclass(frozen=True)
class Differentiated:
    """A program with its backward pass, and the gradients in it.

    Attributes:
        program: the steps of both; its result is still that of the forward pass.
        gradients: the gradient for each value asked for, in order.
    """

    program: Program
    gradients: tuple[Operand, ...]


def differentiate(program: Program, seeds: Seeds, wrt: Sequence[Value]) -> Differentiated:
    """Add the steps of the backward pass.

    Args:
        program: a forward pass.
        seeds: each output with the input that holds its gradient; None means one, for a scalar.
        wrt: the inputs whose gradients are wanted.

    Returns:
        The longer program, and the gradients, each of its input's shape and dtype.

    Raises:
        DifferentiationError: RG401 or RG402, an operation on the way has no derivative or no rule.
    """
    recorder = Recorder.continuing(program)
    with recorder.recording():
        gradients = _Walker(recorder, program.steps, wrt).walk(seeds)
    # gradients are values like any other; the walker leaves the names to the writer
    longer = replace(
        program,
        steps=tuple(recorder.steps),
        backward_from=len(program.steps),
        gradient_of=dict(recorder.gradient_of),
    )
    return Differentiated(longer, tuple(gradients))


class _Walker:
    def __init__(self, recorder: Recorder, steps: Sequence[Step], wrt: Sequence[Value]) -> None:
        self.recorder = recorder
        self.steps = steps
        self.wrt = list(wrt)
        self.arriving: dict[Value, list[Flow]] = {}
        self.active = set(wrt)
        self.jumps: dict[Value, Step] = {}  # values that depend on an input through an argmax
        for step in steps:
            self._note_dependence(step)

    def _note_dependence(self, step: Step) -> None:
        used = [v for v in step.values() if v in self.active]
        if not used:
            return
        self.active.add(step.output)
        if step.op.derivative == "none":
            self.jumps[step.output] = step
        elif step.op.derivative == "zero":
            for value in used:
                if value in self.jumps:
                    self.jumps[step.output] = self.jumps[value]

    def walk(self, seeds: Seeds) -> list[Operand]:
        for output, seed in seeds:
            core = None if seed is None else Symbol(self.recorder, seed)
            self.arriving.setdefault(output, []).append(Flow(ONE, core))
        gradients: dict[Value, Operand] = {}
        for step in reversed(self.steps):
            flows = self.arriving.pop(step.output, None)
            if flows and step.output in self.active:
                self._through(step, flows)
        for value in dict.fromkeys(self.wrt):
            gradients[value] = self._final(value, self.arriving.pop(value, []))
        return [gradients[value] for value in self.wrt]

    def _through(self, step: Step, flows: list[Flow]) -> None:
        """Send a step's gradient on to its operands."""
        op = step.op
        used = [v for v in step.values() if v in self.active]
        if op.derivative != "rule":
            self._stop(step, used)
            return
        flow = self._sum(flows)
        several = len(set(used)) > 1
        line = step.output in self.recorder.names and (op.elementwise or op.lower is None)
        if flow.core is not None and (several or line or not op.carries):
            flow = Flow(ONE, self._named(applied(self.recorder, flow), step.output))
        self._say(step, Note(op.note) if op.note else None)
        g: Any = 1.0 if flow.core is None else flow.core
        if not _takes(op, flow, step.output):
            g = self._full(step.output, flow)
            flow = Flow(ONE, g)
        operands = [self._thing(operand) for operand in step.inputs]
        assert op.rule is not None
        try:
            results = op.rule(g, self._thing(step.output), *operands, **step.params)
        except (ZeroDivisionError, OverflowError):  # of Python's numbers; arrays give inf or NaN
            g, flow = self._full(step.output, flow), Flow(ONE, None)
            results = op.rule(g, self._thing(step.output), *operands, **step.params)
        for operand, result in zip(step.inputs, results, strict=True):
            if result is None or not isinstance(operand, Value) or operand not in self.active:
                continue
            sent = peel(self.recorder, result)
            fitted = self._fit(self._combined(flow.scale, sent), step, operand)
            self.arriving.setdefault(operand, []).append(fitted)

    def _combined(self, scale: Scale, sent: Flow) -> Flow:
        product = scale.times(sent.scale)
        return Flow(scale, self._array(sent)) if product is None else Flow(product, sent.core)

    def _stop(self, step: Step, used: Sequence[Value]) -> None:
        name = step.op.name if "." in step.op.name else f"np.{step.op.name}"
        if step.op.derivative == "missing":
            raise messages.no_rule(name, step.where)
        if step.op.derivative == "none":
            raise messages.no_derivative(name, step.where)
        for value in used:
            if value in self.jumps:
                jump = self.jumps[value]
                raise messages.no_derivative(f"np.{jump.op.name}", jump.where)

    def _say(self, step: Step, note: Note | None) -> None:
        self.recorder.forward, self.recorder.note = step, note

    def _thing(self, operand: Operand) -> Any:
        """An operand as a rule takes it."""
        if isinstance(operand, Value):
            return Symbol(self.recorder, operand)
        if isinstance(operand, Constant):
            return operand.value
        return Size(operand.value, operand.expression)

    def _named(self, symbol: Symbol, of: Value) -> Symbol:
        """Note that a value is the gradient of another one."""
        step = self.recorder.producers.get(symbol.value)
        if step is not None and step.forward is not None:
            self.recorder.gradient_of.setdefault(symbol.value, of)
        return symbol

    def _sum(self, flows: list[Flow]) -> Flow:
        """What several users of a value send back, added up."""
        total = flows[0]
        for flow in flows[1:]:
            total = self._added(total, flow)
        return total

    def _added(self, a: Flow, b: Flow) -> Flow:
        """Two gradients as one: a common factor stays outside, a negative one becomes a minus."""
        if a.core is None and b.core is None:
            total = Size(a.scale.value + b.scale.value, a.scale.expression + b.scale.expression)
            scale = Scale.of(total)
            zero = scale is None
            return Flow(ONE, self._array_of(0.0)) if zero else Flow(scale or ONE, None)
        if a.core is not None and b.core is not None:
            if a.scale.expression == b.scale.expression:
                return Flow(a.scale, a.core + b.core)
            if a.scale.expression == -b.scale.expression:
                first, second = (b, a) if a.scale.value < 0 else (a, b)
                return Flow(first.scale, first.core - second.core)  # type: ignore[operator]
        if b.scale.value < 0 and b.core is not None:
            positive = Scale(-b.scale.value, -b.scale.expression)
            return Flow(ONE, self._array(a) - self._array(Flow(positive, b.core)))
        return Flow(ONE, self._array(a) + self._array(b))

    def _array(self, flow: Flow) -> Any:
        if flow.core is not None:
            return applied(self.recorder, flow)
        return self._array_of(flow.scale.number())

    def _array_of(self, number: Any) -> Symbol:
        return self.recorder.record(TABLE["array"], [number], {})

    def _full(self, like: Value, flow: Flow) -> Symbol:
        """A gradient in the full shape of its value, where it was kept smaller until now."""
        shaped = Symbol(self.recorder, like)
        if flow.core is None:
            if flow.scale.is_one:
                return np.ones_like(shaped)  # type: ignore[return-value]
            return np.full_like(shaped, flow.scale.number())  # type: ignore[return-value]
        return np.full_like(shaped, applied(self.recorder, flow))  # type: ignore[return-value]

    def _empty(self, value: Value) -> Symbol:
        return Symbol(self.recorder, self.recorder.record(TABLE["zeros_like"], [value], {}).value)

    def _final(self, value: Value, flows: list[Flow]) -> Operand:
        """The gradient of an input, in its shape and dtype."""
        self._say_nothing()
        like = Symbol(self.recorder, value)
        if not flows:
            if value.weak:
                return Constant(0.0)
            return np.zeros_like(like).value  # type: ignore[attr-defined, no-any-return]
        flow = self._sum(flows)
        if value.weak and flow.core is None:
            number = flow.scale.number()
            return self.recorder.operand(number if is_size(number) else float(number))
        if flow.core is None or flow.core.value.shape != value.shape:
            symbol = self._full(value, flow)
        else:
            symbol = applied(self.recorder, flow)
        if symbol.value.dtype != value.dtype and not value.weak:
            symbol = symbol.astype(value.dtype)
        return self._named(symbol, value).value

    def _say_nothing(self) -> None:
        """Steps from here on belong to the last rule's forward step, which is the value's user."""
        self.recorder.note = None

    def _fit(self, flow: Flow, step: Step, value: Value) -> Flow:
        """Sum a gradient over the axes along which its operand was broadcast."""
        core, scale = flow.core, flow.scale
        if step.op.spreads:
            shape, sizes = step.output.shape, step.output.sizes
        elif core is not None:
            shape, sizes = core.value.shape, core.value.sizes
        else:
            return flow
        lead = len(shape) - len(value.shape)
        if lead < 0:
            return flow
        kept: list[int] = []  # axes of the core to sum, at length 1 afterwards
        gone: list[int] = []  # axes of the core to sum or drop
        rank = 0 if core is None else len(core.value.shape)
        counted = None
        for axis, n in enumerate(shape):
            if axis >= lead and (value.shape[axis - lead] != 1 or n == 1):
                continue
            inner = axis - (len(shape) - rank)
            if inner < 0 or (core is not None and core.value.shape[inner] == 1 and n != 1):
                own = Scale.of(Size(n, sizes[axis]) if sizes[axis].constant is None else n)
                product = None if own is None else scale.times(own)
                if product is None:  # an empty axis: nothing to add up
                    return Flow(ONE, self._empty(value))
                scale = product
                if inner >= 0 and axis < lead:
                    gone.append(inner)
                continue
            counted = sizes[axis]
            (gone if axis < lead else kept).append(inner)
        if core is None or not (kept or gone):
            return Flow(scale, core)
        if counted is not None:
            self._say(step, _broadcast_note(step, value, gone, kept, counted))
        if kept:
            core = np.sum(core, axis=_axes(kept), keepdims=True)
        if gone:
            core = np.sum(core, axis=_axes(gone))
        self._say(step, None)
        return Flow(scale, core)


def _takes(op: Op, flow: Flow, output: Value) -> bool:
    """Whether a rule takes a gradient that is still smaller than its value."""
    if flow.core is None or flow.core.value.shape == ():
        return bool(op.lazy)
    shape = flow.core.value.shape
    if shape == output.shape or op.elementwise:
        return True
    return op.lazy is True and len(shape) == len(output.shape)


def _axes(axes: list[int]) -> Any:
    return axes[0] if len(axes) == 1 else tuple(axes)


def _broadcast_note(
    step: Step, value: Value, gone: list[int], kept: list[int], size: Any
) -> Note | None:
    verb = "added to" if step.op.name in ("add", "subtract") else "used in"
    if gone == [0] and not kept and len(step.output.shape) < 3:
        what = "rows" if len(step.output.shape) == 2 else "elements"
        return Note(f"{{v}} was {verb} all {{n}} {what}", {"v": value, "n": size})
    if len(kept) == 1 and not gone and len(step.output.shape) == 2:
        what = "rows" if kept == [0] else "columns"
        return Note(f"{{v}} was {verb} all {{n}} {what}", {"v": value, "n": size})
    return Note("{v} was broadcast, so its copies add up", {"v": value})
