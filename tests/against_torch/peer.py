"""PyTorch as an oracle: its own samples, in NumPy's arrays, and its gradients."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.testing._internal.common_methods_invocations import op_db
from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten

import retrograd as rg

OPINFOS: dict[str, list[Any]] = defaultdict(list)
for _info in op_db:
    OPINFOS[_info.name].append(_info)


class Other(Exception):  # noqa: N818 (not an error)
    """This sample asks for something that NumPy's function does not do; the reason is given."""


@dataclass(frozen=True)
class Call:
    """One call: a tree of arguments, some of whose tensors are differentiated."""

    leaves: list[Any]
    tree: Any

    @staticmethod
    def of(sample: Any) -> Call:
        """The arguments of one of PyTorch's samples."""
        leaves, tree = tree_flatten(((sample.input, *sample.args), dict(sample.kwargs)))
        return Call(leaves, tree)

    @property
    def wanted(self) -> list[int]:
        """The places of the tensors that get a gradient."""
        return [
            i
            for i, leaf in enumerate(self.leaves)
            if isinstance(leaf, torch.Tensor) and leaf.requires_grad
        ]

    def arrays(self) -> list[Any]:
        """The leaves, tensors as arrays."""
        return [in_numpy(leaf) for leaf in self.leaves]

    def run(self, function: Callable[..., Any], leaves: list[Any]) -> Any:
        """The function of these leaves."""
        args, kwargs = tree_unflatten(leaves, self.tree)
        return function(*args, **kwargs)


def in_numpy(leaf: Any) -> Any:
    """A tensor as an array of its own, a dtype as NumPy's; anything else as it is."""
    if isinstance(leaf, torch.Tensor):
        return np.array(leaf.detach().resolve_conj().numpy())
    if isinstance(leaf, torch.dtype):
        return np.dtype(str(leaf).removeprefix("torch."))
    return leaf


def floats(result: Any) -> list[Any]:
    """The results that can carry a gradient: arrays and tensors of floats, in order."""
    found = []
    for leaf in tree_flatten(result)[0]:
        if (isinstance(leaf, torch.Tensor) and leaf.dtype.is_floating_point) or (
            isinstance(leaf, np.ndarray | np.generic | float) and np.asarray(leaf).dtype.kind == "f"
        ):
            found.append(leaf)
    return found


def everything(result: Any) -> list[Any]:
    """All results as arrays."""
    return [np.asarray(in_numpy(leaf)) for leaf in tree_flatten(result)[0]]


def samples(info: Any, dtype: torch.dtype = torch.float64) -> Iterator[Any]:
    """PyTorch's samples of an operation, the same ones every time."""
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from info.sample_inputs("cpu", dtype, requires_grad=info.supports_autograd)


def pair(
    info: Any, ours: Callable[..., Any], decided: Callable[[Any], Any] | None
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Our function and PyTorch's, of the same arguments and with the same results.

    Where PyTorch makes a matrix symmetric before it checks a gradient, both are called with that;
    `decided` takes what is a function of the matrix out of the results.
    """
    symmetric = "hermitian" in getattr(info.gradcheck_wrapper, "__name__", "")

    def with_arguments(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(x: Any, *args: Any, **kwargs: Any) -> Any:
            result = function(x + x.mT if symmetric else x, *args, **kwargs)
            return result if decided is None else decided(result)

        return call

    return with_arguments(ours), with_arguments(info.op)


def compare(
    ours: Callable[..., Any],
    theirs: Callable[..., Any],
    call: Call,
    values: float = 1e-9,
    gradients: float = 1e-7,
) -> None:
    """Assert that values and gradients of all arguments agree.

    Raises:
        Other: the sample is none of NumPy's function.
        AssertionError: they differ.
    """
    arrays = call.arrays()
    with np.errstate(all="ignore"):
        found = call.run(ours, call.arrays())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = call.run(theirs, call.leaves)
    one, other = everything(found), everything(expected)
    assert len(one) == len(other), f"{len(one)} results, PyTorch has {len(other)}"
    for a, b in zip(one, other, strict=True):
        assert a.shape == b.shape, f"shape {a.shape}, PyTorch has {b.shape}"
        np.testing.assert_allclose(a, b, rtol=values, atol=values, err_msg="values")
    wanted = call.wanted
    targets = [t for t in floats(expected) if t.requires_grad]
    if not wanted or not targets:
        return
    rng = np.random.default_rng(11)
    weights = [rng.normal(size=t.shape).astype(in_numpy(t).dtype) for t in floats(expected)]
    chosen = [
        (torch.as_tensor(w), t)
        for w, t in zip(weights, floats(expected), strict=True)
        if t.requires_grad
    ]
    total: Any = sum((w * t).sum() for w, t in chosen)
    expected_gradients = torch.autograd.grad(
        total, [call.leaves[i] for i in wanted], allow_unused=True
    )
    has = [t.requires_grad for t in floats(expected)]

    def loss(moved: list[Any]) -> Any:
        leaves = list(arrays)
        for i, x in zip(wanted, moved, strict=True):
            leaves[i] = x
        outs = [o for o in tree_flatten(call.run(ours, leaves))[0] if is_float(o)]
        total = 0.0
        for w, o, counts in zip(weights, outs, has, strict=True):
            if counts:
                total = total + np.sum(w * o)
        return total

    value, gradient = rg.value_and_grad(loss)([arrays[i] for i in wanted])
    np.testing.assert_allclose(value, total.item(), rtol=values, atol=10 * values, err_msg="value")
    for i, d, e in zip(wanted, gradient, expected_gradients, strict=True):
        e = np.zeros(np.shape(arrays[i])) if e is None else in_numpy(e)
        assert np.shape(d) == e.shape
        np.testing.assert_allclose(d, e, rtol=gradients, atol=gradients, err_msg="gradient")


def is_float(thing: Any) -> bool:
    """Whether a result of ours, recorded or not, is made of floats."""
    if type(thing) in (int, bool, str) or thing is None:
        return False
    return (
        getattr(
            thing, "dtype", np.asarray(0) if not isinstance(thing, float) else np.asarray(0.0)
        ).kind
        == "f"
    )


__all__ = [
    "OPINFOS",
    "Call",
    "Other",
    "compare",
    "is_float",
    "pair",
    "samples",
    "tree_flatten",
    "tree_map",
]
