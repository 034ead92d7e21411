"""Program → plan → kernels: the same program, executed in as few passes as possible."""

from retrograd.compile.driver import driver
from retrograd.compile.emit import emit
from retrograd.compile.items import Gemm, Item, Line, Loop, Plan, multiplications
from retrograd.compile.lowered import CannotCompileError, Lowered
from retrograd.compile.module import is_compiled, load
from retrograd.compile.plan import plan
from retrograd.compile.run import CompiledRun, given
from retrograd.compile.shared import emit_shared
from retrograd.compile.timed import REST, ROWS, UPDATE, emit_timed

__all__ = [
    "REST",
    "ROWS",
    "UPDATE",
    "CannotCompileError",
    "CompiledRun",
    "Gemm",
    "Item",
    "Line",
    "Loop",
    "Lowered",
    "Plan",
    "driver",
    "emit",
    "emit_shared",
    "emit_timed",
    "given",
    "is_compiled",
    "load",
    "multiplications",
    "plan",
]
