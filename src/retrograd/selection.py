"""What a gradient is taken of, and with respect to what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from retrograd.errors import ArgumentError, DifferentiationError, DtypeError, ShapeError
from retrograd.ops import messages
from retrograd.program import Constant, Position, Program, Tree, Value


@dataclass(frozen=True)
class Selection:
    """The inputs that gradients are wanted of.

    Attributes:
        names: what the caller named, for the docstring.
        values: the inputs, in order.
        tree: puts gradients, in the same order, into the structure that the caller gets.
    """

    names: tuple[str, ...]
    values: tuple[Value, ...]
    tree: Callable[[Sequence[Any]], Tree]


def select(program: Program, wrt: int | str | Sequence[int | str]) -> Selection:
    """Find the arguments and captured arrays that `wrt` names.

    Raises:
        ArgumentError: RG408, there is no such argument.
        DtypeError: RG205, an argument of whole numbers.
    """
    single = isinstance(wrt, int | str)
    if not isinstance(wrt, int | str | list | tuple):
        raise ArgumentError("RG408", f"wrt is a name, a position or a list of them, not {wrt!r}")
    wanted = [wrt] if isinstance(wrt, int | str) else list(wrt)
    trees = [_tree_of(program, w) for w in wanted]
    values = tuple(leaf for _, tree in trees for leaf in tree.leaves() if isinstance(leaf, Value))

    def structure(gradients: Sequence[Any]) -> Tree:
        remaining = iter(gradients)

        def gradient(leaf: Any) -> Any:
            return next(remaining) if isinstance(leaf, Value) else Constant(None)

        made = [tree.map(gradient) for _, tree in trees]
        return made[0] if single else Tree("tuple", tuple, tuple(range(len(made))), tuple(made))

    return Selection(tuple(name for name, _ in trees), values, structure)


def _tree_of(program: Program, wrt: int | str) -> tuple[str, Tree]:
    """The name of one argument or captured array, and its tree of values."""
    arguments = program.positional()
    named = {p.name: p.tree for p in program.parameters} | dict(arguments)
    if isinstance(wrt, int) and -len(arguments) <= wrt < len(arguments):
        wrt = arguments[wrt][0]
    if isinstance(wrt, str) and wrt in named:
        for leaf, thing in named[wrt].leaves():
            if isinstance(thing, Value):
                _check_dtype(leaf.text, thing, program.defined)
            elif not leaf.path:
                raise _not_an_array(leaf.text, thing, program.defined)
        if not any(isinstance(thing, Value) for _, thing in named[wrt].leaves()):
            raise _not_an_array(wrt, named[wrt].build(lambda pair: pair[1]), program.defined)
        return wrt, named[wrt].map(lambda pair: pair[1])
    captured = {i.captured: i.value for i in program.inputs if i.captured is not None}
    captured |= {n: v for v, n in program.names.items() if v in set(captured.values())}
    if wrt in captured:
        _check_dtype(str(wrt), captured[wrt], program.defined)
        return str(wrt), Tree("leaf", object, leaf=captured[wrt])
    known = [p.name for p in program.parameters] + [str(c) for c in captured]
    raise ArgumentError(
        "RG408",
        f"{program.name} has no argument {wrt!r} to differentiate with respect to",
        where=program.defined,
        notes=(f"it takes {', '.join(known) or 'nothing'}",),
        help="wrt is a name, a position from 0, or a list of them",
    )


def _check_dtype(name: str, value: Value, where: Position | None) -> None:
    if value.dtype.kind == "f":
        return
    if value.dtype.kind == "c":
        raise messages.complex_number(where)
    why = "its gradient step would be cut to whole numbers"
    raise DtypeError(
        "RG205",
        f"{name} has dtype {value.dtype} and cannot be differentiated: {why}",
        where=where,
        help=f"{name}.astype(float), or np.ones((2, 4)) instead of np.ones((2, 4), dtype=int); "
        "labels may stay integers",
    )


def _not_an_array(name: str, thing: Any, where: Position | None) -> DtypeError:
    kind = type(thing).__name__
    return DtypeError(
        "RG205",
        f"{name} = {thing!r} is of type {kind} and cannot be differentiated",
        where=where,
        help=f"a number must be a float: {float(thing)}"
        if kind in ("int", "bool")
        else "np.array(..., dtype=float)",
    )


def split_aux(program: Program) -> tuple[Tree, Tree]:
    """The output and the rest, of a function that returns (loss, anything).

    Raises:
        DifferentiationError: RG407, it returns something else.
    """
    if program.result.kind != "tuple" or len(program.result.children) != 2:
        raise DifferentiationError(
            "RG407",
            f"with has_aux=True {program.name} must return (loss, anything), a tuple of two",
            where=_where(program),
        )
    return program.result.children[0], program.result.children[1]


def scalar_output(program: Program, output: Tree) -> Any:
    """The operand that is the loss.

    Raises:
        DifferentiationError: RG407, the output is no real scalar.
    """
    if output.kind == "leaf":
        loss = output.leaf
        if isinstance(loss, Value):
            if loss.shape == () and loss.dtype.kind == "f":
                return loss
            found = f"an array of shape {loss.shape} and dtype {loss.dtype}"
        else:
            found = repr(loss.value)
            if type(loss.value) is float:
                return loss
    else:
        found = f"a {output.kind} of {len(output.children)}"
    raise DifferentiationError(
        "RG407",
        f"{program.name} must return a real scalar to have a gradient; it returns {found}",
        where=_where(program),
        help="return one number, such as np.mean(...) or np.sum(...); rg.vjp takes any result; "
        "has_aux=True allows (loss, anything)",
    )


def seeds_of(program: Program) -> list[tuple[Value, Value | None]]:
    """For a recording whose last parameter holds its result's gradient: each output with its own.

    Raises:
        ShapeError: RG104, a gradient that does not have its output's shape.
        ArgumentError: RG409, a structure that differs from the result's.
    """
    g = program.parameters[-1].tree
    outputs = list(program.result.leaves())
    given = [thing for _, thing in g.leaves()]
    if len(outputs) != len(given):
        raise ArgumentError(
            "RG409",
            f"{program.name} returns {len(outputs)} arrays and g has {len(given)}",
            help="g needs the structure of the result, one gradient for each array in it",
        )
    seeds: list[tuple[Value, Value | None]] = []
    for output, seed in zip(outputs, given, strict=True):
        if not isinstance(output, Value) or output.dtype.kind != "f":
            continue
        if not isinstance(seed, Value):
            raise ArgumentError(
                "RG409",
                f"g must hold arrays of floats, and {seed!r} is a {type(seed).__name__}",
                help="pass an array of the shape of the result, or a float for a scalar",
            )
        if seed.shape != output.shape:
            raise ShapeError(
                "RG104",
                f"g has shape {seed.shape}, but the result of {program.name} has {output.shape}",
                help="a gradient has the shape of what it is the gradient of",
            )
        seeds.append((output, seed))
    return seeds


def _where(program: Program) -> Position | None:
    last = next((s.where for s in reversed(program.steps) if s.where is not None), None)
    return last or program.defined
