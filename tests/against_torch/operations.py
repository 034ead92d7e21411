"""Each operation of PyTorch's list in NumPy's spelling, called with PyTorch's arguments.

The key is the name in `op_db`; what NumPy's function does not do raises `Other` with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special as sp
from peer import Other

OPERATIONS: dict[str, Callable[..., Any]] = {}


def of(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The function below stands for these of PyTorch."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        for name in names:
            assert name not in OPERATIONS
            OPERATIONS[name] = function
        return function

    return register


def _arrays(given: Any) -> Any:
    return given[0] if isinstance(given[0], list | tuple) else given


# one array, one array back
OPERATIONS |= {
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atan2": np.arctan2,
    "atanh": np.arctanh,
    "atleast_1d": lambda *x: np.atleast_1d(*_arrays(x)),
    "atleast_2d": lambda *x: np.atleast_2d(*_arrays(x)),
    "atleast_3d": lambda *x: np.atleast_3d(*_arrays(x)),
    "ceil": np.ceil,
    "conj": np.conj,
    "conj_physical": np.conj,
    "copysign": np.copysign,
    "cos": np.cos,
    "cosh": np.cosh,
    "deg2rad": np.deg2rad,
    "digamma": sp.digamma,
    "dot": np.dot,
    "eq": np.equal,
    "erf": sp.erf,
    "erfc": sp.erfc,
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "float_power": np.float_power,
    "floor": np.floor,
    "fmax": np.fmax,
    "fmin": np.fmin,
    "fmod": np.fmod,
    "ge": np.greater_equal,
    "gt": np.greater,
    "heaviside": np.heaviside,
    "hypot": np.hypot,
    "inner": np.inner,
    "isfinite": np.isfinite,
    "isinf": np.isinf,
    "isnan": np.isnan,
    "isneginf": np.isneginf,
    "isposinf": np.isposinf,
    "kron": np.kron,
    "ldexp": lambda x, n: x * np.exp2(n),
    "le": np.less_equal,
    "lgamma": sp.gammaln,
    "log": np.log,
    "log10": np.log10,
    "log1p": np.log1p,
    "log2": np.log2,
    "logaddexp": np.logaddexp,
    "logaddexp2": np.logaddexp2,
    "logical_and": np.logical_and,
    "logical_not": np.logical_not,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
    "lt": np.less,
    "matmul": np.matmul,
    "maximum": np.maximum,
    "mH": np.matrix_transpose,
    "minimum": np.minimum,
    "mm": np.matmul,
    "bmm": np.matmul,
    "mT": np.matrix_transpose,
    "mul": np.multiply,
    "mv": np.matmul,
    "ne": np.not_equal,
    "neg": np.negative,
    "outer": np.outer,
    "positive": np.positive,
    "pow": np.power,
    "rad2deg": np.rad2deg,
    "ravel": np.ravel,
    "real": np.real,
    "reciprocal": np.reciprocal,
    "remainder": np.remainder,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "sign": np.sign,
    "signbit": np.signbit,
    "sin": np.sin,
    "sinc": np.sinc,
    "sinh": np.sinh,
    "special.ndtr": sp.ndtr,
    "special.xlog1py": sp.xlog1py,
    "sqrt": np.sqrt,
    "square": np.square,
    "t": np.transpose,
    "tan": np.tan,
    "tanh": np.tanh,
    "trace": np.trace,
    "true_divide": np.true_divide,
    "trunc": np.trunc,
    "vdot": np.vdot,
    "vstack": np.vstack,
    "hstack": np.hstack,
    "dstack": np.dstack,
    "column_stack": np.column_stack,
    "xlogy": sp.xlogy,
    "__radd__": lambda x, y: y + x,
    "__rdiv__": lambda x, y: y / x,
    "__rmatmul__": lambda x, y: y @ x,
    "__rmod__": lambda x, y: y % x,
    "__rmul__": lambda x, y: y * x,
    "__rpow__": lambda x, y: y**x,
    "__rsub__": lambda x, y: y - x,
    "__getitem__": lambda x, key: x[key],
    "add": lambda x, y, alpha=1: x + alpha * y,
    "sub": lambda x, y, alpha=1: x - alpha * y,
    "rsub": lambda x, y, alpha=1: y - alpha * x,
    "addcdiv": lambda x, a, b, value=1: x + value * (a / b),
    "addcmul": lambda x, a, b, value=1: x + value * (a * b),
    "addmm": lambda x, a, b, beta=1, alpha=1: beta * x + alpha * (a @ b),
    "addmv": lambda x, a, b, beta=1, alpha=1: beta * x + alpha * (a @ b),
    "addr": lambda x, a, b, beta=1, alpha=1: beta * x + alpha * np.outer(a, b),
    "baddbmm": lambda x, a, b, beta=1, alpha=1: beta * x + alpha * (a @ b),
    "addbmm": lambda x, a, b, beta=1, alpha=1: beta * x + alpha * (a @ b).sum(axis=0),
    "lerp": lambda a, b, w: a + w * (b - a),
    "frac": lambda x: x - np.trunc(x),
    "T": lambda x: x.T,
    "clone": lambda x, **_: x.copy(),
}


@of("logit")
def logit(x: Any, eps: Any = None) -> Any:
    return sp.logit(x if eps is None else np.clip(x, eps, 1 - eps))


@of("div")
def div(x: Any, y: Any, rounding_mode: Any = None) -> Any:
    if rounding_mode == "floor":
        return np.floor_divide(x, y)
    return np.trunc(x / y) if rounding_mode == "trunc" else np.divide(x, y)


OPERATIONS["floor_divide"] = np.floor_divide


@of("round")
def round_(x: Any, decimals: int = 0) -> Any:
    return np.round(x, decimals)


@of("where")
def where(x: Any, condition: Any, y: Any) -> Any:
    return np.where(condition, x, y)


@of("clamp")
def clamp(x: Any, min: Any = None, max: Any = None) -> Any:
    return np.clip(x, min, max)


OPERATIONS["clamp_min"] = lambda x, low: np.maximum(x, low)
OPERATIONS["clamp_max"] = lambda x, high: np.minimum(x, high)


@of("nan_to_num")
def nan_to_num(x: Any, nan: Any = None, posinf: Any = None, neginf: Any = None) -> Any:
    return np.nan_to_num(x, nan=0.0 if nan is None else nan, posinf=posinf, neginf=neginf)


@of("isclose")
def isclose(x: Any, y: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    return np.isclose(x, y, rtol=rtol, atol=atol, equal_nan=equal_nan)


# reductions


def axes(dim: Any) -> Any:
    """PyTorch's dim as NumPy's axis."""
    if isinstance(dim, list | tuple):
        return tuple(dim) if len(dim) else None
    return dim


def reducing(function: Callable[..., Any]) -> Callable[..., Any]:
    """A reduction with NumPy's names of the arguments."""

    def call(x: Any, dim: Any = None, keepdim: bool = False, **rest: Any) -> Any:
        if x.ndim == 0 and axes(dim) is not None:
            raise Other("an axis of a number")
        return function(x, axis=axes(dim), keepdims=keepdim, **rest)

    return call


for _name, _function in {
    "sum": np.sum,
    "mean": np.mean,
    "prod": np.prod,
    "amax": np.max,
    "amin": np.min,
    "all": np.all,
    "any": np.any,
    "nansum": np.nansum,
    "nanmean": np.nanmean,
    "argmax": np.argmax,
    "argmin": np.argmin,
}.items():
    OPERATIONS[_name] = reducing(_function)


@of("logsumexp")
def logsumexp(x: Any, dim: Any, keepdim: bool = False) -> Any:
    if x.ndim == 0:
        raise Other("an axis of a number")
    return sp.logsumexp(x, axis=axes(dim), keepdims=keepdim)


@of("count_nonzero")
def count_nonzero(x: Any, dim: Any = None) -> Any:
    return np.count_nonzero(x, axis=axes(dim))


def _spread(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(
        x: Any,
        dim: Any = None,
        unbiased: Any = None,
        *,
        correction: Any = None,
        keepdim: bool = False,
    ) -> Any:
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        if correction is None:
            correction = 1 if unbiased is None else int(unbiased)
        return function(x, axis=axes(dim), ddof=correction, keepdims=keepdim)

    return call


OPERATIONS["var"] = _spread(np.var)
OPERATIONS["std"] = _spread(np.std)
OPERATIONS["var_mean"] = lambda x, dim=None, unbiased=None, keepdim=False, **k: (
    _spread(np.var)(x, dim, unbiased, keepdim=keepdim, **k),
    np.mean(x, axis=None if isinstance(dim, bool) else axes(dim), keepdims=keepdim),
)
OPERATIONS["std_mean"] = lambda x, dim=None, unbiased=None, keepdim=False, **k: (
    _spread(np.std)(x, dim, unbiased, keepdim=keepdim, **k),
    np.mean(x, axis=None if isinstance(dim, bool) else axes(dim), keepdims=keepdim),
)


def _extreme(binary: Callable[..., Any], whole: Callable[..., Any], place: Any) -> Any:
    def call(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
        if dim is None:
            return whole(x)
        if not isinstance(dim, int):
            return binary(x, dim)
        return whole(x, axis=dim, keepdims=keepdim), place(x, axis=dim, keepdims=keepdim)

    return call


OPERATIONS["max"] = _extreme(np.maximum, np.max, np.argmax)
OPERATIONS["min"] = _extreme(np.minimum, np.min, np.argmin)
OPERATIONS["aminmax"] = lambda x, dim=None, keepdim=False: (
    np.min(x, axis=dim, keepdims=keepdim),
    np.max(x, axis=dim, keepdims=keepdim),
)


@of("cumsum")
def cumsum(x: Any, dim: int, dtype: Any = None) -> Any:
    return np.cumsum(x, axis=dim) if x.ndim else np.cumsum(x)[0]


@of("cumprod")
def cumprod(x: Any, dim: int, dtype: Any = None) -> Any:
    return np.cumprod(x, axis=dim) if x.ndim else np.cumprod(x)[0]


@of("median")
def median(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    n = x.size if dim is None else (x.shape[dim] if x.ndim else 1)
    if n % 2 == 0:
        raise Other("of an even number PyTorch takes the lower of the two in the middle")
    if dim is None:
        return np.median(x)
    raise Other("it returns places as well")


@of("nanmedian", "mode")
def _with_places(*args: Any, **kwargs: Any) -> Any:
    raise Other("it returns places as well")


@of("quantile")
def quantile(
    x: Any, q: Any, dim: Any = None, keepdim: bool = False, interpolation: str = "linear"
) -> Any:
    if x.ndim == 0 and dim is not None:
        raise Other("an axis of a number")
    return np.quantile(x, q, axis=dim, keepdims=keepdim, method=interpolation)


@of("diff")
def diff(x: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Any:
    given = {k: v for k, v in (("prepend", prepend), ("append", append)) if v is not None}
    return np.diff(x, n=n, axis=dim, **given)


@of("gradient")
def gradient(x: Any, *, spacing: Any = None, dim: Any = None, edge_order: int = 1) -> Any:
    axis = tuple(range(x.ndim)) if dim is None else dim
    if spacing is None:
        step: list[Any] = []
    elif isinstance(spacing, list | tuple):
        step = list(spacing)
    else:
        step = [spacing]
    if len(step) > 1 and isinstance(axis, int):
        raise Other("several distances for one axis")
    result = np.gradient(x, *step, axis=axis, edge_order=edge_order)
    return result if isinstance(result, list | tuple) else [result]


@of("trapezoid", "trapz")
def trapezoid(y: Any, x: Any = None, dx: float = 1.0, dim: int = -1) -> Any:
    return np.trapezoid(y, x, dx=dx, axis=dim)


@of("cross", "linalg.cross")
def cross(x: Any, y: Any, dim: int = -1) -> Any:
    return np.cross(x, y, axis=dim)


@of("cov")
def cov(x: Any, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Any:
    if x.size == 0 or x.ndim == 0 or x.shape[-1] <= correction:
        raise Other("one observation: 0 / 0")
    if fweights is not None or aweights is not None:
        raise Other("PyTorch divides the weights in float32")
    return np.cov(x, ddof=correction, fweights=fweights, aweights=aweights)


OPERATIONS["corrcoef"] = np.corrcoef

# products


@of("tensordot")
def tensordot(a: Any, b: Any, dims: Any = 2) -> Any:
    if isinstance(dims, list | tuple):
        pairs = list(zip(*dims, strict=True)) if len(dims) == 2 else []
        if any(a.shape[i] != b.shape[j] for i, j in pairs):
            raise Other("an axis of length 1 is broadcast")
    return np.tensordot(a, b, axes=dims)


@of("einsum")
def einsum(operands: Any, equation: str) -> Any:
    left, _, right = equation.partition("->")
    if "..." in left and right and "..." not in right:
        raise Other("the axes of an ellipsis are summed")
    return np.einsum(equation, *operands)


OPERATIONS["linalg.multi_dot"] = np.linalg.multi_dot
OPERATIONS["linalg.matrix_power"] = np.linalg.matrix_power
OPERATIONS["linalg.vecdot"] = lambda x, y, dim=-1: np.linalg.vecdot(x, y, axis=dim)

# shapes
OPERATIONS |= {
    "reshape": lambda x, shape: np.reshape(x, shape),
    "view": lambda x, *shape: x.reshape(*shape),
    "reshape_as": lambda x, y: np.reshape(x, y.shape),
    "view_as": lambda x, y: np.reshape(x, y.shape),
    "transpose": lambda x, a, b: np.swapaxes(x, a, b) if x.ndim else x,
    "permute": lambda x, order: np.transpose(x, order),
    "movedim": np.moveaxis,
    "unsqueeze": lambda x, at: np.expand_dims(x, at),
    "broadcast_to": np.broadcast_to,
    "broadcast_tensors": lambda *x: np.broadcast_arrays(*x),
    "expand_as": lambda x, y: np.broadcast_to(x, y.shape),
    "tile": np.tile,
    "repeat": lambda x, *counts: np.tile(x, counts[0] if len(counts) == 1 else counts),
    "flip": lambda x, dims: np.flip(x, tuple(dims) if isinstance(dims, list) else dims),
    "fliplr": np.fliplr,
    "flipud": np.flipud,
    "roll": lambda x, shifts, dims=None: np.roll(x, shifts, axis=dims or None if dims != 0 else 0),
    "rot90": lambda x, k=1, dims=(0, 1): np.rot90(x, k, tuple(dims)),
    "flatten": lambda x, start_dim=0, end_dim=-1: _flattened(x, start_dim, end_dim),
    "squeeze": lambda x, dim=None: _squeezed(x, dim),
    "meshgrid": lambda first, *rest, indexing="ij": np.meshgrid(
        *(first if isinstance(first, list | tuple) else (first, *rest)), indexing=indexing
    ),
    "narrow": lambda x, dim, start, length: np.take(
        x, np.arange(int(start), int(start) + length) % max(x.shape[dim], 1), axis=dim
    ),
    "select": lambda x, dim, at: np.take(x, at, axis=dim),
    "unbind": lambda x, dim=0: np.unstack(x, axis=dim),
    "stack": lambda arrays, dim=0: np.stack(arrays, axis=dim),
    "block_diag": None,
}
del OPERATIONS["block_diag"]


@of("expand")
def expand(x: Any, shape: Any) -> Any:
    lead = len(shape) - x.ndim
    return np.broadcast_to(
        x, [x.shape[i - lead] if n == -1 and i >= lead else n for i, n in enumerate(shape)]
    )


def _flattened(x: Any, start: int, end: int) -> Any:
    if x.ndim == 0:
        return np.reshape(x, (1,))
    start, end = start % x.ndim, end % x.ndim
    count = int(np.prod(x.shape[start : end + 1]))
    return np.reshape(x, (*x.shape[:start], count, *x.shape[end + 1 :]))


def _squeezed(x: Any, dim: Any) -> Any:
    if dim is None:
        return np.squeeze(x)
    dims = tuple(dim) if isinstance(dim, list | tuple) else (dim,)
    alone = tuple(d for d in dims if x.ndim and x.shape[d] == 1)
    return np.squeeze(x, alone)


@of("repeat_interleave")
def repeat_interleave(x: Any, repeats: Any, dim: Any = None, output_size: Any = None) -> Any:
    return np.repeat(x, repeats, axis=dim)


@of("cat")
def cat(arrays: Any, dim: int = 0) -> Any:
    if len({a.ndim for a in arrays}) > 1:
        raise Other("an empty array of another number of axes")
    return np.concatenate(arrays, axis=dim)


@of("tensor_split")
def tensor_split(x: Any, parts: Any, dim: int = 0) -> Any:
    return np.array_split(x, parts, axis=dim)


OPERATIONS["hsplit"] = np.hsplit
OPERATIONS["vsplit"] = np.vsplit
OPERATIONS["dsplit"] = np.dsplit


@of("split", "split_with_sizes")
def split(x: Any, sizes: Any, dim: int = 0) -> Any:
    n = x.shape[dim]
    steps = [sizes] * (-(-n // sizes)) if isinstance(sizes, int) else list(sizes)
    return np.split(x, np.cumsum(steps)[:-1].tolist(), axis=dim)


@of("chunk")
def chunk(x: Any, count: int, dim: int = 0) -> Any:
    return split(x, -(-x.shape[dim] // count), dim)


OPERATIONS["constant_pad_nd"] = lambda x, widths, value=0: pad(x, widths, value=value)


@of("nn.functional.pad")
def pad(x: Any, widths: Any, mode: str = "constant", value: Any = 0) -> Any:
    if min(widths) < 0:
        raise Other("a negative width cuts off")
    pairs = [(0, 0)] * x.ndim
    for i in range(len(widths) // 2):
        pairs[x.ndim - 1 - i] = (widths[2 * i], widths[2 * i + 1])
    if mode == "constant":
        return np.pad(x, pairs, constant_values=0 if value is None else value)
    kinds = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    return np.pad(x, pairs, mode=kinds[mode])


# diagonals and triangles
OPERATIONS |= {
    "diag": lambda x, k=0: np.diag(x, k),
    "diagflat": lambda x, offset=0: np.diagflat(x, offset),
    "diagonal": lambda x, offset=0, dim1=0, dim2=1: np.diagonal(x, offset, dim1, dim2),
    "linalg.diagonal": lambda x, offset=0, dim1=-2, dim2=-1: np.diagonal(x, offset, dim1, dim2),
    "tril": np.tril,
    "triu": np.triu,
}

# places
OPERATIONS |= {
    "take_along_dim": lambda x, at, dim=None: np.take_along_axis(
        x, at.ravel() if dim is None else at, axis=dim
    ),
    "index_select": lambda x, dim, at: np.take(x, at, axis=dim) if x.ndim else x.reshape(1)[at][0],
    "masked_select": lambda x, mask: np.broadcast_arrays(x, mask)[0][
        np.broadcast_to(mask, np.broadcast_shapes(x.shape, mask.shape))
    ],
    "masked_fill": lambda x, mask, value: np.where(mask, value, x),
}


@of("take")
def take(x: Any, at: Any) -> Any:
    return np.take(x, at)


@of("gather")
def gather(x: Any, dim: int, at: Any, sparse_grad: bool = False) -> Any:
    others = [i for i in range(x.ndim) if i != dim % max(x.ndim, 1)]
    if x.ndim == 0 or at.ndim != x.ndim or any(x.shape[i] != at.shape[i] for i in others):
        raise Other("places for a part of the rows")
    return np.take_along_axis(x, at, axis=dim)


@of("sort")
def sort(x: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    if descending:
        raise Other("downwards")
    if x.ndim == 0:
        raise Other("a number is sorted")
    return np.sort(x, axis=dim, kind="stable"), np.argsort(x, axis=dim, kind="stable")


@of("msort")
def msort(x: Any) -> Any:
    return np.sort(x, axis=0)


@of("argsort")
def argsort(x: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    if descending:
        raise Other("downwards")
    if x.ndim == 0:
        raise Other("a number is sorted")
    return np.argsort(x, axis=dim, kind="stable")


@of("index_add")
def index_add(x: Any, dim: int, at: Any, source: Any, alpha: float = 1) -> Any:
    if x.ndim == 0 or source.ndim == 0:
        raise Other("a number is written into")
    out = np.copy(x)
    np.add.at(out, (slice(None),) * (dim % x.ndim) + (at,), alpha * source)
    return out


@of("index_put")
def index_put(x: Any, at: Any, values: Any, accumulate: bool = False) -> Any:
    out = np.copy(x)
    if accumulate:
        np.add.at(out, tuple(at), values)
    else:
        out[tuple(at)] = values
    return out


@of("index_copy", "index_fill")
def index_copy(x: Any, dim: int, at: Any, source: Any) -> Any:
    if x.ndim == 0 or np.ndim(at) == 0:
        raise Other("a number is written into")
    out = np.copy(x)
    out[(slice(None),) * (dim % x.ndim) + (at,)] = source
    return out


@of("scatter_add")
def scatter_add(x: Any, dim: int, at: Any, source: Any) -> Any:
    if x.ndim == 0 or at.ndim == 0:
        raise Other("a number is written into")
    places = list(np.indices(at.shape))
    places[dim % x.ndim] = at
    out = np.copy(x)
    np.add.at(out, tuple(places), source[tuple(slice(n) for n in at.shape)])
    return out


# linear algebra
OPERATIONS |= {
    "cholesky": lambda x, upper=False: np.linalg.cholesky(x, upper=upper),
    "linalg.cholesky": lambda x, upper=False: np.linalg.cholesky(x, upper=upper),
    "linalg.det": np.linalg.det,
    "linalg.inv": np.linalg.inv,
    "linalg.slogdet": np.linalg.slogdet,
    "logdet": lambda x: np.where(np.linalg.slogdet(x)[0] > 0, np.linalg.slogdet(x)[1], np.nan),
    "linalg.eigh": lambda x, UPLO="L": np.linalg.eigh(x, UPLO),
    "linalg.eigvalsh": lambda x, UPLO="L": np.linalg.eigvalsh(x, UPLO),
    "linalg.svd": lambda x, full_matrices=True: np.linalg.svd(x, full_matrices),
    "linalg.svdvals": np.linalg.svdvals,
    "linalg.tensorinv": lambda x, ind=2: np.linalg.tensorinv(x, ind),
    "linalg.tensorsolve": lambda a, b, dims=None: np.linalg.tensorsolve(a, b, dims),
}


@of("linalg.solve")
def solve(a: Any, b: Any, left: bool = True) -> Any:
    if not left:
        raise Other("from the other side")
    if b.ndim == 1 or b.ndim == a.ndim - 1:
        return np.linalg.solve(a, b[..., None])[..., 0]
    return np.linalg.solve(a, b)


@of("linalg.pinv", "pinverse")
def pinv(
    x: Any, rcond: Any = None, hermitian: bool = False, rtol: Any = None, atol: Any = None
) -> Any:
    if atol is not None:
        raise Other("an absolute tolerance")
    rtol = rcond if rtol is None else rtol
    if np.ndim(rtol):
        raise Other("a tolerance for each matrix")
    if rtol is None:
        rtol = max(x.shape[-2:]) * np.finfo(x.dtype).eps
    return np.linalg.pinv(x, rtol, hermitian=hermitian)


@of("linalg.norm")
def norm(x: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, **_: Any) -> Any:
    return np.linalg.norm(x, ord, axes(dim), keepdim)


@of("linalg.matrix_norm")
def matrix_norm(
    x: Any, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, **_: Any
) -> Any:
    return np.linalg.norm(x, ord, tuple(dim), keepdim)


@of("linalg.vector_norm")
def vector_norm(x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, **_: Any) -> Any:
    if x.ndim == 0 and axes(dim) is not None:
        raise Other("an axis of a number")
    return np.linalg.vector_norm(x, ord=ord, axis=axes(dim), keepdims=keepdim)


def _eigenvectors(result: Any) -> Any:
    return result[0], abs(result[1])


def _singular_vectors(result: Any) -> Any:
    k = result[1].shape[-1]
    return abs(result[0][..., :k]), result[1], abs(result[2][..., :k, :])


# what does not depend on the signs that a decomposition chooses; the same for both
DECIDED: dict[str, Callable[[Any], Any]] = {
    "linalg.eigh": _eigenvectors,
    "linalg.svd": _singular_vectors,
    "nn.functional.max_pool1d": lambda r: r[0] if isinstance(r, tuple) else r,  # no places
    "nn.functional.max_pool2d": lambda r: r[0] if isinstance(r, tuple) else r,
}
