"""Vector registers in LLVM's language, for the inner loops of matrix products."""

from __future__ import annotations

from functools import cache
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils

from retrograd.native.linked import has

I32, I64, POINTER = ir.IntType(32), ir.IntType(64), ir.PointerType()


@cache
def registers() -> tuple[int, int, int]:
    """Bytes of a vector register, and the rows and vectors of a tile that fit into all of them."""
    if has("avx512f"):
        return 64, 8, 2
    if has("avx2") and has("fma"):
        return 32, 4, 3
    return 16, 4, 2


def lanes(bits: int) -> int:
    """How many numbers a register holds.

    Args:
        bits: of a number: 32 or 64.
    """
    return registers()[0] * 8 // bits


class Vectors:
    """Writes instructions on vectors of one kind.

    Args:
        builder: where they go.
        bits: of a number: 32 or 64.
    """

    def __init__(self, builder: Any, bits: int) -> None:
        self.builder, self.bits, self.lanes = builder, bits, lanes(bits)
        self.number = ir.FloatType() if bits == 32 else ir.DoubleType()
        self.vector = ir.VectorType(self.number, self.lanes)
        self.zero = ir.Constant(self.vector, [0.0] * self.lanes)

    def pointer(self, address: Any) -> Any:
        """An address as a pointer."""
        return self.builder.inttoptr(address, POINTER)

    def at(self, pointer: Any, offset: Any) -> Any:
        """The place some numbers behind a pointer."""
        return self.builder.gep(pointer, [offset], source_etype=self.number)

    def spread(self, number: Any) -> Any:
        """A number in every lane."""
        nothing = ir.Constant(ir.VectorType(number.type, self.lanes), ir.Undefined)
        single = self.builder.insert_element(nothing, number, I64(0))
        return self.shuffled(single, nothing, [0] * self.lanes)

    def shuffled(self, x: Any, y: Any, order: list[int]) -> Any:
        """Lanes of two vectors, the second one's counted on from the first one's."""
        wanted = ir.Constant(ir.VectorType(I32, len(order)), order)
        return self.builder.shuffle_vector(x, y, wanted)

    def below(self, count: Any) -> Any:
        """A mask: the lanes whose number is below `count`."""
        numbers = ir.Constant(ir.VectorType(I64, self.lanes), list(range(self.lanes)))
        return self.builder.icmp_signed("<", numbers, self.spread(count))

    def multiply_add(self, x: Any, y: Any, z: Any) -> Any:
        """x * y + z."""
        return self.builder.call(self._function("fma", *[self.vector] * 4), [x, y, z])

    def load(self, place: Any, mask: Any = None) -> Any:
        """A vector from memory; 0 where a mask is not set, and nothing is read there."""
        if mask is None:
            return self.builder.load(place, align=self.bits // 8, typ=self.vector)
        kinds = self.vector, POINTER, I32, mask.type, self.vector
        function = self._function("masked.load", *kinds)
        return self.builder.call(function, [place, I32(self.bits // 8), mask, self.zero])

    def store(self, value: Any, place: Any, mask: Any = None) -> None:
        """A vector into memory, where the mask is set."""
        if mask is None:
            self.builder.store(value, place, align=self.bits // 8)
            return
        kinds = ir.VoidType(), self.vector, POINTER, I32, mask.type
        function = self._function("masked.store", *kinds)
        self.builder.call(function, [value, place, I32(self.bits // 8), mask])

    def _function(self, name: str, result: Any, *arguments: Any) -> Any:
        """One of LLVM's own functions."""
        full = f"llvm.{name}.v{self.lanes}f{self.bits}" + (".p0" if name != "fma" else "")
        kind = ir.FunctionType(result, arguments)
        return cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
            self.builder.module, kind, full
        )


def prefetch(builder: Any, place: Any) -> None:
    """An instruction that brings what is at a place near, to be read."""
    kind = ir.FunctionType(ir.VoidType(), [POINTER, I32, I32, I32])
    function = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
        builder.module, kind, "llvm.prefetch.p0"
    )
    builder.call(function, [place, I32(0), I32(3), I32(1)])
