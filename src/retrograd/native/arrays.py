"""Arrays in memory that is there already, for compiled code.

Numba's own `reshape` would ask the strides whether it has to copy; here rows always follow each
other. Sizes are checked all the same: what is wrong here would write into the memory of others.
"""

from __future__ import annotations

import math
from typing import Any

from numba import types
from numba.extending import intrinsic, overload

from retrograd.native.functions import OPTIONS, kernel
from retrograd.native.vectors import I64


def at(memory: Any, start: Any, shape: Any) -> Any:
    """The array of that shape that begins at memory[start], and where it ends."""
    end = start + math.prod(shape)
    return memory[start:end].reshape(shape), end


def shaped(array: Any, shape: Any) -> Any:
    """The same numbers in another shape."""
    return array.reshape(shape)


@kernel
def copy(array: Any, out: Any) -> None:
    """The numbers of an array of one axis."""
    for j in range(out.shape[0]):
        out[j] = array[j]


def in_rows(context: Any, builder: Any, kind: Any, data: Any, shape: list[Any]) -> Any:
    """LLVM's value of an array whose rows follow each other.

    Args:
        context: Numba's.
        builder: where the instructions go.
        kind: Numba's type of the array.
        data: a pointer to its first number.
        shape: the lengths of its axes, as values.
    """
    size = I64(context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    strides = [size]
    for length in shape[:0:-1]:
        strides.insert(0, builder.mul(strides[0], length))
    array = context.make_array(kind)(context, builder)
    context.populate_array(
        array, data=data, shape=shape, strides=strides, itemsize=size, meminfo=None
    )
    return array._getvalue()


def _viewing(typing: Any, array: Any, start: Any, shape: Any) -> Any:
    """An array that begins at some number of another one."""
    kind = types.Array(array.dtype, len(shape), "C", readonly=not array.mutable)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        number = context.get_data_type(array.dtype)
        old = context.make_array(array)(context, builder, args[0])
        data = builder.gep(old.data, [args[1]], source_etype=number)
        own = [builder.extract_value(args[2], n) for n in range(len(shape))]
        return in_rows(context, builder, kind, data, own)

    sizes = types.UniTuple(types.intp, len(shape))  # type: ignore[no-untyped-call]
    return kind(array, types.intp, sizes), generate


_view: Any = intrinsic(_viewing)


@overload(at, jit_options=OPTIONS)  # type: ignore[arg-type]
def _at(memory: Any, start: Any, shape: Any) -> Any:
    def run(memory: Any, start: Any, shape: Any) -> Any:
        size = 1
        for length in shape:
            size *= length
        if start < 0 or start + size > memory.size:
            raise ValueError("beyond the end of an array's memory")
        return _view(memory, start, shape), start + size

    return run


@overload(shaped, jit_options=OPTIONS)  # type: ignore[arg-type]
def _shaped(array: Any, shape: Any) -> Any:
    def run(array: Any, shape: Any) -> Any:
        size = 1
        for length in shape:
            size *= length
        if size != array.size:
            raise ValueError("an array has another size than its shape")
        return _view(array, 0, shape)

    return run
