"""Activations, losses and layers as functions: ours, called with PyTorch's arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from peer import Other

from retrograd import activations, losses
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
        stride = None if stride == [] else stride
        return function(x, kernel_size, stride, padding, dilation, ceil_mode)

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


# losses
def _reduction(reduction: str, size_average: Any, reduce: Any) -> str:
    if size_average is None and reduce is None:
        return reduction
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"


def _loss(function: Callable[..., Any]) -> Callable[..., Any]:
    """With PyTorch's two old words for the reduction."""

    def call(
        p: Any,
        y: Any,
        *args: Any,
        reduction: str = "mean",
        size_average: Any = None,
        reduce: Any = None,
        **kwargs: Any,
    ) -> Any:
        kind = _reduction(reduction, size_average, reduce)
        return function(p, y, *args, reduction=kind, **kwargs)

    return call


NETWORKS["nn.functional.mse_loss"] = _loss(losses.mse)
NETWORKS["nn.functional.l1_loss"] = _loss(losses.mae)
NETWORKS["nn.functional.huber_loss"] = _loss(
    lambda p, y, delta=1.0, weight=None, **k: losses.huber(p, y, delta, **k)
)
NETWORKS["nn.functional.smooth_l1_loss"] = _loss(
    lambda p, y, beta=1.0, **k: losses.smooth_l1(p, y, beta, **k)
)
NETWORKS["nn.functional.poisson_nll_loss"] = _loss(losses.poisson_nll)
NETWORKS["nn.functional.kl_div"] = _loss(losses.kl_div)


@of("gaussian_nll_loss")
def gaussian_nll(
    mean: Any, y: Any, var: Any, full: Any = False, eps: Any = 1e-6, reduction: Any = "mean"
) -> Any:
    if np.shape(mean) != np.shape(y):
        raise Other("y is broadcast, which is refused here: RG107")
    return losses.gaussian_nll(mean, y, var, full=full, eps=eps, reduction=reduction)


@of("multi_margin_loss")
def multi_margin(
    z: Any, y: Any, p: int = 1, margin: float = 1.0, weight: Any = None, **rest: Any
) -> Any:
    alone = z.ndim < 2
    if alone:
        z, y = z.reshape(1, -1), y.reshape(1)
    kind = _reduction(rest.get("reduction", "mean"), rest.get("size_average"), rest.get("reduce"))
    found = losses.multi_margin(z, y, p, margin, weight, reduction=kind)
    return found[0] if alone and kind == "none" else found


@of("binary_cross_entropy")
def binary_cross_entropy(p: Any, y: Any, weight: Any = None, **rest: Any) -> Any:
    kind = _reduction(rest.get("reduction", "mean"), rest.get("size_average"), rest.get("reduce"))
    return _rescaled(losses.binary_cross_entropy, p, y, weight, kind)


@of("binary_cross_entropy_with_logits")
def binary_cross_entropy_with_logits(
    z: Any, y: Any, weight: Any = None, pos_weight: Any = None, **rest: Any
) -> Any:
    kind = _reduction(rest.get("reduction", "mean"), rest.get("size_average"), rest.get("reduce"))
    call = losses.binary_cross_entropy_with_logits
    return _rescaled(call, z, y, weight, kind, pos_weight=pos_weight)


def _rescaled(
    function: Callable[..., Any], p: Any, y: Any, weight: Any, kind: str, **kwargs: Any
) -> Any:
    """PyTorch's weight rescales each element, and the mean is over their number."""
    if weight is None:
        return function(p, y, reduction=kind, **kwargs)
    each = weight * function(p, y, reduction="none", **kwargs)
    return {"none": lambda: each, "sum": lambda: np.sum(each), "mean": lambda: np.mean(each)}[
        kind
    ]()


def _classes(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(
        z: Any,
        y: Any,
        weight: Any = None,
        ignore_index: int = -100,
        label_smoothing: float = 0.0,
        **rest: Any,
    ) -> Any:
        kind = _reduction(
            rest.get("reduction", "mean"), rest.get("size_average"), rest.get("reduce")
        )
        given: dict[str, Any] = {"class_weight": weight, "reduction": kind}
        if y.dtype.kind in "iu":
            given["ignore_index"] = ignore_index
            if y.size and (y == ignore_index).all():
                raise Other("every label is ignored, which is refused here: RG208")
        if label_smoothing:
            given["label_smoothing"] = label_smoothing
        if z.ndim == 1:
            found = function(z[None], y[None], **given)
            return found[0] if kind == "none" else found
        return function(z, y, **given)

    return call


NETWORKS["nn.functional.cross_entropy"] = _classes(losses.cross_entropy)
NETWORKS["nn.functional.nll_loss"] = _classes(losses.nll)
