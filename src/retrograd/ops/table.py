"""The op table: one `Op` for each operation, declared with `@op` above its rule.

The declaration is the op. The recorder finds it by the NumPy function it answers for, the walker
calls its rule, the writer asks how it is spelled, and the tests walk the table.

A rule takes `g`, the gradient of the result, `out`, the result, and the operands; it returns one
gradient for each operand (None: this operand has none). It is plain NumPy code. It may branch on
shapes and parameters, never on values, and never undoes broadcasting: the walker does.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from retrograd.ops import spelling
from retrograd.program import Expression, SizeBook, Value

Derivative = Literal["rule", "zero", "none", "missing"]
SizesRule = Callable[..., Sequence[Expression] | None]
Statements = Callable[[str, Sequence[spelling.Text], Mapping[str, str]], list[str]]


@dataclass(frozen=True, eq=False)
class Op:
    """An operation on arrays.

    Attributes:
        name: a Python identifier; unique in the table.
        functions: the callables of NumPy that mean this op.
        run: computes the result from arrays and parameters.
        rule: computes the gradients; see the module's docstring.
        derivative: "rule"; "zero" (piecewise constant, like sign); "none" (argmax: there is no
            useful one); "missing" (nobody wrote it yet).
        arrays: the operands' names; the last one starts with `*` where there can be any number.
        defaults: the parameters with their defaults.
        elementwise: the result's shape is the operands' broadcast shape.
        spreads: a gradient has the result's shape, and the walker sums it to the operand's.
        carries: the rule is linear in g and uses it once, so a scalar factor may pass through.
        lazy: what the rule takes for a full g: True, any smaller array that broadcasts to it;
            "number", a 0-d one; False, nothing else.
        view: the result can share the first operand's memory, so writes into either reach both.
        alias: in the text the result is the operand itself: one array under two names.
        undo: for a view, `undo(new, base, *others, **params)`: the base once the view holds `new`;
            without it, the rule says it.
        like: of the first operand only its shape and dtype count.
        updates: the result is the first operand with a part of it written anew.
        takes_masks: an operand after the first may be a mask, whose values decide a shape.
        by_values: whether values decide the result's shape; a function of the operands, or a bool.
        checks: it raises unless its operand is as it was when recorded; never left out.
        loop: its text for single numbers, {0} the first operand, where that is not `spell`'s; ""
            where a compiled loop cannot run it.
        chosen: for one that writes at a key: its text for a single entry, `{here}` whether the key
            chooses it.
        fails: for one that checks: the condition on a single number, with parameters by name.
        prepare: puts a call's operands and parameters into the form that `run` takes.
        sizes: the result's sizes, as `sizes(book, *operands, **params)`; None pins the operands'.
        spell: its text as an expression.
        statements: its text as statements, where no expression says it; called with the target.
        imports: lines that its text needs at the top, beside `import numpy as np`.
        letter: what its result is called where the user's code has no name for it.
        note: what to say beside a gradient that comes from its rule.
        lower: the same result from simpler operations; for ops that exist only to be recognized.
        made_of: the same from operations that compiled loops run, where they cannot run this one.
        symmetric: the operand stands for (x + x.T) / 2, so its gradient is symmetric as well.
        samples: functions of a Generator that make operands and parameters for the tests.
        home: the module that declares it.
    """

    name: str
    functions: tuple[Callable[..., Any], ...]
    run: Callable[..., Any]
    rule: Callable[..., Any] | None
    derivative: Derivative
    arrays: tuple[str, ...]
    defaults: Mapping[str, Any]
    elementwise: bool = False
    spreads: bool = False
    carries: bool = False
    lazy: bool | str = False
    view: bool = False
    alias: bool = False
    undo: Callable[..., Any] | None = None
    like: bool = False
    updates: bool = False
    takes_masks: bool = False
    by_values: bool | Callable[[Sequence[Any]], bool] = False
    checks: bool = False
    loop: str | None = None
    chosen: str | None = None
    fails: str | None = None
    prepare: Callable[..., Any] | None = None
    sizes: SizesRule | None = None
    spell: spelling.Spelling | None = None
    statements: Statements | None = None
    imports: tuple[str, ...] = ()
    letter: str = "t"
    note: str | None = None
    lower: Callable[..., Any] | None = None
    made_of: Callable[..., Any] | None = None
    symmetric: bool = False
    samples: tuple[Any, ...] = field(default=(), repr=False)
    doc: str = ""
    home: str = ""

    def result_sizes(
        self, book: SizeBook, operands: Sequence[Any], params: Mapping[str, Any]
    ) -> Sequence[Expression] | None:
        """The sizes of the result, or None if no rule says them."""
        if self.sizes is not None:
            return self.sizes(book, *operands, **params)
        if self.elementwise:
            sizes: Sequence[Expression] = book.broadcast(*((o.shape, o.sizes) for o in operands))
            return sizes
        return None

    def shape_by_values(self, operands: Sequence[Any]) -> bool:
        """Whether the values in these operands decide the result's shape."""
        return self.by_values(operands) if callable(self.by_values) else self.by_values


class Table:
    """Every op, by the function it answers for and by name."""

    def __init__(self) -> None:
        self._by_function: dict[Callable[..., Any], Op] = {}
        self._by_name: dict[str, Op] = {}

    def __iter__(self) -> Iterator[Op]:
        return iter(self._by_name.values())

    def __getitem__(self, name: str) -> Op:
        return self._by_name[name]

    def find(self, function: Callable[..., Any]) -> Op | None:
        """The op that a NumPy function means, or None."""
        return self._by_function.get(function)

    def add(self, entry: Op) -> None:
        """Register an op; each name and each function only once."""
        if entry.name in self._by_name:
            raise ValueError(f"two ops are named {entry.name}")
        for function in entry.functions:
            if function in self._by_function:
                raise ValueError(f"{function} already means {self._by_function[function].name}")
        self._by_name[entry.name] = entry
        for function in entry.functions:
            self._by_function[function] = entry

    def replace(self, entry: Op) -> None:
        """Put an op in the place of the one of its name (for tests that plant a defect)."""
        self._by_name[entry.name] = entry
        for function in entry.functions:
            self._by_function[function] = entry

    def remove(self, name: str) -> None:
        """Take an op out again (for tests that plant one)."""
        for function in self._by_name.pop(name).functions:
            del self._by_function[function]


TABLE = Table()
COMPOSED: dict[Any, Callable[..., Any]] = {}  # functions written with others that are ops


def composed(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare what a function of NumPy (or (ufunc, method)) is in terms of others."""

    def register(body: Callable[..., Any]) -> Callable[..., Any]:
        for function in functions:
            if function in COMPOSED:
                raise ValueError(f"{function} is composed twice")
            COMPOSED[function] = body
        return body

    return register


def since(module: Any, name: str) -> tuple[Any, ...]:
    """A function that this release of NumPy may not have yet."""
    return (getattr(module, name),) if hasattr(module, name) else ()


def op(
    *functions: Callable[..., Any],
    run: Callable[..., Any] | None = None,
    derivative: Derivative = "rule",
    elementwise: bool = False,
    spreads: bool = False,
    carries: bool | None = None,
    lazy: bool | str = False,
    view: bool = False,
    alias: bool = False,
    undo: Callable[..., Any] | None = None,
    like: bool = False,
    updates: bool = False,
    takes_masks: bool = False,
    by_values: bool | Callable[[Sequence[Any]], bool] = False,
    checks: bool = False,
    loop: str | None = None,
    chosen: str | None = None,
    fails: str | None = None,
    prepare: Callable[..., Any] | None = None,
    sizes: SizesRule | None = None,
    spell: spelling.Spelling | None = None,
    statements: Statements | None = None,
    imports: tuple[str, ...] = (),
    letter: str = "t",
    note: str | None = None,
    lower: Callable[..., Any] | None = None,
    made_of: Callable[..., Any] | None = None,
    symmetric: bool = False,
    samples: Sequence[Any] = (),
) -> Callable[[Callable[..., Any]], Op]:
    """Declare an op above its rule; the function below it gives the operands' names as well."""

    def register(rule: Callable[..., Any]) -> Op:
        names = list(inspect.signature(rule).parameters.values())
        if derivative == "rule":
            names = names[2:]  # g, out
        kinds = inspect.Parameter
        arrays = tuple(
            ("*" if p.kind is kinds.VAR_POSITIONAL else "") + p.name
            for p in names
            if p.kind is not kinds.KEYWORD_ONLY
        )
        name = rule.__name__.rstrip("_")
        body: Callable[..., Any] = functions[0] if functions else rule
        entry = Op(
            name=name,
            functions=functions,
            run=getattr(body, "body", body) if run is None else run,
            rule=rule if derivative == "rule" else None,
            derivative=derivative,
            arrays=arrays,
            defaults={p.name: p.default for p in names if p.kind is kinds.KEYWORD_ONLY},
            elementwise=elementwise,
            spreads=elementwise or spreads,
            carries=elementwise if carries is None else carries,
            lazy=lazy or elementwise,
            view=view,
            alias=alias,
            undo=undo,
            like=like,
            updates=updates,
            takes_masks=takes_masks,
            by_values=by_values,
            checks=checks,
            loop=loop,
            chosen=chosen,
            fails=fails,
            prepare=prepare,
            sizes=sizes,
            spell=spell or (None if statements else spelling.call(f"np.{name}")),
            statements=statements,
            imports=imports,
            letter=letter,
            note=note,
            lower=lower,
            made_of=made_of,
            symmetric=symmetric,
            samples=tuple(samples),
            doc=inspect.getdoc(rule) or "",
            home=rule.__module__,
        )
        TABLE.add(entry)
        return entry

    return register


@dataclass(frozen=True)
class Sized:
    """What a sizes rule sees of an operand: its shape and its sizes."""

    shape: tuple[int, ...]
    sizes: tuple[Expression, ...]
    dtype: Any = None

    @staticmethod
    def of(operand: Any) -> Sized:
        """The shape of a Value, a Constant or a size."""
        if isinstance(operand, Value):
            return Sized(operand.shape, operand.sizes, operand.dtype)
        shape = getattr(operand.value, "shape", ())
        dtype = getattr(operand.value, "dtype", None)
        return Sized(shape, tuple(Expression.of(n) for n in shape), dtype)
