"""The text of a whole training step, and of an epoch of them: gradient, optimizer, next batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from retrograd.compile.lowered import FIRST, Lowered, header
from retrograd.compile.naming import free
from retrograd.compile.timed import REST, ROWS, TIMES, UPDATE
from retrograd.program import Value


def driver(
    title: str,
    gradient: Lowered,
    update: Lowered,
    batch: Sequence[int],
    parameters: Sequence[int],
    state: Sequence[str],
) -> str:
    """The module of a training step.

    Its `step` and `epoch` take the batch, then the other inputs, then the optimizer's state. All
    batches of an epoch have one size, so that it cuts its memory into arrays once. Where threads
    share the work, each calls them: its number, the memory of the work, the number of parts and an
    array for the losses come first, and they return how many steps were right.

    Args:
        title: what is trained.
        gradient: the loss and its gradients.
        update: one step of the optimizer on some parameters.
        batch: which inputs of the gradient are of the batch.
        parameters: which of them are trained, in the order of their gradients.
        state: what the optimizer keeps, an array for each.
    """
    kind = _SharedDriver if gradient.shares else _Driver
    return kind(gradient, update, batch, parameters, state).text(title)


class _Driver:
    def __init__(
        self,
        gradient: Lowered,
        update: Lowered,
        batch: Sequence[int],
        parameters: Sequence[int],
        state: Sequence[str],
    ) -> None:
        self.gradient, self.update = gradient, update
        self.taken = set(gradient.taken)
        self.inputs = gradient.names
        self.batch, self.parameters = batch, [self.inputs[n] for n in parameters]
        self.state = [self.free(name) for name in state]
        self.parts = [
            [self.free(f"{part}_{k}") for part in ("own", "grad", *state)]
            for k in range(len(parameters))
        ]
        own = ("order", "size", "total", "first", "n", "loss", "learning_rate", "steps")
        names = [self.free(name) for name in own]
        self.order, self.size, self.total, self.first = names[:4]
        self.n, self.loss, self.rate, self.steps = names[4:]
        self.timed = TIMES in gradient.buffers

    def free(self, name: str) -> str:
        """The name, or with a number behind it where it is taken."""
        return free(name, self.taken)

    def text(self, title: str) -> str:
        """The module."""
        others = [name for n, name in enumerate(self.inputs) if n not in self.batch]
        after = [*others, "out", "work", *self.state, self.rate, self.steps]
        after += [TIMES] if self.timed else []
        parts = [
            header(title, shared=bool(self.gradient.shares), timed=self.timed),
            self.gradient.source,
            self.gradient.lengths,
            self.update.source,
            self.update.runner,
        ]
        return "\n".join([*parts, *self._step(after), *self._epoch(after)]) + "\n"

    def _step(self, after: Sequence[str]) -> list[str]:
        given = [*(self.inputs[n] for n in self.batch), *after]
        bound, calls = self._updates()
        return [
            "",
            "",
            "@kernel",
            f"def step({', '.join(given)}):",
            *_indented(self.gradient.setup, 1),
            *_indented(self._loss(), 1),
            f"    if np.isfinite({self.loss}):",
            *_indented([*bound, *calls], 2),
            f"    return {self.loss}",
        ]

    def _loss(self) -> list[str]:
        """The gradient and the loss: in place, for a call would pass some hundred numbers."""
        return [*self.gradient.segments[0], f"{self.loss} = {self.gradient.loss}"]

    def _epoch(self, after: Sequence[str]) -> list[str]:
        n, first, order, size = self.n, self.first, self.order, self.size
        names, data, rows, values = self._rows()
        kinds = list(zip(names, data, rows, values, strict=True))
        cut = [f"{name} = {_cut(d, r, v, n)}" for name, d, r, v in kinds]
        memory = [*cut, *self.gradient.setup]
        bound, calls = self._updates()
        which = f"{order}, {first}, {n}"
        taken = [_taken(d, r, v, which) for _, d, r, v in kinds]
        if self.timed:
            taken = [f"clock({TIMES}, {REST})", *taken, f"clock({TIMES}, {ROWS})"]
            calls.append(f"clock({TIMES}, {UPDATE})")
        return [
            "",
            "",
            "@kernel",
            f"def epoch({', '.join([order, size, *data, *rows, *after])}):",
            f"    {self.total} = 0.0",
            f"    {n} = {size}",
            *_indented([*memory, *bound], 1),
            f"    for {first} in range(0, {order}.shape[0], {size}):",
            *_indented(taken, 2),
            *_indented(self._loss(), 2),
            f"        if not np.isfinite({self.loss}):",
            f"            return {self.loss}, {first}",
            *_indented(calls, 2),
            f"        {self.steps} += 1",
            f"        {self.total} += {self.loss} * {n}",
            f"    return {self.total} / {order}.shape[0], -1",
        ]

    def _rows(self) -> tuple[list[str], list[str], list[str], list[Value]]:
        """Of all that is of the batch: its name, the data's, the one of its memory; the value."""
        names = [self.inputs[k] for k in self.batch]
        data = [self.free(f"{name}_data") for name in names]
        rows = [self.free(f"{name}_rows") for name in names]
        return names, data, rows, [self.gradient.inputs[k] for k in self.batch]

    def _updates(self) -> tuple[list[str], list[str]]:
        """Each parameter as one row, with its part of the gradient and of the state; the calls."""
        bound, calls = ["end = 0"], [f"numbers = update_numbers({self.rate}, {self.steps})"]
        for k, name in enumerate(self.parameters):
            parts = self.parts[k]
            kept = zip(parts[2:], self.state, strict=True)
            bound += [
                f"{parts[0]} = shaped({name}, ({name}.size,))",
                *(f"{p}, _ = at({s}, end, ({name}.size,))" for p, s in kept),
                f"{parts[1]}, end = at(out, end, ({name}.size,))",
            ]
            calls += self._update(k, name)
        return bound, calls

    def _update(self, k: int, name: str) -> list[str]:
        """The call that updates a parameter."""
        given = ", ".join([*self.parts[k], "numbers"])
        plain = not self.update.buffers
        return [f"update_run({given})" if plain else f"update({given}, out, work)"]


class _SharedDriver(_Driver):
    """The same for threads that take parts of each segment of a step."""

    def _step(self, after: Sequence[str]) -> list[str]:
        given = [self.inputs[n] for n in self.batch]
        failed = ["", "", "@kernel", "def failed(thread, sync):", "    fail(sync)"]
        return [*failed, *self._steps("step", [*given, *after], [], [])]

    def _epoch(self, after: Sequence[str]) -> list[str]:
        names, data, rows, values = self._rows()
        pairs = list(zip(names, data, rows, values, strict=True))
        n, low, high = self.n, self.free("low"), self.free("high")
        memory = [f"{n} = {self.size}", *(f"{x} = {_cut(d, r, v, n)}" for x, d, r, v in pairs)]
        which = f"{self.order}, count * {n} + {low}, {high} - {low}"
        taken = [f"{low}, {high} = share({n}, part, parts)"]
        taken += [_taken(d, f"{r}[{low}:{high}]", v, which) for _, d, r, v in pairs]
        return self._steps("epoch", [self.order, self.size, *data, *rows, *after], memory, taken)

    def _steps(
        self, name: str, given: Sequence[str], memory: Sequence[str], taken: Sequence[str]
    ) -> list[str]:
        bound, calls = self._updates()
        segments = [list(lines) for lines in self.gradient.segments]
        segments[0] = [*taken, *segments[0]]
        segments[-1] += [
            f"{self.loss} = {self.gradient.loss}",
            "if part == 0:",
            f"    losses[count] = {self.loss}",
            f"if np.isfinite({self.loss}):",
            *_indented(calls, 1),
        ]
        return [
            "",
            "",
            "@kernel",
            f"def {name}({', '.join(['thread, sync, parts, losses', *given])}):",
            *_indented([*memory, *self.gradient.setup, *bound, "segment = 0"], 1),
            "    for count in range(losses.shape[0]):",
            *_indented([line for lines in segments for line in _segment(lines)], 2),
            "        if not np.isfinite(losses[count]):",
            "            return count",
            f"        {self.steps} += 1",
            "    return losses.shape[0]",
        ]

    def _update(self, k: int, name: str) -> list[str]:
        """Of the rows whose gradient is made in the same part, without waiting."""
        size, rows = f"{name}.size", self.gradient.shares[k]
        low, high = (self.free(f"{end}_{k}") for end in ("from", "to"))
        if rows == FIRST:
            cut = [f"{low}, {high} = 0, {size} if part == 0 else 0"]
        elif not rows:
            cut = [f"{low}, {high} = share({size}, part, parts)"]
        else:
            columns = f"{size} // max(1, {rows})"
            cut = [
                f"{low}, {high} = share({rows}, part, parts)",
                f"{low}, {high} = {low} * ({columns}), {high} * ({columns})",
            ]
        given = ", ".join(f"{p}[{low}:{high}]" for p in self.parts[k])
        return [*cut, f"update_run({given}, numbers)"]


def _segment(lines: Iterable[str]) -> list[str]:
    """Parts of a segment, as long as there are some; then all threads wait."""
    return [
        "segment += 1",
        "part = take(sync, segment, thread, parts)",
        "while part >= 0:",
        *_indented(lines, 1),
        "    done(sync, segment, parts)",
        "    part = take(sync, segment, thread, parts)",
        "wait(sync, segment, thread, parts)",
    ]


def _indented(lines: Iterable[str], depth: int) -> list[str]:
    return [f"{'    ' * depth}{line}" for line in lines]


def _cut(data: str, rows: str, value: Value, n: str) -> str:
    """The first n rows of the memory of a batch."""
    if len(value.shape) == 1:
        return f"{rows}[:{n}]"
    rest = ", ".join(f"{data}.shape[{k}]" for k in range(1, len(value.shape)))
    return f"shaped({rows}, ({n}, {rest}))"


def _taken(data: str, rows: str, value: Value, which: str) -> str:
    """Take the rows of a batch from the data."""
    if len(value.shape) == 1:
        return f"take_numbers({data}, {which}, {rows})"
    return f"take_rows(shaped({data}, ({data}.shape[0], {rows}.shape[1])), {which}, {rows})"
