"""Program → plan → kernels: the same program, executed in as few passes as possible."""

from retrograd.compile.driver import driver
from retrograd.compile.emit import emit
from retrograd.compile.items import Gemm, Line, Plan
from retrograd.compile.lowered import CannotCompileError, Lowered
from retrograd.compile.module import is_compiled, load
from retrograd.compile.plan import plan
from retrograd.compile.run import CompiledRun, given
from retrograd.compile.shared import emit_shared

__all__ = [
    "CannotCompileError",
    "CompiledRun",
    "Gemm",
    "Line",
    "Lowered",
    "Plan",
    "driver",
    "emit",
    "emit_shared",
    "given",
    "is_compiled",
    "load",
    "plan",
]
