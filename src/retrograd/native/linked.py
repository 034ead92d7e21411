"""Machine code in memory: what was kept becomes callable."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from typing import Any

from llvmlite import binding  # type: ignore[import-untyped]

_INTERPRETER = ("PyThread_acquire_lock", "PyThread_release_lock")  # they need no global lock


@cache
def _target() -> Any:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding.Target.from_triple(binding.get_process_triple())


@cache
def processor() -> tuple[str, str]:
    """The name of this processor, or of the one Numba is told, and its features: "+avx2,-fma"."""
    own = os.environ.get("NUMBA_CPU_NAME")
    if own:
        return own, os.environ.get("NUMBA_CPU_FEATURES", "")
    return binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()


def has(feature: str) -> bool:
    """Whether the processor has a feature."""
    return f"+{feature}" in processor()[1].split(",")


@cache
def machine() -> Any:
    """The processor, for LLVM."""
    relocation = "static" if _target().name.startswith("x86") else "default"
    return _target().create_target_machine(
        cpu=processor()[0],
        features=processor()[1],
        opt=3,
        reloc=relocation,
        codemodel="jitdefault",
        jit=True,
    )


def described() -> str:
    """What machine code depends on beside its text: the processor and LLVM."""
    from llvmlite import __version__

    return " ".join([binding.get_process_triple(), *processor(), __version__])


@cache
def define_interpreter() -> None:
    """Let machine code call some functions of the interpreter, as `retrograd_` and their name."""
    for name in _INTERPRETER:
        own = getattr(ctypes.pythonapi, name)
        define(f"retrograd_{name}", ctypes.cast(own, ctypes.c_void_p).value or 0)


@cache
def _engine() -> Any:
    define_interpreter()
    module = binding.parse_assembly("")
    module.triple = binding.get_process_triple()
    return binding.create_mcjit_compiler(module, machine())


def define(name: str, address: int) -> None:
    """Let machine code call something by name."""
    binding.add_symbol(name, address)


def linked(code: bytes, name: str) -> int:
    """The address of a function of some machine code, in memory from now on."""
    engine = _engine()
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    address: int = engine.get_function_address(name)
    return address
