"""The operations: one file per family, one block per op."""

# the families register their ops when they are imported
from retrograd.ops import (
    arithmetic,
    create,
    expect,
    exponential,
    index,
    join,
    linear,
    messages,
    reduce,
    select,
    shape,
    sigmoid,
    softmax,
    stop,
    write,
)
from retrograd.ops.recorder import Place, Recorder, current_recorder
from retrograd.ops.symbol import Symbol, nested
from retrograd.ops.table import TABLE, Op, Table, op

__all__ = [
    "TABLE",
    "Op",
    "Place",
    "Recorder",
    "Symbol",
    "Table",
    "arithmetic",
    "create",
    "current_recorder",
    "expect",
    "exponential",
    "index",
    "join",
    "linear",
    "messages",
    "nested",
    "op",
    "reduce",
    "select",
    "shape",
    "sigmoid",
    "softmax",
    "stop",
    "write",
]
