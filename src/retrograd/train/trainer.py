"""The training loop."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from retrograd.arguments import in_range, whole_number
from retrograd.compiled import CompiledStep, Profile
from retrograd.errors import (
    ArgumentError,
    LabelError,
    NumericsError,
)
from retrograd.gradient import Gradient
from retrograd.layers import Dense, Embedding, Layer, Rescale, Sequential
from retrograd.losses import cross_entropy
from retrograd.losses.class_labels import check_labels
from retrograd.optimizers import Adam, Optimizer
from retrograd.train.batch import gradient_of, keeps
from retrograd.train.duration import is_long
from retrograd.train.history import Epoch, History
from retrograd.train.inputs import check_shapes, finite, warn_of_pixels
from retrograd.train.score import Loss, evaluate

Array = np.ndarray[Any, Any]


class Trainer:
    """Trains a model on batches.

    Args:
        model: the network; its parameters are drawn at the first `fit` if it has none.
        loss: a function of (model(X), y) that returns a scalar, such as `losses.cross_entropy`.
        optimizer: moves the parameters; its state is kept between calls of `fit`.
        schedule: what the learning rate is at epoch 0, 1, ... (of all calls of `fit`): a function
            such as those in `optimizers.schedules`; None leaves it as it is.
        seed: of the generator that draws the parameters and dropout's masks and shuffles; the same
            seed gives the same run.
        dtype: of the parameters and the data: float32 or float64.
        backend: "numpy" runs the text that `step.source` shows; "compiled" the same as compiled
            loops and matrix products, where the network has such a form; "auto" compiles where the
            text would take more than about a second, by the sizes alone: the same call always
            runs the same way.
        threads: how many run a compiled step; None: as many as make it faster, up to the cores.
            The same seed gives the same bits again with the same number of threads.

    Attributes:
        step: the gradient that a training step runs: `trainer.step.source(X, y)` shows its text.

    >>> from retrograd.layers import Dense, ReLU, Sequential
    >>> X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    >>> trainer = Trainer(Sequential(Dense(8), ReLU(), Dense(2)), optimizer=Adam(0.05), seed=1)
    >>> history = trainer.fit(X, np.array([0, 1, 1, 0]), epochs=200, batch_size=4)
    >>> trainer.model(X).argmax(axis=1).tolist()
    [0, 1, 1, 0]
    """

    def __init__(
        self,
        model: Sequential,
        loss: Loss = cross_entropy,
        optimizer: Optimizer | None = None,
        *,
        schedule: Callable[[int], float] | None = None,
        seed: int = 0,
        dtype: Any = np.float32,
        backend: str = "auto",
        threads: int | None = None,
    ) -> None:
        if backend not in ("auto", "numpy", "compiled"):
            raise ArgumentError("RG601", f"backend is auto, numpy or compiled, not {backend!r}")
        if not isinstance(model, Sequential):
            raise ArgumentError("RG601", f"model must be a Sequential, not {type(model).__name__}")
        if not callable(loss) or not (schedule is None or callable(schedule)):
            raise ArgumentError("RG601", "loss and schedule must be functions")
        if optimizer is not None and not isinstance(optimizer, Optimizer):
            raise ArgumentError("RG601", f"optimizer must be one of ours, not {optimizer!r}")
        self.model = model
        self.loss = loss
        self.optimizer = Adam() if optimizer is None else optimizer
        self.schedule = schedule
        self.epochs = 0
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise ArgumentError("RG601", f"dtype must be float32 or float64, not {self.dtype}")
        self.rng = np.random.default_rng(whole_number("seed", seed, 0))
        self._drawing = [at for at in model.inner() if type(at).draw is not Layer.draw]
        self._keeps = keeps(model)
        self.backend, self.threads = backend, threads
        self._step: Gradient | None = None
        self._alone: Gradient | None = None  # compiled, without the optimizer
        self._by: Gradient  # one of these two
        self._compiled: CompiledStep | None = None
        self._gradient: Array | None = None
        self._scale_said = False
        self._embeds = any(isinstance(layer, Embedding) for layer in model.inner())
        self._rescales = isinstance(next(iter(model.inner()), None), Rescale)

    @property
    def step(self) -> Gradient:
        """The value and gradients of the loss on a batch (x, y), for every parameter."""
        if self._step is None:
            self._step = gradient_of(self.model, self.loss)
        return self._step

    def fit(
        self,
        X: Any,
        y: Any,
        epochs: int = 10,
        batch_size: int = 32,
        validation: tuple[Any, Any] | None = None,
        on_batch: Callable[[int, int], None] | None = None,
        on_epoch: Callable[[Epoch], None] | None = None,
    ) -> History:
        """Train.

        Args:
            X: (N, D), numbers; or (N, ...), as the first layer takes them.
            y: what the loss takes: class numbers (N,), or targets (N, C).
            epochs: passes over the data, 1 or more.
            batch_size: examples a step, 1 or more; more than N counts as N. The last batch of an
                epoch may be smaller.
            validation: (X, y) to score after each epoch.
            on_batch: called after each batch with the number of examples done and N.
            on_epoch: called after each epoch.

        Returns:
            The history of this call.

        Raises:
            ArgumentError: RG601, a count that is no whole number from 1.
            ShapeError: RG604, X is not (N, D) or y has another length.
            LabelError: RG202, a class number without a column.
            NumericsError: RG301, the loss became inf or NaN; RG303, X holds NaN or inf.
        """
        epochs, batch_size = whole_number("epochs", epochs), whole_number("batch_size", batch_size)
        X, y = self._checked(X, y)
        if self.model.flat is None:
            shape = X.shape[1] if X.ndim == 2 else X.shape[1:]
            self.model.build(shape, self.rng, self.dtype)
        self._check_labels(X, y)
        checked = None if validation is None else self._checked(*validation)
        if checked is not None:
            checked = self._floats(checked[0]), checked[1]
            self._check_labels(*checked)
        size = min(batch_size, len(X))
        compiled = self._fast(X, y, epochs, size)
        history = History()
        for number in range(1, epochs + 1):
            start = time.perf_counter()
            if self.schedule is not None:
                rate = self.schedule(self.epochs)
                self.optimizer.learning_rate = in_range("the schedule's rate", rate, 0, math.inf)
            loss = self._epoch(number, X, y, size, on_batch, compiled)
            self.epochs += 1
            seconds = time.perf_counter() - start
            score = None if checked is None else evaluate(self.model, self.loss, *checked)
            epoch = Epoch(
                number,
                loss,
                None if score is None else score.loss,
                None if score is None else score.accuracy,
                seconds,
            )
            history.epochs.append(epoch)
            if on_epoch is not None:
                on_epoch(epoch)
        return history

    def profile(self, X: Any, y: Any, batch_size: int = 32) -> Profile:
        """Where the time of a training step goes, as it ran in the last `fit`; nothing is trained.

        Args:
            X: as `fit` takes it, which must have been called before.
            y: the same.
            batch_size: rows a step, 1 or more.

        Returns:
            A profile that prints as a table, by the lines of the step's text.
        """
        X, y = self._checked(X, y)
        size = min(whole_number("batch_size", batch_size), len(X))
        for layer in self._drawing:
            layer.draw(np.random.default_rng(0), size)
        step = self._compiled
        if step is None or not step.is_compiled((X, y), size):
            step = CompiledStep(self.step, self.optimizer, dtype=self.dtype)
            return step.profile((self._floats(X[:size]), y[:size]), size, as_text=True)
        return step.profile((X, y), size)

    def _epoch(
        self,
        number: int,
        X: Array,
        y: Array,
        size: int,
        on_batch: Callable[[int, int], None] | None,
        compiled: CompiledStep | None,
    ) -> float:
        order = self.rng.permutation(len(X))
        total = 0.0
        if compiled is not None:
            at_once = len(X) if on_batch is None else size
            for start in range(0, len(X), at_once):
                rows = order[start : start + at_once]
                value, failed = compiled.batches((X, y), rows, size)
                if failed >= 0:
                    batch = (start + failed) // size + 1
                    self._stop(value, number, batch, X, y, rows[failed : failed + size])
                total += value * len(rows)
                if on_batch is not None:
                    on_batch(start + len(rows), len(X))
            return total / len(X)
        for start in range(0, len(X), size):
            rows = order[start : start + size]
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                value, gradients = self._gradients(self._floats(X[rows]), y[rows])
            if not math.isfinite(value):
                self._stop(value, number, start // size + 1, X, y, rows)
            self._update(gradients)
            total += float(value) * len(rows)
            if on_batch is not None:
                on_batch(start + len(rows), len(X))
        return total / len(X)

    def _stop(
        self, value: Any, epoch: int, batch: int, X: Array, y: Array, rows: Array
    ) -> NoReturn:
        """Say that a loss is not finite, and where that begins."""
        with np.errstate(all="ignore"):
            first = self.step.nonfinite(self._floats(X[rows]), y[rows])
        found = () if first is None else (first.headline,)
        raise NumericsError(
            "RG301",
            f"the loss became {value} in epoch {epoch}, batch {batch}",
            notes=(f"the learning rate is {self.optimizer.learning_rate:g}", *found),
            help="a smaller learning rate; scale the inputs to about -1 to 1",
        )

    def _floats(self, x: Array) -> Array:
        """A batch in the trainer's dtype; whole numbers stay where a layer takes them."""
        as_it_is = self._embeds or (self._rescales and x.dtype.kind in "iub")
        return x if as_it_is else x.astype(self.dtype, copy=False)

    def _fast(self, X: Array, y: Array, epochs: int, size: int) -> CompiledStep | None:
        """The compiled step, where there is one and the work is worth compiling it."""
        assert self.model.flat is not None
        self._by = self.step
        long = is_long(len(X), size, epochs, self.model.flat.size)
        if self.backend == "numpy" or (self.backend == "auto" and not long):
            return None
        if self._drawing or self._keeps or self._embeds:  # something is done between the steps
            if self._alone is None:
                self._alone = gradient_of(self.model, self.loss, backend="compiled")
            self._by = self._alone
            return None
        if self._compiled is None:
            self._compiled = CompiledStep(
                self.step, self.optimizer, dtype=self.dtype, threads=self.threads
            )
        return self._compiled if self._compiled.is_compiled((X, y), size) else None

    def _gradients(self, x: Array, y: Array) -> tuple[Any, tuple[Array, ...]]:
        """The loss of a batch and its gradients; the layers keep what they found out."""
        for layer in self._drawing:
            layer.draw(self.rng, len(x))
        value, gradients = self._by(x, y)
        if self._keeps:
            value, statistics = value
            if math.isfinite(value):
                self.model.observe(*statistics)
        return value, gradients

    def _update(self, gradients: tuple[Array, ...]) -> None:
        """One optimizer pass over the flat buffer."""
        flat = self.model.flat
        assert flat is not None
        if self._gradient is None or self._gradient.shape != flat.shape:
            self._gradient = np.empty_like(flat)
        start = 0
        for gradient in gradients:
            self._gradient[start : start + gradient.size] = gradient.ravel()
            start += gradient.size
        self.optimizer.update(flat, self._gradient)

    def _checked(self, X: Any, y: Any) -> tuple[Array, Array]:
        """The data as arrays; whole numbers as they are, floats in the trainer's dtype."""
        X, y = np.asarray(X), np.asarray(y)
        check_shapes(X, y, rows_alone=isinstance(next(iter(self.model.inner())), Dense))
        if not self._embeds:
            self._look_at_scale(X)
            X = finite("X", X, self.dtype)
        return X, finite("y", y, self.dtype)

    def _look_at_scale(self, X: Array) -> None:
        """Warn once about pixels that are not scaled."""
        if not (self._scale_said or self._rescales):
            self._scale_said = warn_of_pixels(X, stacklevel=5)

    def _check_labels(self, X: Array, y: Array) -> None:
        classes = self.model(self._floats(X[:2])).shape[1]
        if self.loss is cross_entropy:
            if y.ndim == 1 and y.dtype.kind not in "iu":
                raise LabelError("RG201", f"y holds class numbers, but its dtype is {y.dtype}")
            check_labels(y, classes)
