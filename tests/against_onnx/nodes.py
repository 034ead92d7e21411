"""ONNX's operators in NumPy's spelling, and ours, with a node's inputs and attributes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from retrograd import activations, layers, losses
from retrograd.ops import convolution, pooling
from retrograd.ops.error_function import erf
from retrograd.ops.softmax import logsumexp


class Other(Exception):  # noqa: N818 (not an error)
    """This case asks for something that NumPy's function, or ours, does not do."""


NODES: dict[str, Callable[..., Any]] = {
    "Abs": np.abs, "Acos": np.arccos, "Acosh": np.arccosh, "Add": np.add, "And": np.logical_and,
    "Asin": np.arcsin, "Asinh": np.arcsinh, "Atan": np.arctan, "Atanh": np.arctanh,
    "Ceil": np.ceil, "Cos": np.cos, "Cosh": np.cosh, "Det": np.linalg.det, "Div": np.divide,
    "Equal": np.equal, "Erf": erf, "Exp": np.exp, "Floor": np.floor, "Greater": np.greater,
    "GreaterOrEqual": np.greater_equal, "IsNaN": np.isnan, "Less": np.less,
    "LessOrEqual": np.less_equal, "Log": np.log, "MatMul": np.matmul, "Mul": np.multiply,
    "Neg": np.negative, "Not": np.logical_not, "Or": np.logical_or, "Pow": np.power,
    "Reciprocal": np.reciprocal, "Round": np.round, "Sign": np.sign, "Sin": np.sin,
    "Sinh": np.sinh, "Sqrt": np.sqrt, "Sub": np.subtract, "Tan": np.tan, "Tanh": np.tanh,
    "Where": np.where, "Xor": np.logical_xor, "HardSwish": activations.hardswish,
    "Mish": activations.mish, "Relu": activations.relu, "Sigmoid": activations.sigmoid,
    "Softplus": activations.softplus, "Softsign": activations.softsign,
}  # fmt: skip


def node(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function below stands for the operator of its name."""
    NODES[function.__name__] = function
    return function


NODES |= {
    "Celu": lambda x, alpha=1.0: activations.celu(x, alpha),
    "Elu": lambda x, alpha=1.0: activations.elu(x, alpha),
    "Gelu": lambda x, approximate="none": activations.gelu(x, approximate),
    "HardSigmoid": lambda x, alpha=0.2, beta=0.5: np.clip(alpha * x + beta, 0, 1),
    "LeakyRelu": lambda x, alpha=0.01: activations.leaky_relu(x, alpha),
    "LogSoftmax": lambda x, axis=-1: activations.log_softmax(x, axis),
    "PRelu": lambda x, slope: np.where(x > 0, x, slope * x),
    "Softmax": lambda x, axis=-1: activations.softmax(x, axis),
    "ThresholdedRelu": lambda x, alpha=1.0: np.where(x > alpha, x, 0),
    "Selu": lambda x, alpha=1.6732632, gamma=1.0507010: gamma * activations.elu(x, alpha),
    "ArgMax": lambda x, axis=0, keepdims=1, select_last_index=0: _place(
        np.argmax, x, axis, keepdims, select_last_index
    ),
    "ArgMin": lambda x, axis=0, keepdims=1, select_last_index=0: _place(
        np.argmin, x, axis, keepdims, select_last_index
    ),
    "Clip": lambda x, low=None, high=None: np.clip(x, low, high),
    "Concat": lambda *x, axis: np.concatenate(x, axis=axis),
    "Einsum": lambda *x, equation: np.einsum(equation, *x),
    "Expand": lambda x, shape: np.broadcast_to(x, np.broadcast_shapes(x.shape, tuple(shape))),
    "Flatten": lambda x, axis=1: np.reshape(x, (int(np.prod(x.shape[:axis])), -1)),
    "Gather": lambda x, places, axis=0: np.take(x, places, axis=axis),
    "GatherElements": lambda x, places, axis=0: np.take_along_axis(x, places, axis),
    "Gemm": lambda a, b, c=0.0, alpha=1.0, beta=1.0, transA=0, transB=0: (
        alpha * ((a.T if transA else a) @ (b.T if transB else b)) + beta * c
    ),
    "GlobalAveragePool": lambda x: np.mean(x, axis=tuple(range(2, x.ndim)), keepdims=True),
    "GlobalMaxPool": lambda x: np.max(x, axis=tuple(range(2, x.ndim)), keepdims=True),
    "Identity": lambda x: np.positive(x),
    "Max": lambda *x: _folded(np.maximum, x),
    "Mean": lambda *x: _folded(np.add, x) / len(x),
    "Min": lambda *x: _folded(np.minimum, x),
    "Mod": lambda x, y, fmod=0: (np.fmod if fmod else np.remainder)(x, y),
    "Reshape": lambda x, shape, allowzero=0: np.reshape(x, _shape(x, shape, allowzero)),
    "Sum": lambda *x: _folded(np.add, x),
    "Tile": lambda x, counts: np.tile(x, counts.tolist()),
    "Transpose": lambda x, perm=None: np.transpose(x, perm),
    "Trilu": lambda x, k=0, upper=1: (np.triu if upper else np.tril)(x, int(k)),
    "Squeeze": lambda x, axes=None: np.squeeze(x, None if axes is None else tuple(axes.tolist())),
    "Unsqueeze": lambda x, axes: np.expand_dims(x, tuple(axes.tolist())),
}


def _place(function: Any, x: Any, axis: int, keepdims: int, last: int) -> Any:
    if last:
        raise Other("the last of equal ones")
    return function(x, axis=axis, keepdims=bool(keepdims))


def _folded(function: Any, arrays: Any) -> Any:
    total = arrays[0]
    for x in arrays[1:]:
        total = function(total, x)
    return total


def _shape(x: Any, shape: Any, allowzero: int) -> list[int]:
    return [x.shape[i] if n == 0 and not allowzero else n for i, n in enumerate(shape.tolist())]


@node
def CumSum(x: Any, axis: Any, exclusive: int = 0, reverse: int = 0) -> Any:  # noqa: N802
    at = int(axis)
    x = np.flip(x, at) if reverse else x
    total = np.cumsum(x, axis=at)
    total = total - x if exclusive else total
    return np.flip(total, at) if reverse else total


@node
def Pad(x: Any, widths: Any, value: Any = 0.0, axes: Any = None, mode: str = "constant") -> Any:  # noqa: N802
    half = len(widths) // 2
    pairs = [(0, 0)] * x.ndim
    where = range(x.ndim) if axes is None else axes.tolist()
    for i, axis in enumerate(where):
        pairs[axis] = (int(widths[i]), int(widths[half + i]))
    if min(n for pair in pairs for n in pair) < 0:
        raise Other("a negative width cuts off")
    if mode == "constant":
        return np.pad(x, pairs, constant_values=float(value))
    return np.pad(x, pairs, mode={"edge": "edge", "reflect": "reflect", "wrap": "wrap"}[mode])


@node
def Split(x: Any, sizes: Any = None, axis: int = 0, num_outputs: int = 0) -> Any:  # noqa: N802
    if sizes is None:
        length = -(-x.shape[axis] // num_outputs)
        sizes = np.array([length] * num_outputs)
    return tuple(np.split(x, np.cumsum(sizes)[:-1].tolist(), axis=axis))


@node
def Slice(x: Any, starts: Any, ends: Any, axes: Any = None, steps: Any = None) -> Any:  # noqa: N802
    key = [slice(None)] * x.ndim
    axes = range(len(starts)) if axes is None else axes.tolist()
    steps = [1] * len(starts) if steps is None else steps.tolist()
    for axis, start, end, step in zip(axes, starts.tolist(), ends.tolist(), steps, strict=True):
        end = None if step < 0 and end < -x.shape[axis] else end
        key[axis] = slice(start, end, step)
    return x[tuple(key)]


# reductions
def _reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(x: Any, axes: Any = None, keepdims: int = 1, noop_with_empty_axes: int = 0) -> Any:
        given = None if axes is None or not len(axes) else tuple(np.asarray(axes).tolist())
        if given is None and noop_with_empty_axes:
            raise Other("without axes nothing is reduced")
        if 0 in x.shape:
            raise Other("a reduction of nothing")
        return function(x, axis=given, keepdims=bool(keepdims))

    return call


for _name, _function in {
    "ReduceL1": lambda x, **k: np.sum(np.abs(x), **k),
    "ReduceL2": lambda x, axis, keepdims: np.linalg.vector_norm(x, axis=axis, keepdims=keepdims),
    "ReduceLogSum": lambda x, **k: np.log(np.sum(x, **k)),
    "ReduceLogSumExp": lambda x, **k: logsumexp(x, **k),
    "ReduceMax": np.max,
    "ReduceMean": np.mean,
    "ReduceMin": np.min,
    "ReduceProd": np.prod,
    "ReduceSum": np.sum,
    "ReduceSumSquare": lambda x, **k: np.sum(x**2, **k),
}.items():
    NODES[_name] = _reduction(_function)


# windows
def _ends(attributes: dict[str, Any], size: Any, x: Any) -> tuple[Any, dict[str, Any]]:
    """The image with its frame, and the strides and dilations."""
    rank = len(size)
    stride = tuple(attributes.get("strides", [1] * rank))
    dilation = tuple(attributes.get("dilations", [1] * rank))
    pads = list(attributes.get("pads", [0] * 2 * rank))
    kind = attributes.get("auto_pad", "NOTSET")
    if kind in ("SAME_UPPER", "SAME_LOWER"):
        for i, (n, k, s, d) in enumerate(zip(x.shape[2:], size, stride, dilation, strict=True)):
            total = max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
            less = total // 2
            first = less if kind == "SAME_UPPER" else total - less
            pads[i], pads[rank + i] = first, total - first
    pairs = [(0, 0), (0, 0), *zip(pads[:rank], pads[rank:], strict=True)]
    return pairs, {"stride": stride, "dilation": dilation}


@node
def Conv(x: Any, w: Any, b: Any = None, **attributes: Any) -> Any:  # noqa: N802
    pairs, given = _ends(attributes, w.shape[2:], x)
    if x.ndim not in (3, 4):
        raise Other("three axes of positions")
    function = convolution.conv2d if x.ndim == 4 else convolution.conv1d
    return function(np.pad(x, pairs), w, b, groups=attributes.get("group", 1), **given)


def _symmetric(pairs: Any, size: Any) -> Any:
    if any(2 * a > k for (a, _), k in zip(pairs[2:], size, strict=True)):
        raise Other("a frame of more than half of a window, which is refused as in PyTorch")
    if any(a != b for a, b in pairs):
        raise Other("another width on each side")
    return tuple(a for a, _ in pairs[2:])


@node
def MaxPool(x: Any, **attributes: Any) -> Any:  # noqa: N802
    size = attributes["kernel_shape"]
    if len(size) > 2 or attributes.get("storage_order"):
        raise Other("three axes of positions, or places as well")
    pairs, given = _ends(attributes, size, x)
    function = pooling.max_pool2d if len(size) == 2 else pooling.max_pool1d
    return function(
        x,
        tuple(size),
        given["stride"],
        _symmetric(pairs, size),
        given["dilation"],
        bool(attributes.get("ceil_mode", 0)),
    )


@node
def AveragePool(x: Any, **attributes: Any) -> Any:  # noqa: N802
    size = attributes["kernel_shape"]
    if len(size) > 2 or max(attributes.get("dilations", [1])) > 1:
        raise Other("three axes of positions, or dilations")
    pairs, given = _ends(attributes, size, x)
    function = pooling.avg_pool2d if len(size) == 2 else pooling.avg_pool1d
    return function(
        x,
        tuple(size),
        given["stride"],
        _symmetric(pairs, size),
        bool(attributes.get("ceil_mode", 0)),
        bool(attributes.get("count_include_pad", 0)),
    )


# layers
def _filled(layer: Any, x: Any, **arrays: Any) -> Any:
    layer.build(x.shape[1] if x.ndim == 2 else x.shape[1:], np.random.default_rng(0), x.dtype)
    for name, array in arrays.items():
        setattr(layer, name, array)
    return layer(x)


@node
def BatchNormalization(  # noqa: N802
    x: Any, gamma: Any, beta: Any, mean: Any, var: Any, epsilon: float = 1e-5, **rest: Any
) -> Any:
    if rest.get("training_mode"):
        raise Other("it returns its running means as well")
    layer = layers.BatchNorm(epsilon=epsilon)
    return _filled(layer, x, gamma=gamma, beta=beta, running_mean=mean, running_var=var)


@node
def LayerNormalization(  # noqa: N802
    x: Any, gamma: Any, beta: Any = None, axis: int = -1, epsilon: float = 1e-5, **rest: Any
) -> Any:
    axes = x.ndim - axis % x.ndim
    if axes == x.ndim:
        raise Other("the axis of the examples as well")
    layer = layers.LayerNorm(axes, epsilon)
    return _filled(layer, x, gamma=gamma, beta=np.zeros_like(gamma) if beta is None else beta)


@node
def RMSNormalization(x: Any, gamma: Any, axis: int = -1, epsilon: float = 1e-5, **rest: Any) -> Any:  # noqa: N802
    axes = x.ndim - axis % x.ndim
    if axes == x.ndim:
        raise Other("the axis of the examples as well")
    return _filled(layers.RMSNorm(axes, epsilon), x, gamma=gamma)


@node
def GroupNormalization(  # noqa: N802
    x: Any, gamma: Any, beta: Any, num_groups: int, epsilon: float = 1e-5, **rest: Any
) -> Any:
    return _filled(layers.GroupNorm(num_groups, epsilon), x, gamma=gamma, beta=beta)


# losses
@node
def NegativeLogLikelihoodLoss(  # noqa: N802
    x: Any, y: Any, weight: Any = None, ignore_index: int | None = None, reduction: str = "mean"
) -> Any:
    return losses.nll(x, y, class_weight=weight, ignore_index=ignore_index, reduction=reduction)


@node
def SoftmaxCrossEntropyLoss(  # noqa: N802
    x: Any, y: Any, weight: Any = None, ignore_index: int | None = None, reduction: str = "mean"
) -> Any:
    return losses.cross_entropy(
        x, y, class_weight=weight, ignore_index=ignore_index, reduction=reduction
    )
