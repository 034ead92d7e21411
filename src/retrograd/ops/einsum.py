"""Sums of products over named axes: einsum, and what it generalizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.ops.made import eye
from retrograd.ops.pick import diagonal
from retrograd.ops.samples import call, normal
from retrograd.ops.spelling import Text
from retrograd.ops.symbol import Symbol
from retrograd.ops.table import TABLE, Sized, composed, op
from retrograd.program import Expression, current_book

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _explicit(equation: str, ranks: Sequence[int]) -> str:
    """The equation with every axis named, ellipses too, and its output."""
    equation = equation.replace(" ", "")
    left, arrow, right = equation.partition("->")
    operands = left.split(",")
    free = [c for c in _LETTERS if c not in equation]
    dots = [
        max(rank - len(o.replace("...", "")), 0) if "..." in o else 0
        for o, rank in zip(operands, ranks, strict=True)
    ]
    shared = free[: max(dots, default=0)]

    def spelled(part: str, count: int) -> str:
        return part.replace("...", "".join(shared[len(shared) - count :]))

    full = [spelled(o, n) for o, n in zip(operands, dots, strict=True)]
    if arrow:
        output = spelled(right, len(shared))
    else:
        plain_left = left.replace("...", "").replace(",", "")
        once = sorted(c for c in set(plain_left) if plain_left.count(c) == 1)
        output = "".join(shared) + "".join(once)
    return f"{','.join(full)}->{output}"


def _operands(arrays: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    equation, *rest = arrays
    if not isinstance(equation, str):
        equation, rest = _from_lists(arrays)
    equation = _explicit(equation, [np.ndim(a) for a in rest])
    params = {k: v for k, v in params.items() if k != "equation"}
    fast = bool(params.pop("optimize", False)) and len(rest) > 1
    return rest, {**params, "equation": equation, **({"optimize": True} if fast else {})}


def _from_lists(arrays: Sequence[Any]) -> tuple[str, list[Any]]:
    """einsum(a, [0, 1], b, [1, 2], [0, 2]) as an equation."""
    pairs, last = list(arrays), None
    if len(pairs) % 2:
        last = pairs.pop()
    parts = ["".join(_LETTERS[i] for i in labels) for labels in pairs[1::2]]
    equation = ",".join(parts)
    if last is not None:
        equation += "->" + "".join(_LETTERS[i] for i in last)
    return equation, pairs[::2]


def _sizes(
    book: Any, *operands: Sized, equation: str, optimize: bool = False
) -> Sequence[Expression]:
    left, output = equation.split("->")
    found: dict[str, Expression] = {}
    for labels, operand in zip(left.split(","), operands, strict=True):
        for label, n, size in zip(labels, operand.shape, operand.sizes, strict=True):
            if label not in found or (found[label].constant == 1 and n != 1):
                found[label] = size
            elif n != 1:
                found[label] = book.same(found[label], size)
    return [found[label] for label in output]


def _spell(args: Sequence[Text], params: Mapping[str, str]) -> Text:
    equation = params["equation"].replace(",", ", ").replace("->", " -> ")
    fast = ["optimize=True"] if "optimize" in params else []
    return Text(f"np.einsum({', '.join([equation, *(a.code for a in args), *fast])})")


@op(
    run=lambda *arrays, equation, optimize=False: np.einsum(equation, *arrays, optimize=optimize),
    prepare=_operands,
    sizes=_sizes,
    spell=_spell,
    samples=[
        call(normal(2, 3), normal(3, 4), equation="ij,jk->ik"),
        call(normal(2, 3), normal(2, 3), equation="ij,ij->"),
        call(normal(2, 3), normal(2, 3), equation="ij,ij->i"),
        call(normal(2, 3), equation="ij->ji"),
        call(normal(2, 3), equation="ij->j"),
        call(normal(3, 3), equation="ii->"),
        call(normal(3, 3), equation="ii->i"),
        call(normal(3), normal(4), equation="i,j->ij"),
        call(normal(5, 2, 3), normal(5, 3, 4), equation="bij,bjk->bik"),
        call(normal(2, 3), normal(3), normal(2), equation="ij,j,i->i"),
        call(normal(5, 2, 3), normal(3, 4), equation="aij,jk->aik"),
        call(normal(2, 3), normal(4), equation="ij,k->k"),
        call(normal(2, 3), normal(3, 4), equation="ij,jk->ik", optimize=True),
    ],
)
def einsum(g: Any, out: Any, *arrays: Any, equation: str, optimize: bool = False) -> Any:
    """Products summed over the axes that the output leaves out: the same with g in its place.

    An axis that only this operand has was summed alone, so its gradient is copied along it; an axis
    named twice was a diagonal, so its gradient stands on the diagonal.
    """
    left, output = equation.split("->")
    labels = left.split(",")
    gradients = []
    for position, own in enumerate(labels):
        pairs = list(zip(labels, arrays, strict=True))
        others = pairs[:position] + pairs[position + 1 :]
        gradients.append(_gradient(g, output, own, others, arrays[position], optimize))
    return tuple(gradients)


def _gradient(
    g: Any,
    output: str,
    own: str,
    others: Sequence[tuple[str, Any]],
    x: Any,
    optimize: bool,
) -> Any:
    wanted = "".join(dict.fromkeys(own))  # each axis once
    known = {*output, *(c for labels, _ in others for c in labels)}
    here = "".join(c for c in wanted if c in known)
    equation = ",".join([output, *(labels for labels, _ in others)]) + "->" + here
    rest = [a for _, a in others]
    same = equation == f"{here}->{here}"
    d = g if same else np.einsum(equation, g, *rest, optimize=optimize)
    if here != wanted:  # summed alone: copies
        shape = [np.shape(x)[own.index(c)] if c in here else 1 for c in wanted]
        d = np.reshape(d, shape)
        d = np.broadcast_to(d, [np.shape(x)[own.index(c)] for c in wanted])
    for axis, label in enumerate(own):  # a diagonal
        first = own.index(label)
        if first != axis:
            identity = eye(np.shape(x)[axis], dtype=g.dtype)
            spare = next(c for c in _LETTERS if c not in own + wanted)
            d = np.einsum(
                f"{wanted},{label}{spare}->{wanted[:axis]}{spare}{wanted[axis:]}", d, identity
            )
            wanted = f"{wanted[:axis]}{spare}{wanted[axis:]}"
    return d


@composed(np.einsum)
def einsum_(*operands: Any, optimize: Any = False) -> Any:
    """np.einsum; of a single operand what it moves is a view."""
    arrays, params = _operands(list(operands), {"optimize": optimize})
    left, output = params["equation"].split("->")
    if len(arrays) == 1 and isinstance(arrays[0], Symbol):
        if sorted(left) == sorted(output) and len(set(left)) == len(left):
            return np.transpose(arrays[0], [left.index(c) for c in output])
        if len(left) == 2 and left == 2 * output:
            return diagonal(arrays[0])
        if len(set(left)) == len(left):
            gone = tuple(i for i, c in enumerate(left) if c not in output)
            rest = [c for c in left if c in output]
            total = np.sum(arrays[0], axis=gone if len(gone) > 1 else gone[0])
            order = [rest.index(c) for c in output]
            return total if order == sorted(order) else np.transpose(total, order)
    book = current_book()
    assert book is not None
    return book.recorder.record(TABLE["einsum"], arrays, params)


@composed(np.inner)
def inner(a: Any, b: Any) -> Any:
    """Products of all rows of one with all rows of the other."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    if np.ndim(b) == 1 or np.ndim(a) == 1:
        return a @ b if np.ndim(b) == 1 else b @ a
    return np.tensordot(a, b, axes=(-1, -1))


@composed(np.vdot)
def vdot(a: Any, b: Any) -> Any:
    """The sum of the products of all elements."""
    return np.sum(np.reshape(a, (-1,)) * np.reshape(b, (-1,)))


@composed(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Products summed over pairs of axes."""
    if isinstance(axes, int | np.integer):
        left = list(range(np.ndim(a) - axes, np.ndim(a)))
        right = list(range(axes))
    else:
        left, right = ([x] if isinstance(x, int) else list(x) for x in axes)
    left = [x % np.ndim(a) for x in left]
    right = [x % np.ndim(b) for x in right]
    of_a = list(_LETTERS[: np.ndim(a)])
    of_b = list(_LETTERS[np.ndim(a) : np.ndim(a) + np.ndim(b)])
    for i, j in zip(left, right, strict=True):
        of_b[j] = of_a[i]
    kept = [c for i, c in enumerate(of_a) if i not in left]
    kept += [c for j, c in enumerate(of_b) if j not in right]
    equation = f"{''.join(of_a)},{''.join(of_b)}->{''.join(kept)}"
    return np.einsum(equation, a, b, optimize=True)  # as fast as a matrix product


@composed(np.kron)
def kron(a: Any, b: Any) -> Any:
    """Every element of a times all of b, as blocks."""
    rank = max(np.ndim(a), np.ndim(b))
    one = [1] * (rank - np.ndim(a)) + list(np.shape(a))
    other = [1] * (rank - np.ndim(b)) + list(np.shape(b))
    left = np.reshape(a, [n for size in one for n in (size, 1)])
    right = np.reshape(b, [n for size in other for n in (1, size)])
    return np.reshape(left * right, [n * m for n, m in zip(one, other, strict=True)])


@composed(np.cross)
def cross(a: Any, b: Any, axis: int = -1) -> Any:
    """The vector product of vectors of length 3 along an axis."""
    a, b = np.moveaxis(a, axis, -1), np.moveaxis(b, axis, -1)
    parts = []
    for i, j in ((1, 2), (2, 0), (0, 1)):
        parts.append(a[..., i] * b[..., j] - a[..., j] * b[..., i])
    return np.moveaxis(np.stack(parts, axis=-1), -1, axis)
