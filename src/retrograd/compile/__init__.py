"""Program → plan → kernels: the same program, executed in as few passes as possible."""

from retrograd.compile.driver import driver
from retrograd.compile.emit import emit
from retrograd.compile.items import Line, Plan
from retrograd.compile.lowered import CannotCompileError, Lowered
from retrograd.compile.module import is_compiled, load
from retrograd.compile.plan import plan
from retrograd.compile.run import CompiledRun, given

__all__ = [
    "CannotCompileError",
    "CompiledRun",
    "Line",
    "Lowered",
    "Plan",
    "driver",
    "emit",
    "given",
    "is_compiled",
    "load",
    "plan",
]
