"""A function of a module, compiled by Numba, as machine code that can be kept.

Numba's own functions take objects of Python apart and need Numba in the process. An entry takes one
address instead, of *slots*, numbers of 8 bytes. For each argument: a number, or an array's address
and shape. Then what the function returns, or whether and how it has failed. So it can be called
with `ctypes`, from a process that never imports Numba.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import binding, ir  # type: ignore[import-untyped]
from numba import types
from numba.core import compiler, registry
from numba.core.compiler_lock import global_compiler_lock
from numba.core.errors import NumbaError
from numba.np.numpy_support import from_dtype

from retrograd.errors import CannotCompileError
from retrograd.native.arrays import in_rows
from retrograd.native.functions import OPTIONS
from retrograd.native.kept import PRODUCT
from retrograd.native.kinds import Kind
from retrograd.native.linked import machine
from retrograd.native.machine_code import Code
from retrograd.native.vectors import I64, POINTER


def entry(module: Any, function: str, kinds: Sequence[Kind], name: str) -> Code:
    """`void name(slots)`.

    Args:
        module: where the function is; its `failed`, if it has one, is called with the first two
            arguments when it raises.
        function: what it is called there.
        kinds: its arguments.
        name: what it is called as machine code.
    """
    arguments = tuple(map(_type, kinds))
    result = _compiled(getattr(module, function), arguments)
    failed = getattr(module, "failed", None)
    other = None if failed is None else _compiled(failed, arguments[:2])
    writer = _Writer(result, name)
    returned = writer.write(other)
    if other is not None:
        _finished(other.library)
        result.library.add_linking_library(other.library)
    return writer.code(returned)


def plain(function: Callable[..., Any], arguments: Sequence[Any], name: str) -> Code:
    """`void name(*arguments)`, for other machine code to call.

    Args:
        function: Python code that raises nothing.
        arguments: Numba's types, of numbers.
        name: what it is called as machine code.
    """
    result = _compiled(function, tuple(arguments))
    writer = _Writer(result, name)
    writer.forward()
    return writer.code("")


def _type(kind: Kind) -> Any:
    """Numba's type of an argument."""
    own = from_dtype(np.dtype(kind.dtype))
    return own if kind.ndim is None else types.Array(own, kind.ndim, "C")


@global_compiler_lock  # type: ignore[untyped-decorator]
def _compiled(function: Any, arguments: tuple[Any, ...]) -> Any:
    """A function as code of LLVM; more can be added to its library.

    Raises:
        CannotCompileError: RG610, Numba cannot compile it.
    """
    target = registry.cpu_target
    flags: Any = compiler.Flags()  # type: ignore[no-untyped-call]
    options: Any = target.options
    options.parse_as_flags(flags, {"nopython": True, "nogil": True, **OPTIONS})
    flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
    try:
        return compiler.compile_extra(  # type: ignore[no-untyped-call]
            target.typing_context,
            target.target_context,
            getattr(function, "py_func", function),
            args=arguments,
            return_type=None,
            flags=flags,
            locals={},
        )
    except NumbaError as error:
        raise CannotCompileError("RG610", f"Numba: {str(error).splitlines()[0]}") from error


@global_compiler_lock  # type: ignore[untyped-decorator]
def _finished(library: Any) -> None:
    library.finalize()


class _Writer:
    """Writes a function in LLVM's language that calls one of Numba's."""

    def __init__(self, result: Any, name: str) -> None:
        self.result, self.name, self.library = result, name, result.library
        self.context, self.signature = result.target_context, result.signature
        self.module = self.library.create_ir_module(name)
        self.used = 0

    def _begin(self, kinds: Sequence[Any]) -> ir.Function:
        own = ir.Function(self.module, ir.FunctionType(ir.VoidType(), kinds), self.name)
        self.builder = ir.IRBuilder(own.append_basic_block())
        return own

    def _call(self, result: Any, arguments: Sequence[Any]) -> tuple[Any, Any]:
        """The status of a call, and what it returned."""
        function = self.context.declare_function(self.module, result.fndesc)
        own, kinds = self.builder, result.signature
        call = self.context.call_conv.call_function
        found: tuple[Any, Any] = call(own, function, kinds.return_type, kinds.args, arguments)
        return found

    def forward(self) -> None:
        """A call with the arguments as they come."""
        own = self._begin([self.context.get_value_type(t) for t in self.signature.args])
        with self.context.push_code_library(self.library):
            self._call(self.result, own.args)
        self.builder.ret_void()
        self.library.add_ir_module(self.module)

    def write(self, failed: Any) -> str:
        """A call with arguments from slots; the letters of what it returns."""
        self.slots = self._begin([POINTER]).args[0]
        with self.context.push_code_library(self.library):
            letters = self._body(failed)
        self.builder.ret_void()
        self.library.add_ir_module(self.module)
        return letters

    def _body(self, failed: Any) -> str:
        arguments = [self._argument(t) for t in self.signature.args]
        status, returned = self._call(self.result, arguments)
        builder, kind = self.builder, self.signature.return_type
        builder.store(builder.zext(status.is_error, I64), self._slot())
        first = self.used
        with builder.if_else(status.is_error) as (wrong, right):
            with wrong:
                text = builder.load(status.excinfoptr)
                address = builder.ptrtoint(builder.extract_value(text, 0), I64)
                builder.store(address, self._slot())
                length = builder.zext(builder.extract_value(text, 1), I64)
                builder.store(length, self._slot())
                if failed is not None:
                    self._call(failed, arguments[:2])
            with right:
                self.used = first
                letters = self._store(returned, kind)
        return letters

    def _slot(self) -> Any:
        """The place of the next one."""
        self.used += 1
        return self.builder.gep(self.slots, [I64(self.used - 1)], source_etype=I64)

    def _argument(self, kind: Any) -> Any:
        """A number or an array."""
        builder, context = self.builder, self.context
        if not isinstance(kind, types.Array):
            whole = not isinstance(kind, types.Float)
            own, typ = (types.int64, I64) if whole else (types.float64, ir.DoubleType())
            return context.cast(builder, builder.load(self._slot(), typ=typ), own, kind)
        number = context.get_data_type(kind.dtype)
        data = builder.inttoptr(builder.load(self._slot(), typ=I64), number.as_pointer())
        shape = [builder.load(self._slot(), typ=I64) for _ in range(kind.ndim)]
        return in_rows(context, builder, kind, data, shape)

    def _store(self, value: Any, kind: Any) -> str:
        """Write what is returned into slots."""
        builder = self.builder
        if isinstance(kind, types.BaseTuple):
            parts = [builder.extract_value(value, n) for n in range(len(kind))]
            return "".join([self._store(part, kind[n]) for n, part in enumerate(parts)])  # type: ignore[index]
        if isinstance(kind, types.NoneType):
            return ""
        whole = not isinstance(kind, types.Float)
        number = self.context.cast(builder, value, kind, types.int64 if whole else types.float64)
        builder.store(number, self._slot())
        return "q" if whole else "d"

    def code(self, returned: str) -> Code:
        """Machine code in which this function alone has a name.

        Raises:
            CannotCompileError: RG610, it calls what only Numba has.
        """
        _finished(self.library)
        module = binding.parse_assembly(self.library.get_llvm_str())
        module.link_in(binding.parse_assembly(_NO_MEMORY.format(triple=module.triple)))
        for thing in (*module.functions, *module.global_variables):
            if not thing.is_declaration and thing.name != self.name:
                thing.linkage = "internal"
        called = [f.name for f in module.functions if f.is_declaration]
        if foreign := [name for name in called if name.startswith(("numba_", "NRT_", "Py"))]:
            raise CannotCompileError("RG610", f"it needs {foreign[0]}, which only Numba has")
        needs = tuple(name for name in called if name.startswith(PRODUCT))
        return Code(machine().emit_object(module), returned, needs)


# arrays are parts of memory that is given; Numba counts who uses it, and here nobody owns any
_NO_MEMORY = """
target triple = "{triple}"
define void @NRT_MemInfo_call_dtor(ptr %0) {{ ret void }}
"""
