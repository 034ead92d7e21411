"""compile_step: a training step as compiled loops and matrix products.

The program is the one whose text `rg.value_and_grad` shows; here it runs in as few passes over
memory as possible, and an epoch of it without Python in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from retrograd.arguments import whole_number
from retrograd.compiled.as_text import AsText
from retrograd.compiled.crew import Crew
from retrograd.compiled.profile import Profile
from retrograd.compiled.ready import Whole
from retrograd.errors import ArgumentError, CannotCompileError, NumericsError
from retrograd.gradient import Gradient, value_and_grad
from retrograd.native.kinds import simple
from retrograd.optimizers import Adam, Optimizer
from retrograd.program import tree_of
from retrograd.recorded import key_of

Array = np.ndarray[Any, Any]


class CompiledStep:
    """A training step: the loss of a batch, its gradients, and a step of the optimizer, in place.

    Args:
        gradient: the loss and its gradients.
        optimizer: moves the parameters.
        parameters: the first argument of the loss, or None where the parameters are captured.
        dtype: in which a batch is computed, where no parameters say it; None: floats as they are,
            whole numbers in float32.
        threads: how many run a step; None: as many as make it faster.
    """

    def __init__(
        self,
        gradient: Gradient,
        optimizer: Optimizer,
        parameters: Any = None,
        dtype: Any = None,
        threads: int | None = None,
    ) -> None:
        self.threads = None if threads is None else whole_number("threads", threads)
        self._crews: dict[int, Crew] = {}
        self.gradient, self.optimizer, self.parameters = gradient, optimizer, parameters
        leaves = [thing for _, thing in tree_of(parameters).leaves()]
        own = (t.dtype for t in leaves if isinstance(t, np.ndarray))
        self.dtype = next(own, dtype)
        self._ready: dict[Any, Whole | AsText] = {}

    def __call__(self, *batch: Any) -> float:
        """One step on a batch, given as one tuple or as several arguments; the loss before it.

        A loss that is inf or NaN leaves the parameters as they are.
        """
        if len(batch) == 1 and type(batch[0]) in (tuple, list):
            batch = tuple(batch[0])
        key = tuple([(a.shape, a.dtype) if type(a) is np.ndarray else key_of(a) for a in batch])
        try:
            return (self._known(key) or self._made(key, batch)).step(batch)
        except CannotCompileError as error:
            return self._as_text(key, error).step(batch)

    def epoch(self, data: Any, order: Any = None, batch_size: int = 32) -> float:
        """Steps on all batches of some data; without Python in between, where all is compiled.

        Args:
            data: the whole arrays, a tuple; of any dtype, taken to the one in which the step
                computes a batch at a time. Whole numbers of one axis are labels and stay.
            order: in which order their rows are taken, (N,); None: as they are.
            batch_size: rows a step, 1 or more; the last batch may be smaller.

        Returns:
            The mean loss of the rows.

        Raises:
            ArgumentError: RG601, the arrays have different numbers of rows, or `order` names a row
                that is not there, or none.
            NumericsError: RG301, the loss became inf or NaN; the parameters are as they were before
                that batch.
        """
        rows = _rows(data, order)
        size = min(whole_number("batch_size", batch_size), len(rows))
        loss, failed = self.batches(data, rows, size)
        if failed >= 0:
            raise NumericsError(
                "RG301",
                f"the loss became {loss} in batch {failed // size + 1}",
                notes=(f"the learning rate is {self.optimizer.learning_rate:g}",),
                help="a smaller learning rate; scale the inputs to about -1 to 1",
            )
        return loss

    def batches(self, data: Sequence[Any], rows: Array, size: int) -> tuple[float, int]:
        """Steps on batches of some rows: the mean loss, and the row at which one was not finite.

        Args:
            data: the whole arrays.
            rows: which rows, in which order; whole numbers.
            size: rows a step.

        Returns:
            The mean loss and -1; or the first loss that was inf or NaN, and where in `rows` its
            batch begins.
        """
        data = tuple([simple(a) for a in data])
        size = min(size, len(rows))
        whole = len(rows) // size * size
        loss, failed = self._epoch(data, rows[:whole], size)
        rest = len(rows) - whole
        if failed >= 0 or not rest:
            return loss, failed
        # what the code does may depend on the number of rows: another recording, the same kernels
        last, failed = self._epoch(data, rows[whole:], rest)
        if failed >= 0:
            return last, whole
        return (loss * whole + last * rest) / len(rows), -1

    def is_compiled(self, data: Sequence[Any], size: int) -> bool:
        """Whether batches of this size run compiled, not as NumPy text."""
        return isinstance(self._for_rows(data, np.arange(min(size, len(data[0]))), size), Whole)

    def profile(
        self, data: Sequence[Any], batch_size: int = 32, *, as_text: bool = False
    ) -> Profile:
        """Where the time of a step goes, by the lines of its text; nothing is trained.

        Args:
            data: the whole arrays, as `epoch` takes them.
            batch_size: rows a step, 1 or more.
            as_text: whether to time the NumPy text, even if there is a compiled form.

        Returns:
            A profile that prints as a table.
        """
        data = tuple(simple(a) for a in data)
        size = min(whole_number("batch_size", batch_size), len(data[0]))
        if as_text:
            return AsText(self, CannotCompileError("RG610", "not asked for")).profile(size, data)
        return self._for_rows(data, np.arange(size), size).profile(size, data)

    def _epoch(self, data: Sequence[Any], rows: Array, size: int) -> tuple[float, int]:
        """Steps on whole batches."""
        try:
            return self._for_rows(data, rows, size).epoch(rows, size, data)
        except CannotCompileError as error:
            return self._as_text(self._key(data, size), error).epoch(rows, size, data)

    def _as_text(self, key: Any, why: CannotCompileError) -> AsText:
        """What runs from now on for batches like these: nothing has been done yet."""
        self._ready[key] = made = AsText(self, why)
        return made

    def _for_rows(self, data: Sequence[Any], rows: Array, size: int) -> Whole | AsText:
        key = self._key(data, size)
        ready = self._known(key)
        if ready is not None:
            return ready
        return self._made(key, tuple(self.as_batch(np.asarray(a)[rows[:size]]) for a in data))

    def _key(self, data: Sequence[Array], size: int) -> Any:
        """By what such batches are known."""
        return tuple([((size, *a.shape[1:]), self._dtype_of(a)) for a in data])

    def compiled_source(self, *batch: Any) -> str:
        """The lowered form that runs for such a batch: loops and matrix products.

        Raises:
            CannotCompileError: RG610, it runs as NumPy text.
        """
        key = tuple(key_of(a) for a in batch)
        ready = self._known(key) or self._made(key, batch)
        if isinstance(ready, AsText):
            raise ready.why
        return ready.source

    def source(self, *batch: Any) -> str:
        """The NumPy text of the same loss and gradients."""
        return self.gradient.source(*self.arguments(batch))

    def arguments(self, batch: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments of the loss."""
        return batch if self.parameters is None else (self.parameters, *batch)

    def as_batch(self, array: Array) -> Array:
        """A batch in the dtype in which it is computed."""
        return array.astype(self._dtype_of(array), copy=False)

    def _dtype_of(self, array: Array) -> np.dtype[Any]:
        """The dtype in which a batch of an array is computed."""
        own = np.dtype(array.dtype)
        if own.kind in "iub" and array.ndim == 1:
            return own
        floats = own if own.kind == "f" else np.dtype(np.float32)
        return floats if self.dtype is None else np.dtype(self.dtype)

    def crew(self, threads: int) -> Crew:
        """The threads that run it, if there are several."""
        if threads not in self._crews:
            self._crews[threads] = Crew(threads)
        return self._crews[threads]

    def _known(self, key: Any) -> Whole | AsText | None:
        """The step for such batches, unless something else stands outside now."""
        ready = self._ready.get(key)
        return ready if ready is not None and ready.holds() else None

    def _made(self, key: Any, batch: tuple[Any, ...]) -> Whole | AsText:
        """The step for batches like this one."""
        made: Whole | AsText
        try:
            made = Whole(self, batch)
        except CannotCompileError as error:
            made = AsText(self, error)
        self._ready[key] = made
        return made


def _rows(data: Sequence[Any], order: Any) -> Array:
    """Which rows of the data, in which order: compiled code would not notice a wrong one."""
    count = len(data[0])
    if any(len(a) != count for a in data):
        lengths = " and ".join(str(len(a)) for a in data)
        raise ArgumentError("RG601", f"the arrays of the data have {lengths} rows")
    rows = np.arange(count) if order is None else np.asarray(order, dtype=np.int64)
    if not len(rows):
        raise ArgumentError("RG601", "there are no rows to train on")
    if order is not None and not (-count <= rows.min() and rows.max() < count):
        raise ArgumentError(
            "RG601", f"the order has rows {rows.min()} to {rows.max()}, the data {count} rows"
        )
    return rows


def compile_step(
    loss: Callable[..., Any],
    optimizer: Optimizer | None = None,
    parameters: Any = None,
    *,
    wrt: Sequence[str] | None = None,
    threads: int | None = None,
) -> CompiledStep:
    """A compiled training step.

    Args:
        loss: NumPy code that returns a scalar: `loss(parameters, x, y)`, or `loss(x, y)` where the
            parameters are arrays that it finds outside.
        optimizer: one of `rg.optimizers`; None: Adam.
        parameters: the first argument of `loss`: an array, or a dict, list, tuple or dataclass of
            arrays, float32 or float64. They are changed in place.
        wrt: without `parameters`, the names of the arrays outside that are trained.
        threads: how many run a step, 1 or more; None: as many as there are cores for this process,
            where that makes it faster. A run gives the same bits again with the same number of
            threads; with another one, sums over a batch are rounded in another order.

    Returns:
        A function: `step(x, y)` returns the loss before the step; `step.epoch((X, Y), order,
        batch_size)` runs all batches. What has no compiled form runs as NumPy text.

    Raises:
        ArgumentError: RG601, neither parameters nor names.

    >>> X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    >>> y = np.array([0.0, 1.0, 1.0, 2.0], dtype=np.float32)
    >>> w = {"w": np.zeros(2, dtype=np.float32)}
    >>> def loss(p, x, y):
    ...     return np.mean((np.sum(x * p["w"], axis=1) - y) ** 2)
    >>> step = compile_step(loss, Adam(0.1), w)
    >>> for _ in range(200):
    ...     value = step(X, y)
    >>> w["w"].round(3).tolist()
    [1.0, 1.0]
    """
    if parameters is None and wrt is None:
        raise ArgumentError(
            "RG601",
            "compile_step needs the parameters, or the names of those that the loss finds outside",
            help='compile_step(loss, optimizer, params), or wrt=["W1", "b1"]',
        )
    chosen = 0 if wrt is None else list(wrt)
    gradient = value_and_grad(loss, wrt=chosen, backend="compiled")
    return CompiledStep(
        gradient, Adam() if optimizer is None else optimizer, parameters, threads=threads
    )
