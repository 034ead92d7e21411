"""stop_gradient: a value that is to count as a constant."""

from __future__ import annotations

from typing import Any

from retrograd.ops.dispatch import recordable
from retrograd.ops.samples import call, normal
from retrograd.ops.table import op


@recordable
def stop_gradient(x: Any) -> Any:
    """x itself; no gradient flows back through it.

    Args:
        x: an array or a number.

    Returns:
        x.

    >>> import retrograd as rg
    >>> rg.grad(lambda w: w * rg.stop_gradient(w))(3.0)
    3.0
    """
    return x


@op(
    stop_gradient,
    run=lambda x: x,
    derivative="zero",
    alias=True,
    sizes=lambda book, x: list(x.sizes),
    spell=lambda args, params: args[0],
    samples=[call(normal(3, 4))],
)
def stop_gradient_(x: Any) -> Any:
    """x itself: its gradient is zero, because the user said so."""
