"""Layers that make numbers comparable: batch, layer, group and root-mean-square normalization."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from retrograd.arguments import in_range, whole_number
from retrograd.errors import ShapeError
from retrograd.layers.layer import Array, Layer, Shape, axes_of


class _Scaled(Layer):
    """What all have: a scale gamma, a shift beta, and the number under the root.

    Args:
        epsilon: added to the variance, above 0.
        affine: whether there are gamma and beta, which are trained.
    """

    gamma: Array
    beta: Array

    def __init__(self, epsilon: float = 1e-5, affine: bool = True) -> None:
        self.epsilon = in_range("epsilon", epsilon, 0.0, math.inf, open_low=True)
        self.affine = bool(affine)
        self.parameters = ("gamma", "beta") if affine else ()

    def _make(self, shape: tuple[int, ...], dtype: Any) -> None:
        if self.affine:
            self.gamma = np.ones(shape, dtype=dtype)
            self.beta = np.zeros(shape, dtype=dtype)

    def _scaled(self, x_hat: Any, column: tuple[int, ...] | None = None) -> Any:
        """gamma * x_hat + beta, with one number for each channel as a column."""
        if not self.affine:
            return x_hat
        if column is None:
            return self.gamma * x_hat + self.beta
        return self.gamma.reshape(column) * x_hat + self.beta.reshape(column)


class BatchNorm(_Scaled):
    """gamma * (x - mean) / sqrt(var + epsilon) + beta, with each channel's mean over the batch.

    In training mean and variance are those of the batch, and are part of what is differentiated;
    otherwise those that training has seen, whose running means the trainer keeps.

    Args:
        momentum: how much the last batch counts in the running means, from 0 to 1; None for the
            plain mean of all batches.
        epsilon: added to the variance, above 0.
        affine: whether there are gamma and beta, which are trained.
        running: whether running means are kept; without, the batch's own are always used.

    Raises:
        ArgumentError: RG601, a value outside of its range.

    Source: Ioffe and Szegedy, "Batch Normalization" (2015), algorithm 1 and 2; the running variance
    is the unbiased one.

    >>> layer = BatchNorm(affine=False)
    >>> layer.build(1, np.random.default_rng(0), np.float64)
    1
    >>> layer.training = True
    >>> layer(np.array([[1.0], [3.0]])).round(3).tolist()
    [[-1.0], [1.0]]
    """

    def __init__(
        self,
        momentum: float | None = 0.1,
        epsilon: float = 1e-5,
        affine: bool = True,
        running: bool = True,
    ) -> None:
        super().__init__(epsilon, affine)
        self.momentum = (
            None if momentum is None else in_range("momentum", momentum, 0.0, 1.0, closed_high=True)
        )
        self.running = bool(running)
        self.buffers = ("running_mean", "running_var") if running else ()
        self.batches = 0

    def build(self, shape: Shape, rng: np.random.Generator, dtype: Any) -> Any:
        """One gamma, beta and running mean for each channel (feature)."""
        self.channels = axes_of(shape)[0]
        self._make((self.channels,), dtype)
        if self.running:
            self.running_mean = np.zeros(self.channels, dtype=dtype)
            self.running_var = np.ones(self.channels, dtype=dtype)
        return shape

    def __call__(self, x: Any) -> Any:
        """For x of shape (N, C) or (N, C, ...).

        Raises:
            ShapeError: RG105, another number of channels; RG109, one value for each channel.
        """
        shape = np.shape(x)
        if len(shape) < 2 or shape[1] != self.channels:
            raise ShapeError("RG105", f"BatchNorm has {self.channels} channels, x is {shape}")
        axes: Any = 0 if len(shape) == 2 else (0, *range(2, len(shape)))
        column = (1, -1, *(1,) * (len(shape) - 2))
        if self.training or not self.running:
            count = x.size // self.channels
            if count < 2:
                raise ShapeError(
                    "RG109",
                    f"BatchNorm got {shape} in training: one value a channel has no variance",
                    help="a larger batch; or model.training = False",
                )
            mean = x.mean(axis=axes, keepdims=True)
            var = x.var(axis=axes, keepdims=True)
            self.batch_mean = mean.reshape(-1)
            self.batch_var = var.reshape(-1) * (count / (count - 1))
        else:
            mean = self.running_mean.reshape(column)
            var = self.running_var.reshape(column)
        x_hat = (x - mean) / np.sqrt(var + self.epsilon)
        a = self._scaled(x_hat, None if len(shape) == 2 else column)
        return a

    def statistics(self) -> tuple[Any, ...]:
        """The batch's mean and unbiased variance, each (C,)."""
        return (self.batch_mean, self.batch_var) if self.running else ()

    def observe(self, *statistics: Array) -> None:
        """Count a batch's mean and variance in the running means."""
        if not self.running:
            return
        mean, var = statistics
        self.batches += 1
        share = 1 / self.batches if self.momentum is None else self.momentum
        self.running_mean += share * (mean - self.running_mean)
        self.running_var += share * (var - self.running_var)


class LayerNorm(_Scaled):
    """gamma * (x - mean) / sqrt(var + epsilon) + beta, with each example's mean over its features.

    Args:
        axes: how many of the last axes are normalized together.
        epsilon: added to the variance, above 0.
        affine: whether there are gamma and beta, which are trained.

    Raises:
        ArgumentError: RG601, a value outside of its range.

    Source: Ba, Kiros and Hinton, "Layer Normalization" (2016), eq. 4.

    >>> layer = LayerNorm(affine=False)
    >>> layer.build(2, np.random.default_rng(0), np.float64)
    2
    >>> layer(np.array([[1.0, 3.0]])).round(3).tolist()
    [[-1.0, 1.0]]
    """

    def __init__(self, axes: int = 1, epsilon: float = 1e-5, affine: bool = True) -> None:
        super().__init__(epsilon, affine)
        self.axes = whole_number("axes", axes)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: Any) -> Any:
        """gamma and beta in the shape of what is normalized."""
        if len(axes_of(shape)) < self.axes:
            raise ShapeError("RG105", f"LayerNorm over {self.axes} axes of examples {shape}")
        self.shape = axes_of(shape)[-self.axes :]
        self._make(self.shape, dtype)
        return shape

    def __call__(self, x: Any) -> Any:
        """For x of shape (N, ...).

        Raises:
            ShapeError: RG105, other features than it was built for.
        """
        if np.shape(x)[-self.axes :] != self.shape:
            raise ShapeError("RG105", f"LayerNorm is for features {self.shape}, x is {np.shape(x)}")
        last = -1 if self.axes == 1 else tuple(range(-self.axes, 0))
        mean = x.mean(axis=last, keepdims=True)
        var = x.var(axis=last, keepdims=True)
        x_hat = (x - mean) / np.sqrt(var + self.epsilon)
        a = self._scaled(x_hat)
        return a


class RMSNorm(Layer):
    """gamma * x / sqrt(mean(x**2) + epsilon), with each example's mean over its features.

    Args:
        axes: how many of the last axes are normalized together.
        epsilon: added to the mean square; None for the dtype's epsilon.
        affine: whether there is a gamma, which is trained.

    Raises:
        ArgumentError: RG601, a value outside of its range.

    Source: Zhang and Sennrich, "Root Mean Square Layer Normalization" (2019), eq. 4.

    >>> layer = RMSNorm(affine=False)
    >>> layer.build(2, np.random.default_rng(0), np.float64)
    2
    >>> layer(np.array([[3.0, 3.0]])).round(3).tolist()
    [[1.0, 1.0]]
    """

    gamma: Array

    def __init__(self, axes: int = 1, epsilon: float | None = None, affine: bool = True) -> None:
        self.axes, self.affine = whole_number("axes", axes), bool(affine)
        self.epsilon = None if epsilon is None else in_range("epsilon", epsilon, 0.0, math.inf)
        self.parameters = ("gamma",) if affine else ()

    def build(self, shape: Shape, rng: np.random.Generator, dtype: Any) -> Any:
        """gamma in the shape of what is normalized."""
        if len(axes_of(shape)) < self.axes:
            raise ShapeError("RG105", f"RMSNorm over {self.axes} axes of examples {shape}")
        self.shape = axes_of(shape)[-self.axes :]
        self.least = float(np.finfo(dtype).eps) if self.epsilon is None else self.epsilon
        if self.affine:
            self.gamma = np.ones(self.shape, dtype=dtype)
        return shape

    def __call__(self, x: Any) -> Any:
        """For x of shape (N, ...).

        Raises:
            ShapeError: RG105, other features than it was built for.
        """
        if np.shape(x)[-self.axes :] != self.shape:
            raise ShapeError("RG105", f"RMSNorm is for features {self.shape}, x is {np.shape(x)}")
        last = -1 if self.axes == 1 else tuple(range(-self.axes, 0))
        square = (x**2).mean(axis=last, keepdims=True)
        a = x / np.sqrt(square + self.least)
        if self.affine:
            a = self.gamma * a
        return a


class GroupNorm(_Scaled):
    """gamma * (x - mean) / sqrt(var + epsilon) + beta, with means over groups of channels.

    Args:
        groups: how many groups the channels of an example fall into; divides their number.
        epsilon: added to the variance, above 0.
        affine: whether there are a gamma and a beta for each channel, which are trained.

    Raises:
        ArgumentError: RG601, a value outside of its range.

    Source: Wu and He, "Group Normalization" (2018), eq. 7.

    >>> layer = GroupNorm(1, affine=False)
    >>> layer.build(2, np.random.default_rng(0), np.float64)
    2
    >>> layer(np.array([[1.0, 3.0]])).round(3).tolist()
    [[-1.0, 1.0]]
    """

    def __init__(self, groups: int, epsilon: float = 1e-5, affine: bool = True) -> None:
        super().__init__(epsilon, affine)
        self.groups = whole_number("groups", groups)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: Any) -> Any:
        """A gamma and a beta for each channel."""
        self.channels = axes_of(shape)[0]
        if self.channels % self.groups:
            raise ShapeError(
                "RG105", f"GroupNorm: {self.groups} groups do not divide {self.channels} channels"
            )
        self._make((self.channels,), dtype)
        return shape

    def __call__(self, x: Any) -> Any:
        """For x of shape (N, C) or (N, C, ...).

        Raises:
            ShapeError: RG105, another number of channels.
        """
        shape = np.shape(x)
        if len(shape) < 2 or shape[1] != self.channels:
            raise ShapeError("RG105", f"GroupNorm has {self.channels} channels, x is {shape}")
        groups = x.reshape(shape[0], self.groups, -1)
        mean = groups.mean(axis=2, keepdims=True)
        var = groups.var(axis=2, keepdims=True)
        x_hat = ((groups - mean) / np.sqrt(var + self.epsilon)).reshape(shape)
        a = self._scaled(x_hat, None if len(shape) == 2 else (1, -1, *(1,) * (len(shape) - 2)))
        return a
