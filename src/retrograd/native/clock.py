"""The processor's own clock, for compiled code."""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from retrograd.native.functions import kernel

_NAME = "cycle" if platform.machine().lower() in ("x86_64", "amd64") else "steady"


def _reading(typing: Any) -> Any:
    """How often it has ticked."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(64), [])
        name = f"llvm.read{_NAME}counter"
        function = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
            builder.module, kind, name
        )
        return builder.call(function, [])

    return types.int64(), generate


_ticks: Any = intrinsic(_reading)


@kernel
def clock(times: Any, place: Any) -> None:
    """Add the ticks since the last call to times[place]; the last entry is when that was."""
    now = _ticks()
    times[place] += now - times[-1]
    times[-1] = now
