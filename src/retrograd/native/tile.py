"""A tile of a matrix product, held in vector registers.

    c[r, :] += a[r, p] * b[p, :]        for a few rows r and a few vectors of columns, over all p

Python has no name for a vector register, so this one loop is written in LLVM's language. LLVM makes
machine code of it for any processor; only how large a tile is depends on the registers there are.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from retrograd.native.vectors import I64, POINTER, Vectors, lanes, registers

_CHAIN = 4  # rows


def _strip(
    typing: Any,
    a: Any,
    a_row: Any,
    a_step: Any,
    b: Any,
    b_step: Any,
    c: Any,
    c_row: Any,
    rows: Any,
    depth: Any,
    add: Any,
    columns: Any,
    zero: Any,
) -> Any:
    """All rows of a product, at most as wide as a tile.

    Args:
        typing: Numba's.
        a: the address of the left matrix.
        a_row: by how many entries its rows are apart.
        a_step: by how many entries those that one sum takes are apart.
        b: the address of the right matrix, whose columns lie side by side.
        b_step: by how many entries its rows are apart.
        c: the address of the product.
        c_row: by how many entries its rows are apart.
        rows: of the product.
        depth: products a sum, 1 or more.
        add: whether to add to what stands in c.
        columns: of the product, 1 or more.
        zero: 0 in the dtype.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        columns, vectors = args[-2], registers()[2]
        ready = builder.append_basic_block("ready")
        for count in range(1, vectors + 1):
            own = _Strip(builder, zero.bitwidth, count, masked=True)
            with builder.if_then(builder.icmp_signed("<", columns, I64(count * own.lanes))):
                own.write(*args[:-1])
                builder.branch(ready)
        _Strip(builder, zero.bitwidth, vectors, masked=False).write(*args[:-1])
        builder.branch(ready)
        builder.position_at_end(ready)
        return context.get_dummy_value()

    address, whole = types.uintp, types.intp
    kinds = (address, whole, whole, address, whole, address, whole)
    return types.void(*kinds, whole, whole, types.boolean, whole, zero), generate


strip: Any = intrinsic(_strip)


class _Strip:
    """Writes the tiles of a strip, from top to bottom.

    Args:
        builder: where the instructions go.
        bits: of a number: 32 or 64.
        vectors: how many vectors of columns there are.
        masked: whether the last one may be partly outside of the matrix.
    """

    def __init__(self, builder: Any, bits: int, vectors: int, masked: bool) -> None:
        self.builder, self.lanes = builder, lanes(bits)
        heights = dict.fromkeys((registers()[1], registers()[1] // 2, 2, 1))
        self.tiles = [_Tile(builder, bits, height, vectors, masked) for height in heights]

    def write(
        self,
        a: Any,
        a_row: Any,
        a_step: Any,
        b: Any,
        b_step: Any,
        c: Any,
        c_row: Any,
        rows: Any,
        depth: Any,
        add: Any,
        columns: Any,
    ) -> None:
        """As many tiles of each height as fit."""
        builder = self.builder
        done = cgutils.alloca_once_value(builder, I64(0))  # type: ignore[no-untyped-call]
        for tile in self.tiles:
            test = builder.append_basic_block("rows")
            body, after = builder.append_basic_block("tile"), builder.append_basic_block("next")
            builder.branch(test)
            builder.position_at_end(test)
            row = builder.load(done)
            fits = builder.icmp_signed("<=", builder.add(row, I64(tile.rows)), rows)
            builder.cbranch(fits, body, after)
            builder.position_at_end(body)
            x = tile.at(tile.pointer(a), builder.mul(row, a_row))
            z = tile.at(tile.pointer(c), builder.mul(row, c_row))
            tile.write(x, a_row, a_step, tile.pointer(b), b_step, z, c_row, depth, add, columns)
            builder.store(builder.add(row, I64(tile.rows)), done)
            builder.branch(test)
            builder.position_at_end(after)


class _Tile(Vectors):
    """Writes the instructions of a tile."""

    def __init__(self, builder: Any, bits: int, rows: int, vectors: int, masked: bool) -> None:
        super().__init__(builder, bits)
        self.rows, self.vectors, self.masked = rows, vectors, masked
        self.mask: Any = None

    def write(
        self,
        a: Any,
        a_row: Any,
        a_step: Any,
        b: Any,
        b_step: Any,
        c: Any,
        c_row: Any,
        depth: Any,
        add: Any,
        columns: Any,
    ) -> None:
        """All of it, from the first load to the last store."""
        builder = self.builder
        if self.masked:
            before_last = I64((self.vectors - 1) * self.lanes)
            self.mask = self.below(builder.sub(columns, before_last))
        a_rows, c_rows = [I64(0)], [c]
        for _ in range(1, self.rows):
            a_rows.append(builder.add(a_rows[-1], a_row))
            c_rows.append(self.at(c_rows[-1], c_row))
        places = [(row, v) for row in c_rows for v in range(self.vectors)]
        start = self._start(add, places)
        # LLVM finds each row's address from the one before it: with one product a row, too slowly
        apart = self.rows if self.vectors > 1 else _CHAIN
        bases = [a, *(self._hidden(self.at(a, o)) for o in a_rows[apart::apart])]
        before = builder.block
        loop, after = builder.append_basic_block("sum"), builder.append_basic_block("summed")
        builder.branch(loop)
        builder.position_at_end(loop)
        sums = [self._phi(self.vector, value, before) for value in start]
        count = self._phi(I64, I64(0), before)
        lefts = [self._phi(POINTER, base, before) for base in bases]
        right = self._phi(POINTER, b, before)
        row_of_b = [self._load(right, v) for v in range(self.vectors)]
        made: list[Any] = []
        for row in range(self.rows):
            place = self.at(lefts[row // apart], a_rows[row % apart])
            entry = self.spread(builder.load(place, typ=self.number))
            for part in row_of_b:
                made.append(self.multiply_add(entry, part, sums[len(made)]))
        following = builder.add(count, I64(1))
        moved = [self.at(left, a_step) for left in lefts]
        changed = [*made, following, *moved, self.at(right, b_step)]
        for phi, value in zip([*sums, count, *lefts, right], changed, strict=True):
            phi.add_incoming(value, loop)
        builder.cbranch(builder.icmp_signed("<", following, depth), loop, after)
        builder.position_at_end(after)
        for value, (row, v) in zip(made, places, strict=True):
            self.store(value, self.at(row, I64(v * self.lanes)), self._mask_of(v))

    def _start(self, add: Any, places: list[tuple[Any, int]]) -> list[Any]:
        """What the sums begin with: what stands in c, or 0."""
        with self.builder.if_else(add) as (then, otherwise):
            with then:
                known = [self._load(row, v) for row, v in places]
                adding = self.builder.block
            with otherwise:
                anew = self.builder.block
        start = [self._phi(self.vector, value, adding) for value in known]
        for phi in start:
            phi.add_incoming(self.zero, anew)
        return start

    def _hidden(self, pointer: Any) -> Any:
        """The same pointer, of which LLVM does not see how it was made."""
        kind = ir.FunctionType(POINTER, [POINTER])
        return self.builder.asm(kind, "", "=r,0", [pointer], False)

    def _phi(self, kind: ir.Type, value: Any, block: Any) -> Any:
        """A value that depends on the block from which one comes."""
        phi = self.builder.phi(kind)
        phi.add_incoming(value, block)
        return phi

    def _mask_of(self, v: int) -> Any:
        return self.mask if v == self.vectors - 1 else None

    def _load(self, row: Any, v: int) -> Any:
        """A vector of a row."""
        return self.load(self.at(row, I64(v * self.lanes)), self._mask_of(v))
