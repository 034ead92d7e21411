"""Activations, losses and layers as functions: ours, called with PyTorch's arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peer import Other

from retrograd import activations
from retrograd.ops import convolution, pooling

NETWORKS: dict[str, Callable[..., Any]] = {}


def of(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The function below stands for PyTorch's of this name."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        NETWORKS[f"nn.functional.{name}"] = function
        return function

    return register


def _batched(function: Callable[..., Any], rank: int) -> Callable[..., Any]:
    """With examples as the first axis, which PyTorch lets out for one alone."""

    def call(x: Any, *args: Any, **kwargs: Any) -> Any:
        if x.ndim == rank + 1:
            return function(x[None], *args, **kwargs)[0]
        return function(x, *args, **kwargs)

    return call


def _conv(function: Callable[..., Any], rank: int) -> Callable[..., Any]:
    def call(
        x: Any,
        w: Any,
        b: Any = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Any:
        return function(x, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups)

    return _batched(call, rank)


NETWORKS["nn.functional.conv1d"] = _conv(convolution.conv1d, 1)
NETWORKS["nn.functional.conv2d"] = _conv(convolution.conv2d, 2)


def _max_pool(function: Callable[..., Any], rank: int) -> Callable[..., Any]:
    def call(
        x: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:
        if return_indices:
            raise Other("it returns places as well")
        return function(x, kernel_size, stride or None, padding, dilation, ceil_mode)

    return _batched(call, rank)


NETWORKS["nn.functional.max_pool1d"] = _max_pool(pooling.max_pool1d, 1)
NETWORKS["nn.functional.max_pool2d"] = _max_pool(pooling.max_pool2d, 2)


@of("avg_pool1d")
def avg_pool1d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    call = _batched(pooling.avg_pool1d, 1)
    return call(x, kernel_size, stride or None, padding, ceil_mode, count_include_pad)


@of("avg_pool2d")
def avg_pool2d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: Any = None,
) -> Any:
    call = _batched(pooling.avg_pool2d, 2)
    return call(
        x, kernel_size, stride or None, padding, ceil_mode, count_include_pad, divisor_override
    )


# activations
_act = activations
NETWORKS |= {
    "sigmoid": _act.sigmoid,
    "softmax": lambda x, dim, dtype=None: _act.softmax(x, axis=dim),
    "log_softmax": lambda x, dim, dtype=None: _act.log_softmax(x, axis=dim),
    "nn.functional.relu": lambda x, inplace=False: _act.relu(x),
    "nn.functional.relu6": lambda x, inplace=False: _act.relu6(x),
    "nn.functional.leaky_relu": lambda x, negative_slope=0.01, inplace=False: _act.leaky_relu(
        x, negative_slope
    ),
    "nn.functional.prelu": lambda x, weight: _act.prelu(x, weight),
    "nn.functional.elu": lambda x, alpha=1.0, inplace=False: _act.elu(x, alpha),
    "nn.functional.celu": lambda x, alpha=1.0, inplace=False: _act.celu(x, alpha),
    "nn.functional.selu": lambda x, inplace=False: _act.selu(x),
    "nn.functional.gelu": lambda x, approximate="none": _act.gelu(x, approximate),
    "nn.functional.silu": lambda x, inplace=False: _act.silu(x),
    "nn.functional.softplus": lambda x, beta=1.0, threshold=20.0: _act.softplus(x, beta, threshold),
    "nn.functional.softsign": _act.softsign,
    "nn.functional.mish": lambda x, inplace=False: _act.mish(x),
    "nn.functional.hardsigmoid": lambda x, inplace=False: _act.hardsigmoid(x),
    "nn.functional.hardswish": lambda x, inplace=False: _act.hardswish(x),
    "nn.functional.hardtanh": lambda x, min_val=-1.0, max_val=1.0, inplace=False: _act.hardtanh(
        x, min_val, max_val
    ),
    "nn.functional.tanhshrink": _act.tanhshrink,
    "nn.functional.logsigmoid": _act.logsigmoid,
    "nn.functional.glu": lambda x, dim=-1: _act.glu(x, dim),
    "nn.functional.softmin": lambda x, dim=None, dtype=None: _act.softmin(x, axis=dim),
}
