"""Program → plan → kernels: the same program, executed in as few passes as possible."""

from retrograd.compile.driver import driver
from retrograd.compile.emit import emit
from retrograd.compile.items import Gemm, Item, Line, Loop, Plan, Turn, multiplications
from retrograd.compile.lowered import Lowered
from retrograd.compile.plan import plan
from retrograd.compile.run import CompiledRun, given
from retrograd.compile.shared import emit_shared
from retrograd.compile.timed import REST, ROWS, UPDATE, emit_timed

__all__ = [
    "REST",
    "ROWS",
    "UPDATE",
    "CompiledRun",
    "Gemm",
    "Item",
    "Line",
    "Loop",
    "Lowered",
    "Plan",
    "Turn",
    "driver",
    "emit",
    "emit_shared",
    "emit_timed",
    "given",
    "multiplications",
    "plan",
]
