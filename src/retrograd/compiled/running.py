"""Steps run as machine code, by this thread or by several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from retrograd.compiled.crew import Crew
from retrograd.native.kept import Native
from retrograd.native.kinds import simple

_SMALL = 16_384  # bytes: copied sooner than its address is found

Array = np.ndarray[Any, Any]


class _Run:
    """A function that makes steps, with its arguments.

    Args:
        native: where it is.
        function: what it is called.
        crew: the threads that share the work; None: this one alone.
        first: the first arguments, which may change.
        rest: the others, but for the learning rate and the step's number.
    """

    def __init__(
        self,
        native: Native,
        function: str,
        crew: Crew | None,
        first: Sequence[Any],
        rest: Sequence[Any],
    ) -> None:
        given = *first, *rest, 0.0, 0.0
        self.crew, self.own = crew, 0 if crew is None else 4
        self.last = self.own + len(given) - 2
        if crew is None:
            self.calls = [native.call(function, *given)]
        else:
            self.calls = crew.calls(native, function, np.zeros(1), *given)

    def set(self, n: int, argument: Any) -> None:
        """Another one of the first arguments."""
        for call in self.calls:
            call.set(self.own + n, argument)

    def move(self, rate: float, step: int) -> None:
        """The learning rate and the number of the step from now on."""
        for call in self.calls:
            call.set(self.last, rate)
            call.set(self.last + 1, step)

    def shared(self, crew: Crew, count: int) -> Array:
        """The losses of some steps, made by all threads."""
        losses = np.zeros(count)
        for call in self.calls:
            call.set(3, losses)
        crew(self.calls)
        return losses


class OneStep(_Run):
    """A step on a batch.

    Args:
        native: the machine code.
        crew: the threads that share the work; None: this one alone.
        batch: a first one, arrays and numbers; the others are of its shapes and dtypes.
        rest: the other arguments.
    """

    def __init__(
        self, native: Native, crew: Crew | None, batch: Sequence[Any], rest: Sequence[Any]
    ) -> None:
        arrays = [simple(a) if np.ndim(a) else a for a in batch]
        self.copies = [
            a.copy() if isinstance(a, np.ndarray) and a.nbytes <= _SMALL else None for a in arrays
        ]
        pairs = zip(self.copies, arrays, strict=True)
        super().__init__(native, "step", crew, [a if c is None else c for c, a in pairs], rest)

    def __call__(self, batch: Sequence[Any], rate: float, step: int) -> float:
        """The loss before the step."""
        for n, copy in enumerate(self.copies):
            if copy is not None:
                copy[...] = batch[n]
            else:
                self.set(n, simple(batch[n]) if np.ndim(batch[n]) else batch[n])
        self.move(rate, step)
        if self.crew is not None:
            return float(self.shared(self.crew, 1)[0])
        loss: float = self.calls[0]()[0]
        return loss


class Steps(_Run):
    """Steps on batches of some data.

    Args:
        native: the machine code.
        crew: the threads that share the work; None: this one alone.
        first: the order of the rows, rows a step, and the data.
        rest: the other arguments.
    """

    def __init__(
        self, native: Native, crew: Crew | None, first: Sequence[Any], rest: Sequence[Any]
    ) -> None:
        super().__init__(native, "epoch", crew, first, rest)

    def __call__(
        self, count: int, first: Sequence[Any], rate: float, step: int
    ) -> tuple[float, int]:
        """The mean loss and -1; or the first loss that was not finite, and where its batch begins.

        Args:
            count: how many steps.
            first: the first arguments.
            rate: the learning rate.
            step: the number of the first step, from 1.
        """
        for n, argument in enumerate(first):
            self.set(n, argument)
        self.move(rate, step)
        if self.crew is None:
            loss, failed = self.calls[0]()
            return loss, failed
        losses = self.shared(self.crew, count)
        right = np.isfinite(losses)
        if right.all():
            return float(losses.mean()), -1
        failed = int(np.argmin(right))
        return float(losses[failed]), failed * first[1]
