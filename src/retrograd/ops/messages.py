"""The errors of recording: what happened, where, and a way out."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from retrograd.errors import (
    DifferentiationError,
    DtypeError,
    OutOfBoundsError,
    RetrogradError,
    ShapeError,
)
from retrograd.report import Position, source_segment

if TYPE_CHECKING:
    from retrograd.ops.table import Op


@dataclass(frozen=True)
class Known:
    """What is known of an operand: its name, its shape, and the code that made it."""

    name: str | None
    shape: tuple[int, ...]
    made: Position | None

    def sentence(self, text: str | None) -> str:
        """Such as: `W2 has shape (3, 4), an argument`."""
        name = self.name or text or "an operand"
        origin = (
            f"made by `{source_segment(self.made)}` at {self.made}" if self.made else "as given"
        )
        return f"{name} has shape {self.shape}, {origin}"


def operand_texts(where: Position | None) -> list[str]:
    """The operands of the operation at a place, as the user wrote them; [] if unknown."""
    if where is None:
        return []
    segment = source_segment(where)
    try:
        node = ast.parse(segment.strip(), mode="eval").body
    except SyntaxError:
        return []
    if isinstance(node, ast.BinOp):
        parts: Sequence[ast.expr] = (node.left, node.right)
    elif isinstance(node, ast.Call):
        parts = node.args
        if isinstance(node.func, ast.Attribute) and not (
            isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "numpy")
        ):
            parts = (node.func.value, *node.args)
    else:
        return []
    return [ast.unparse(part) for part in parts]


def cannot_run(
    op: Op, operands: Sequence[Known], error: Exception, where: Position | None
) -> RetrogradError:
    """RG101, RG102: shapes that do not fit, with every operand's name, shape and origin."""
    texts = operand_texts(where)
    if len(texts) != len(operands):
        texts = [""] * len(operands)
    named = [
        o.name or t or f"operand {i + 1}"
        for i, (o, t) in enumerate(zip(operands, texts, strict=True))
    ]
    notes = [o.sentence(n) for o, n in zip(operands, named, strict=True)]
    help_text = ""
    if op.name == "matmul" and len(operands) == 2 and all(o.shape for o in operands):
        a, b = (o.shape for o in operands)
        inner = b[-2] if len(b) > 1 else b[0]
        headline = (
            f"{named[0]} @ {named[1]} cannot be multiplied: {a[-1]} columns meet {inner} rows"
        )
        notes.append(f"the inner sizes must be equal: {_bracketed(a, -1)} @ {_bracketed(b, -2)}")
        if len(b) == 2 and b[1] == a[-1]:
            help_text = f"{named[1]}.T has shape {b[::-1]} and would fit"
        elif len(a) == 2 and a[0] == inner:
            help_text = f"{named[0]}.T has shape {a[::-1]} and would fit"
        return ShapeError("RG101", headline, where=where, notes=notes, help=help_text)
    if op.elementwise:
        shapes = " and ".join(str(o.shape) for o in operands)
        headline = f"{' and '.join(named)} cannot be broadcast together: {shapes}"
        return ShapeError("RG102", headline, where=where, notes=notes)
    headline = f"np.{op.name}: {error}"
    if isinstance(error, IndexError):
        return OutOfBoundsError("RG110", headline, where=where, notes=notes)
    kind = ShapeError if isinstance(error, ValueError) else DifferentiationError
    code = "RG110" if kind is ShapeError else "RG404"
    return kind(code, headline, where=where, notes=notes)


def refused_by_numpy(name: str, error: Exception, where: Position | None) -> RetrogradError:
    """RG110: a call that NumPy does not take."""
    kind = OutOfBoundsError if isinstance(error, IndexError) else ShapeError
    return kind("RG110", f"{name}: {error}", where=where)


def _bracketed(shape: tuple[int, ...], axis: int) -> str:
    axis = max(axis, -len(shape))
    parts = [f"[{n}]" if i == len(shape) + axis else str(n) for i, n in enumerate(shape)]
    return "×".join(parts)


def branch_on_value(where: Position | None, kind: str) -> RetrogradError:
    """RG403: an array's value decides something while the program is being recorded."""
    text = source_segment(where) if where else ""
    subject = f"`{text}` " if text else "this line "
    notes = ("shapes, sizes and Python numbers may decide; array values may not",)
    if kind == "bool":
        return DifferentiationError(
            "RG403",
            f"{subject}asks for the truth of an array, which is not known while it is recorded",
            where=where,
            notes=notes,
            help="np.where(condition, a, b)   or decide outside and differentiate one branch",
        )
    return DifferentiationError(
        "RG403",
        f"{subject}needs {kind} of an array, which is not known while it is recorded",
        where=where,
        notes=notes,
        help=f"keep the array: NumPy's operators and functions take it as it is, without {kind}",
    )


def no_rule(name: str, where: Position | None) -> RetrogradError:
    """RG402: a function of NumPy that nobody wrote a rule for, and what is near it."""
    from retrograd.ops.near import near_functions

    near = near_functions(name)
    return DifferentiationError(
        "RG402",
        f"{name} has no rule for its gradient yet",
        where=where,
        notes=(f"near it, and with a rule: {', '.join(near)}",) if near else (),
        help="write it with functions that have one (docs/operations.md), or wrap what needs no "
        "gradient in rg.stop_gradient(...)",
    )


def no_derivative(name: str, where: Position | None) -> RetrogradError:
    """RG401: a function whose gradient is of no use."""
    return DifferentiationError(
        "RG401",
        f"{name} has no useful derivative, and the result depends on an argument through it",
        where=where,
        notes=("it jumps: its slope is 0 almost everywhere and undefined at the jumps",),
        help="keep it out of what is differentiated, or wrap it: rg.stop_gradient(...)",
    )


def unknown_argument(function: Any, name: str) -> DifferentiationError:
    """RG402: an argument of a NumPy function that the rule does not cover."""
    return DifferentiationError(
        "RG402",
        f"np.{function.__name__}(..., {name}=...) cannot be recorded",
        help=f"write it without {name}=",
    )


def several_results(op: Op, where: Position | None) -> RetrogradError:
    """RG402: a function without a rule that returns several arrays."""
    return no_rule(f"{op.name} (several results)", where)


def stale_symbol(where: Position | None) -> RetrogradError:
    """RG406: a symbol outlived its recording."""
    return DifferentiationError(
        "RG406",
        "an array from an earlier recording is used after it ended",
        where=where,
        notes=(
            "something kept a value of the recorded function: a global, an attribute or a cache",
        ),
        help="return what you need from the function instead of storing it outside",
    )


def foreign_object(thing: Any, where: Position | None) -> RetrogradError:
    """RG404: an operand that is no array."""
    return DifferentiationError(
        "RG404",
        f"{type(thing).__name__} object cannot be an operand of NumPy code that is recorded",
        where=where,
        help="use arrays, numbers, lists of them, or convert with np.asarray outside the function",
    )


def write_into_array(where: Position | None, what: str = "an array") -> RetrogradError:
    """RG404: a write into an array that cannot be followed."""
    return DifferentiationError(
        "RG404",
        f"a write into {what} cannot be recorded",
        where=where,
        help="build the result instead: np.where, np.concatenate, x.reshape(...), or a new name",
    )


def does_not_fit(
    shape: tuple[int, ...], into: tuple[int, ...], where: Position | None
) -> RetrogradError:
    """RG102: a result that is larger than the array it is written into."""
    return ShapeError(
        "RG102",
        f"a result of shape {shape} does not fit into the array of shape {into}",
        where=where,
        notes=("a write keeps the array's shape; only the other side may be broadcast",),
        help="give the result a name of its own: y = x + b instead of x += b",
    )


def cut(dtype: Any, into: Any, where: Position | None) -> RetrogradError:
    """RG207: floats written into an array of whole numbers."""
    return DtypeError(
        "RG207",
        f"{dtype} numbers are written into an array of {into}, which cuts them off",
        where=where,
        notes=("what is cut off has no gradient: every gradient through this array would be zero",),
        help="make the array of floats: np.zeros(n) instead of np.zeros(n, dtype=int), and "
        "np.array([1.0, 2.0]) instead of np.array([1, 2])",
    )


def number_in_array(where: Position | None) -> RetrogradError:
    """RG403: what went through float() is used as more than a number."""
    return branch_on_value(where, "float()")


def index_dtype(dtype: Any, where: Position | None) -> RetrogradError:
    """RG201: an index, such as class numbers, that holds no whole numbers."""
    return DtypeError(
        "RG201",
        f"an array used as an index has dtype {dtype}: class numbers must be whole numbers",
        where=where,
        help="labels.astype(int); for one-hot labels use (y * log_p).sum(axis=1)",
    )


def complex_number(where: Position | None) -> RetrogradError:
    """RG206: a complex number came up."""
    return DtypeError(
        "RG206",
        "complex numbers cannot be differentiated",
        where=where,
        help="write the real and the imaginary part as two arrays",
    )


def values_decide_shape(name: str, where: Position | None) -> RetrogradError:
    """RG405: the result's shape depends on the values in an array."""
    return DifferentiationError(
        "RG405",
        f"{name} gives an array whose shape depends on the values",
        where=where,
        help="keep the shape: np.where(mask, x, 0), or x * mask and divide by mask.sum()",
    )
