"""Learning-rate schedules: what the learning rate is at step or epoch t, counted from 0.

A schedule is a function of t: `schedule(t)`. The trainer sets the optimizer's learning rate by it
before each epoch, or before each batch. Each is PyTorch's of that name, in closed form.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Sequence

from retrograd.arguments import in_range, whole_number
from retrograd.errors import ArgumentError


class Schedule(ABC):
    """A learning rate for every t.

    Args:
        learning_rate: the one that the schedule is about, above 0.

    Raises:
        ArgumentError: RG601, a value outside of its range.
    """

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = in_range("learning_rate", learning_rate, 0.0, math.inf, open_low=True)

    @abstractmethod
    def __call__(self, t: int) -> float:
        """The learning rate at t = 0, 1, 2, ..."""


class StepLR(Schedule):
    """learning_rate * gamma**(t // step_size).

    >>> [StepLR(1.0, 2, 0.5)(t) for t in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    def __init__(self, learning_rate: float, step_size: int, gamma: float = 0.1) -> None:
        super().__init__(learning_rate)
        self.step_size = whole_number("step_size", step_size)
        self.gamma = in_range("gamma", gamma, 0.0, math.inf, open_low=True)

    def __call__(self, t: int) -> float:
        """The learning rate at t."""
        return self.learning_rate * self.gamma ** (t // self.step_size)


class MultiStepLR(Schedule):
    """learning_rate * gamma**(how many milestones t has reached).

    >>> [MultiStepLR(1.0, [1, 3], 0.5)(t) for t in range(5)]
    [1.0, 0.5, 0.5, 0.25, 0.25]
    """

    def __init__(self, learning_rate: float, milestones: Sequence[int], gamma: float = 0.1) -> None:
        super().__init__(learning_rate)
        if not isinstance(milestones, list | tuple | range):
            raise ArgumentError("RG601", f"milestones must be a list, not {milestones!r}")
        self.milestones = sorted(whole_number("a milestone", m, 0) for m in milestones)
        self.gamma = in_range("gamma", gamma, 0.0, math.inf, open_low=True)

    def __call__(self, t: int) -> float:
        """The learning rate at t."""
        return self.learning_rate * self.gamma ** bisect_right(self.milestones, t)


class ExponentialLR(Schedule):
    """learning_rate * gamma**t.

    >>> [ExponentialLR(1.0, 0.5)(t) for t in range(3)]
    [1.0, 0.5, 0.25]
    """

    def __init__(self, learning_rate: float, gamma: float) -> None:
        super().__init__(learning_rate)
        self.gamma = in_range("gamma", gamma, 0.0, math.inf, open_low=True)

    def __call__(self, t: int) -> float:
        """The learning rate at t."""
        return float(self.learning_rate * self.gamma**t)


class ConstantLR(Schedule):
    """learning_rate * factor before t = total, then learning_rate.

    >>> [ConstantLR(1.0, 0.5, 2)(t) for t in range(3)]
    [0.5, 0.5, 1.0]
    """

    def __init__(self, learning_rate: float, factor: float = 1 / 3, total: int = 5) -> None:
        super().__init__(learning_rate)
        self.factor = in_range("factor", factor, 0.0, 1.0, closed_high=True)
        self.total = whole_number("total", total)

    def __call__(self, t: int) -> float:
        """The learning rate at t."""
        return self.learning_rate * (self.factor if t < self.total else 1)


class LinearLR(Schedule):
    """learning_rate times a factor that goes from start to end until t = total: a warm-up.

    >>> [LinearLR(1.0, 0.5, 1.0, 2)(t) for t in range(4)]
    [0.5, 0.75, 1.0, 1.0]
    """

    def __init__(
        self,
        learning_rate: float,
        start: float = 1 / 3,
        end: float = 1.0,
        total: int = 5,
    ) -> None:
        super().__init__(learning_rate)
        self.start = in_range("start", start, 0.0, 1.0, open_low=True, closed_high=True)
        self.end = in_range("end", end, 0.0, 1.0, closed_high=True)
        self.total = whole_number("total", total)

    def __call__(self, t: int) -> float:
        """The learning rate at t."""
        share = min(t, self.total) / self.total
        return self.learning_rate * (self.start + (self.end - self.start) * share)


class PolynomialLR(Schedule):
    """learning_rate * (1 - t / total)**power, and 0 from t = total on.

    >>> [PolynomialLR(1.0, 4)(t) for t in range(5)]
    [1.0, 0.75, 0.5, 0.25, 0.0]
    """

    def __init__(self, learning_rate: float, total: int = 5, power: float = 1.0) -> None:
        super().__init__(learning_rate)
        self.total = whole_number("total", total)
        self.power = in_range("power", power, 0.0, math.inf)

    def __call__(self, t: int) -> float:
        """The learning rate at t."""
        return float(self.learning_rate * (1 - min(t, self.total) / self.total) ** self.power)


class CosineAnnealingLR(Schedule):
    """least + (learning_rate - least) * (1 + cos(pi * t / total)) / 2.

    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (2017),
    eq. 5.

    >>> [round(CosineAnnealingLR(1.0, 2)(t), 3) for t in range(3)]
    [1.0, 0.5, 0.0]
    """

    def __init__(self, learning_rate: float, total: int, least: float = 0.0) -> None:
        super().__init__(learning_rate)
        self.total = whole_number("total", total)
        self.least = in_range("least", least, 0.0, math.inf)

    def __call__(self, t: int) -> float:
        """The learning rate at t."""
        share = (1 + math.cos(math.pi * t / self.total)) / 2
        return self.least + (self.learning_rate - self.least) * share


class CosineAnnealingWarmRestarts(Schedule):
    """Cosine annealing that begins again after `first` steps, then `first * times`, and so on.

    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (2017).

    >>> [round(CosineAnnealingWarmRestarts(1.0, 2)(t), 3) for t in range(5)]
    [1.0, 0.5, 1.0, 0.5, 1.0]
    """

    def __init__(
        self, learning_rate: float, first: int, times: int = 1, least: float = 0.0
    ) -> None:
        super().__init__(learning_rate)
        self.first = whole_number("first", first)
        self.times = whole_number("times", times)
        self.least = in_range("least", least, 0.0, math.inf)

    def __call__(self, t: int) -> float:
        """The learning rate at t."""
        length = self.first
        if self.times == 1:
            t %= length
        while t >= length:
            t -= length
            length *= self.times
        share = (1 + math.cos(math.pi * t / length)) / 2
        return self.least + (self.learning_rate - self.least) * share


class OneCycleLR(Schedule):
    """Up to learning_rate during the first share `rise` of the steps, then down to nearly 0.

    It begins with learning_rate / start and ends with learning_rate / start / end; both ways are
    half of a cosine.

    Source: Smith and Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large
    Learning Rates" (2019).

    >>> [round(OneCycleLR(1.0, 5)(t), 3) for t in range(5)]
    [0.04, 0.95, 0.611, 0.188, 0.0]
    """

    def __init__(
        self,
        learning_rate: float,
        total: int,
        rise: float = 0.3,
        start: float = 25.0,
        end: float = 1e4,
    ) -> None:
        super().__init__(learning_rate)
        self.total = whole_number("total", total)
        self.rise = in_range("rise", rise, 0.0, 1.0, closed_high=True)
        self.start = in_range("start", start, 0.0, math.inf, open_low=True)
        self.end = in_range("end", end, 0.0, math.inf, open_low=True)

    def __call__(self, t: int) -> float:
        """The learning rate at t < total."""
        low = self.learning_rate / self.start
        top, last = self.rise * self.total - 1, self.total - 1
        if t <= top:
            return _cosine(low, self.learning_rate, t / top if top > 0 else 1.0)
        share = (min(t, last) - top) / (last - top) if last > top else 1.0
        return _cosine(self.learning_rate, low / self.end, share)


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))


class ReduceLROnPlateau:
    """A learning rate that is multiplied by `factor` when a number stops improving.

    Args:
        learning_rate: the first one, above 0.
        factor: from 0 up to 1, excluded.
        patience: so many epochs without improvement are borne, 0 or more.
        threshold: an improvement is smaller than (1 - threshold) * the best so far.
        cooldown: so many epochs after a change do not count, 0 or more.
        least: the learning rate stays at this, 0 or more.

    Raises:
        ArgumentError: RG601, a value outside of its range.

    >>> schedule = ReduceLROnPlateau(1.0, factor=0.5, patience=1)
    >>> [schedule.observe(loss) for loss in (1.0, 2.0, 2.0, 2.0, 2.0)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    def __init__(
        self,
        learning_rate: float,
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        cooldown: int = 0,
        least: float = 0.0,
    ) -> None:
        self.learning_rate = in_range("learning_rate", learning_rate, 0.0, math.inf, open_low=True)
        self.factor = in_range("factor", factor, 0.0, 1.0, open_low=True)
        self.patience = whole_number("patience", patience, 0)
        self.threshold = in_range("threshold", threshold, 0.0, math.inf)
        self.cooldown = whole_number("cooldown", cooldown, 0)
        self.least = in_range("least", least, 0.0, math.inf)
        self.best = math.inf
        self.bad = 0
        self.waiting = 0

    def observe(self, value: float) -> float:
        """The learning rate after an epoch with this loss."""
        if value < self.best * (1 - self.threshold):
            self.best, self.bad = value, 0
        else:
            self.bad += 1
        if self.waiting > 0:
            self.waiting -= 1
            self.bad = 0
        if self.bad > self.patience:
            lower = max(self.learning_rate * self.factor, self.least)
            if self.learning_rate - lower > 1e-8:
                self.learning_rate = lower
            self.waiting, self.bad = self.cooldown, 0
        return self.learning_rate
