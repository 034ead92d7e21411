"""The text of a whole training step, and of an epoch of them: gradient, optimizer, next batch."""

from __future__ import annotations

from collections.abc import Sequence

from retrograd.compile.lowered import HEADER, Lowered
from retrograd.program import Value


def driver(
    title: str,
    gradient: Lowered,
    update: Lowered,
    inputs: Sequence[str],
    batch: Sequence[int],
    parameters: Sequence[int],
    state: Sequence[str],
) -> str:
    """The module of a training step.

    Args:
        title: what is trained.
        gradient: the loss and its gradients.
        update: one step of the optimizer on some parameters.
        inputs: what the inputs of the gradient are called.
        batch: which of them are of the batch.
        parameters: which of them are trained, in the order of their gradients.
        state: what the optimizer keeps, an array for each.
    """
    given = ", ".join(inputs)
    others = [name for n, name in enumerate(inputs) if n not in batch]
    order = ", ".join([*(inputs[n] for n in batch), *others, "out", "work", *state])
    step = [
        "",
        "",
        "@kernel",
        f"def step({order}, learning_rate, steps):",
        f"    loss = gradient({given}, out, work)[0]",
        "    if not np.isfinite(loss):",
        "        return loss",
        "    numbers = update_numbers(learning_rate, steps)",
        "    end = 0",
    ]
    for n in parameters:
        part = "[start:end]"
        arguments = [f"{inputs[n]}.reshape({inputs[n]}.size)", f"out{part}"]
        arguments += [f"{name}{part}" for name in state]
        step += [
            f"    start, end = end, end + {inputs[n]}.size",
            f"    update({', '.join(arguments)}, numbers, out, work)",
        ]
    step += ["    return loss"]
    data = [f"{inputs[n]}_data" for n in batch]
    rows = [f"{inputs[n]}_rows" for n in batch]
    taken = ", ".join(["order", "size", *data, *rows, *others, "out", "work", *state])
    epoch = [
        "",
        "",
        "@kernel",
        f"def epoch({taken}, learning_rate, steps):",
        "    total = 0.0",
        "    for start in range(0, order.shape[0], size):",
        "        n = min(size, order.shape[0] - start)",
    ]
    for n in batch:
        epoch += [f"        {line}" for line in _gathered(inputs[n], gradient.inputs[n])]
    epoch += [
        f"        loss = step({order}, learning_rate, steps)",
        "        if not np.isfinite(loss):",
        "            return loss, start",
        "        steps += 1",
        "        total += loss * n",
        "    return total / order.shape[0], -1",
    ]
    body = [HEADER.format(title=title), gradient.source, update.source, *step, *epoch]
    return "\n".join(body) + "\n"


def _gathered(name: str, value: Value) -> list[str]:
    """The rows of a batch, taken from the data into memory of their own."""
    data, rows = f"{name}_data", f"{name}_rows"
    if len(value.shape) == 1:
        return [f"take_numbers({data}, order, start, n, {rows})", f"{name} = {rows}[:n]"]
    rest = ", ".join(f"{data}.shape[{k}]" for k in range(1, len(value.shape)))
    return [
        f"take_rows({data}.reshape(({data}.shape[0], {rows}.shape[1])), order, start, n, {rows})",
        f"{name} = {rows}[:n].reshape((n, {rest}))",
    ]
