"""Plan → text that notes how long each of its items takes."""

from __future__ import annotations

from collections.abc import Sequence

from retrograd.compile.emit import Emitter
from retrograd.compile.items import Item, Plan
from retrograd.compile.lowered import Lowered

TIMES = "times"  # an entry for each item; then for the rest, the batch's rows, the update, "now"
REST, ROWS, UPDATE = -4, -3, -2


def emit_timed(plan: Plan, name: str) -> Lowered:
    """The text of a plan; what runs it is given an array `times` as its last buffer.

    Args:
        plan: the plan.
        name: of the function that runs it.

    Raises:
        CannotCompileError: RG610, as `emit` says it.
    """
    return _TimedEmitter(plan, name, {}, False).run()


class _TimedEmitter(Emitter):
    def _body(self, items: Sequence[Item]) -> list[str]:
        lines = []
        for n, item in enumerate(items):
            lines += [*self._item(item), f"clock({TIMES}, {n})"]
        return lines

    def _add_rows(self, setup: list[str]) -> None:
        super()._add_rows(setup)
        self.buffers.append(TIMES)
