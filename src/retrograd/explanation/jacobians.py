"""Why no matrix of slopes appears: the matrix of one example, and what multiplying by it gives."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.explanation.numbers import matrix, vector
from retrograd.explanation.run import Ran, Row
from retrograd.explanation.words import is_function
from retrograd.program import Step, Value

_MOST = 6  # classes or units for which a matrix is printed


def jacobian_lines(
    ran: Ran, unfused: Ran, row: Row, entry: tuple[int, ...], ascii_only: bool
) -> list[str]:
    """The section for one line of the backward pass; empty where there is nothing to say."""
    if not row.backward:
        return []
    forward = [s.forward for s in row.steps if s.forward is not None]
    names = {f.op.name for f in forward}
    example = entry[0] if entry else 0
    other = entry[1] if len(entry) > 1 else 0  # of an array whose examples are columns
    if any("softmax" in s.note.text for s in row.steps if s.note is not None):
        return _softmax(ran, unfused, row, (example, other), ascii_only)
    for step in forward:
        if is_function(step) and len(list(step.values())) == 1:  # maximum(z, 0), not maximum(a, b)
            return _diagonal(ran, row, step, example, ascii_only)
    if "matmul" in names or "dot" in names:
        return _product(row)
    return []


def _softmax(
    ran: Ran, unfused: Ran, row: Row, entry: tuple[int, int], ascii_only: bool
) -> list[str]:
    """Softmax mixes the classes of one example: its matrix is full."""
    other = unfused.row(row.name)
    if other is None or np.ndim(row.result) not in (1, 2):
        return []
    logits = _logits(ran, row)
    if logits is None:
        return []
    axis = _axis(row, logits)
    example = entry[0] if axis == -1 else entry[1]
    here = f"{example}" if axis == -1 else f":,{example}"
    if np.ndim(row.result) == 1:
        here = ":"
    dz = _one(row.result, example, axis)
    if len(dz) > 12:
        return []
    z = _one(logits, example, axis)
    e = np.exp(z - z.max())
    p = e / e.sum()
    dp = _upstream(unfused, other, example, axis)
    C = len(p)
    lines = [
        "why no matrix appears",
        f"The softmax turns the {C} numbers of an example into {C} shares p that add up to 1, so "
        "each of them moves every share. The slopes of all shares for all numbers are a matrix, "
        f"the Jacobian J, here {C}×{C}: J[i,j] = p[i]·(1 − p[i]) where i = j, −p[i]·p[j] "
        "elsewhere.",
    ]
    jacobian = np.diag(p) - np.outer(p, p)
    if C <= _MOST:
        lines += _beside("J =", matrix(jacobian, ascii_only))
    if dp is None:
        return lines
    full, diagonal = jacobian @ dp, p * (1 - p) * dp
    lines += [
        f"From above comes dp[{here}] = {vector(dp)}, the slopes for the shares. The chain "
        "rule adds up over all shares, and that is the matrix times the vector:",
        f"  {f'J @ dp[{here}]':<15}= {vector(full)}",
        f"  {f'{row.name}[{here}]':<15}= {vector(dz)}",
        f"  {'p·(1−p)·dp':<15}= {vector(diagonal)}",
    ]
    lost = int(np.sum(~np.isclose(diagonal, full, rtol=1e-6, atol=1e-12)))
    lines.append(
        f"The last one goes entry by entry, with the diagonal of J alone: {lost} of {C} would be "
        "wrong."
    )
    if any("cross" in s.note.text for s in row.steps if s.note is not None):
        lines.append(
            "The matrix is never built: dp is −(label)/p, where the label is 1 for the right class "
            "and 0 for the others (or what the labels say), and its p cancels the p in J. What is "
            "left is the line above."
        )
    else:
        lines.append("The matrix is never built: J @ dp = p · (dp − Σ_j p[j]·dp[j]).")
    return lines


def _axis(row: Row, logits: Any) -> int:
    """The axis of a softmax, counted from the end: the one along which the slopes add up to 0."""
    rows, columns = (float(np.max(np.abs(np.sum(row.result, axis=a)))) for a in (-1, 0))
    return -2 if np.ndim(logits) == 2 and columns < rows else -1


def _one(array: Any, example: int, axis: int) -> Any:
    """The numbers of one example: a row, or a column where examples are columns."""
    x = np.asarray(array)
    if x.ndim == 1:
        return x
    return x[example] if axis == -1 else x[:, example]


def _logits(ran: Ran, row: Row) -> Any:
    of = ran.program.gradient_of.get(row.value)
    return ran.values.get(of) if of is not None else None


def _upstream(unfused: Ran, row: Row, example: int, axis: int) -> Any:
    """The slopes for the shares, from the text in which they are a line of their own."""
    for step in row.steps:
        forward = step.forward
        if forward is None or step.note is None or "softmax" not in step.note.text:
            continue
        for gradient, of in unfused.program.gradient_of.items():
            if of is forward.output and gradient in unfused.values:
                return _one(np.broadcast_to(unfused.values[gradient], of.shape), example, axis)
    return None


def _diagonal(ran: Ran, row: Row, step: Step, example: int, ascii_only: bool) -> list[str]:
    """A function of each entry alone: its matrix is diagonal."""
    (x_value,), out_value = step.values(), step.output
    x, out = ran.values.get(x_value), ran.values.get(out_value)
    upstream = next((g for g, of in ran.program.gradient_of.items() if of is out_value), None)
    if x is None or out is None or np.ndim(x) not in (1, 2):
        return []
    one = (lambda a: np.asarray(a)[example]) if np.ndim(x) == 2 else np.asarray
    slopes = _slopes(step, one(x), one(out))
    name = ran.written.names.get(x_value, "x")
    above = ran.written.names.get(out_value, "out")
    lines = [
        "why it is entry by entry",
        f"Each entry of {above} depends on one entry of {name} only. The matrix of slopes of one "
        "example (the Jacobian) has these slopes on its diagonal and 0 everywhere else:",
    ]
    if len(slopes) <= _MOST:
        lines += _beside(f"J[{example}] =", matrix(np.diag(slopes), ascii_only))
    known = ran.values.get(upstream) if upstream is not None else None
    if known is not None and np.shape(known) == np.shape(x):
        g = one(known)
        lines += [
            f"  J @ d{above}     = {vector(np.diag(slopes) @ g)}",
            f"  slopes · d{above} = {vector(slopes * g)}",
        ]
    lines.append(
        "A diagonal matrix times a vector is a product entry by entry, so that is written."
    )
    return lines


def _slopes(step: Step, x: Any, out: Any) -> Any:
    """The slope of each entry: what the operation's own rule makes of ones."""
    operands = [x if isinstance(i, Value) else i.value for i in step.inputs]
    assert step.op.rule is not None
    found = step.op.rule(np.ones_like(out), out, *operands, **step.params)
    (slopes,) = (s for s, i in zip(found, step.inputs, strict=True) if isinstance(i, Value))
    return slopes


def _product(row: Row) -> list[str]:
    """A matrix product: every example adds its share, or every unit passes its own."""
    if not any(s.op.name in ("matmul", "dot", "outer") for s in row.steps):
        return []
    return [
        "how the shapes fit",
        "The sum in the entry above is the only one that pairs the right numbers: the index that "
        "is summed over is the one that the result does not have.",
    ]


def _beside(text: str, rows: list[str]) -> list[str]:
    return [f"  {text if n == 0 else '':<{len(text)}} {row}" for n, row in enumerate(rows)]
