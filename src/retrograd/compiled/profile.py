"""Where the time of a training step goes, by the lines of its readable text."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from retrograd.compile import REST, ROWS, UPDATE, Gemm, Item, Loop, Turn, multiplications
from retrograd.write import Written

Array = np.ndarray[Any, Any]
_LONG = 0.3  # seconds of steps that are timed


@dataclass(frozen=True)
class Part:
    """What takes time together.

    Attributes:
        lines: of the readable text, or what is done, as one line.
        seconds: a step.
        products: multiplications a step, where it is a matrix product; else 0.
    """

    lines: tuple[str, ...]
    seconds: float
    products: int = 0


@dataclass(frozen=True)
class Profile:
    """Where the time of a step goes.

    Attributes:
        parts: in the order in which they run.
        how: "compiled, one thread" or "NumPy text".
    """

    parts: tuple[Part, ...]
    how: str

    @property
    def seconds(self) -> float:
        """A step."""
        return sum(part.seconds for part in self.parts)

    @property
    def in_products(self) -> float:
        """The share of the time that goes into matrix products, 0 to 1."""
        return sum(p.seconds for p in self.parts if p.products) / self.seconds

    @property
    def gflops(self) -> float:
        """10^9 operations a second in matrix products; a multiplication and an addition are two."""
        own = [p for p in self.parts if p.products]
        seconds = sum(p.seconds for p in own)
        return 2e-9 * sum(p.products for p in own) / seconds if seconds else 0.0

    def table(self, width: int = 100) -> str:
        """As text; lines that are run in one pass stand together, their time beside the first.

        Args:
            width: columns; longer lines are cut.
        """
        lines = ["      µs  share  GFLOP/s"]
        for part in self.parts:
            speed = f"{2e-9 * part.products / part.seconds:7.1f}" if part.products else " " * 7
            first, *others = part.lines
            share = 100 * part.seconds / self.seconds
            lines.append(f"{part.seconds * 1e6:8.1f} {share:5.1f}%  {speed}  {first}")
            lines += [f"{'│':>25} {line}" for line in others]
        if any(len(part.lines) > 1 for part in self.parts):
            lines.append(" " * 24 + "(│: in the same pass as the line above it)")
        lines.append(f"{self.seconds * 1e6:8.1f} µs a step, {self.how}")
        products = f"{100 * self.in_products:.0f} %"
        lines.append(f"{products:>8} in matrix products, at {self.gflops:.1f} GFLOP/s")
        return "\n".join(t if len(t) <= width else f"{t[: width - 1]}…" for t in lines)

    def __str__(self) -> str:
        """The table."""
        return self.table()


def of_items(
    items: Sequence[Item],
    written: Written,
    update: str,
    run: Callable[[Array], int],
) -> Profile:
    """The profile of a compiled step.

    Args:
        items: of its plan.
        written: its readable text.
        update: what the optimizer is called.
        run: trains some steps, adds the ticks that each item takes to an array, and returns how
            many steps there were.
    """
    times = np.zeros(len(items) - REST, np.int64)
    run(times)  # from here on all is compiled, and near
    times[:] = 0
    steps, start = 0, time.perf_counter()
    while time.perf_counter() - start < _LONG:
        steps += run(times)
    spent = time.perf_counter() - start
    times[REST] = 0
    seconds = times[:-1] * (spent / max(1, times[:-1].sum()) / steps)
    found = [Part(("the rows of the batch",), float(seconds[ROWS + 1]))]
    for item, own in zip(items, seconds[: len(items)], strict=True):
        if isinstance(item, Gemm | Turn | Loop):
            count = multiplications(item.step) if isinstance(item, Gemm) else 0
            found.append(Part(_lines(item, written), float(own), count))
    found.append(Part((f"{update}: one pass over the parameters",), float(seconds[UPDATE + 1])))
    return Profile(tuple(found), "compiled, one thread")


def of_text(
    written: Written, update: str, run: Callable[[dict[int, float]], tuple[int, float]]
) -> Profile:
    """The profile of NumPy text.

    Args:
        written: the text.
        update: what the optimizer is called.
        run: trains some steps, adds the seconds that each line takes to a dict by its number in
            the source, and returns how many steps there were and the seconds of the updates.
    """
    spent: dict[int, float] = {}
    run(spent)
    spent.clear()
    steps, moving, start = 0, 0.0, time.perf_counter()
    while time.perf_counter() - start < _LONG:
        more, seconds = run(spent)
        steps, moving = steps + more, moving + seconds
    source = written.source.splitlines()
    documented = min(spent, default=0)  # the line of the docstring
    known = {line.code: line for line in written.lines}
    found = []
    for number, seconds in sorted(spent.items()):
        code = source[number - 1].split("  # ")[0].strip()
        if number == documented:
            continue
        own = known.get(code)
        count = sum(map(multiplications, own.steps)) if own is not None else 0
        found.append(Part((code,), seconds / steps, count))
    found.append(Part((f"{update}: one pass over the parameters",), moving / steps))
    return Profile(tuple(found), "NumPy text")


def _lines(item: Gemm | Turn | Loop, written: Written) -> tuple[str, ...]:
    """The lines of the text that an item runs, or its product alone."""
    made = {item.out} if not isinstance(item, Loop) else {s.output for s in item.steps}
    own = [line for line in written.lines if any(s.output in made for s in line.steps)]
    if isinstance(item, Gemm):
        names = [written.names.get(m.value, "") for m in (item.left, item.right)]
        if all(names):
            turned = [m.transposed for m in (item.left, item.right)]
            left, right = (f"{n}.T" if t else n for n, t in zip(names, turned, strict=True))
            return (f"{left} @ {right}",)
    return tuple(line.code.strip() for line in own) or ("",)
