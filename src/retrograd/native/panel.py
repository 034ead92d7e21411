"""Columns of a matrix side by side in memory of their own, for the tiles of a product."""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from retrograd.native.vectors import I64, Vectors

_ADDRESS, _WHOLE = types.uintp, types.intp


def scratch(count: int) -> Any:
    """A function for compiled code: the address of memory for some numbers, on the stack.

    Returns:
        A function of 0 in their dtype.
    """

    @intrinsic
    def run(typing: Any, zero: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            own = Vectors(builder, zero.bitwidth)
            size = I64(-(-count // own.lanes))
            place = cgutils.alloca_once(builder, own.vector, size)  # type: ignore[no-untyped-call]
            return builder.ptrtoint(place, I64)

        return _ADDRESS(zero), generate

    return run


def copied(vectors: int) -> Any:
    """A function for compiled code: some vectors from one address to another.

    Returns:
        A function of (source, target, columns, zero): nothing is read after that many columns; 0 in
        their dtype.
    """

    @intrinsic
    def run(typing: Any, source: Any, target: Any, columns: Any, zero: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            own = Vectors(builder, zero.bitwidth)
            source, target = (own.pointer(address) for address in args[:2])
            for v in range(vectors):
                offset = I64(v * own.lanes)
                mask = own.below(builder.sub(args[2], offset))
                own.store(own.load(own.at(source, offset), mask), own.at(target, offset))
            return context.get_dummy_value()

        return types.void(_ADDRESS, _ADDRESS, _WHOLE, zero), generate

    return run


def _turned(
    typing: Any,
    source: Any,
    source_row: Any,
    rows: Any,
    columns: Any,
    target: Any,
    target_row: Any,
    zero: Any,
) -> Any:
    """A square of as many rows as a vector has lanes, transposed.

    Args:
        typing: Numba's.
        source: the address of the square.
        source_row: by how many entries its rows are apart.
        rows: how many there are, 1 or more.
        columns: how many columns there are.
        target: the address to which it goes.
        target_row: by how many entries rows are apart there.
        zero: 0 in the dtype.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        own = Vectors(builder, zero.bitwidth)
        source, source_row, rows, columns, target, target_row, _ = args
        mask = own.below(columns)
        place, block = own.pointer(source), []
        for k in range(own.lanes):
            block.append(own.load(place, mask))
            inside = builder.icmp_signed("<", I64(k + 1), rows)  # else the last one again
            place = own.at(place, builder.select(inside, source_row, I64(0)))
        place = own.pointer(target)
        for row in _transposed(own, block):
            own.store(row, place)
            place = own.at(place, target_row)
        return context.get_dummy_value()

    kinds = (_ADDRESS, _WHOLE, _WHOLE, _WHOLE, _ADDRESS, _WHOLE)
    return types.void(*kinds, zero), generate


turned: Any = intrinsic(_turned)


def _transposed(own: Vectors, block: list[ir.Value]) -> list[ir.Value]:
    """The columns of a square of vectors: lanes change places in pairs, then in fours, ..."""
    half = 1
    while half < own.lanes:
        lanes = range(own.lanes)
        first = [k if not k & half else own.lanes + k - half for k in lanes]
        second = [k + half if not k & half else own.lanes + k for k in lanes]
        made = list(block)
        for k in lanes:
            if not k & half:
                made[k] = own.shuffled(block[k], block[k + half], first)
                made[k + half] = own.shuffled(block[k], block[k + half], second)
        block, half = made, 2 * half
    return block
