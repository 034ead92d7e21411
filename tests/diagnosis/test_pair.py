"""Pairs of functions, forward and backward, as courses and frameworks have them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import retrograd as rg
from retrograd.errors import ArgumentError
from retrograd.report import source_segment

RNG = np.random.default_rng(0)
X, W, B = RNG.normal(size=(5, 2, 3)), RNG.normal(size=(6, 4)), RNG.normal(size=4)


def text_of(found: rg.Diagnosis) -> str:
    where = found.findings[0].where
    assert where is not None
    return source_segment(where)


def affine_forward(x: Any, w: Any, b: Any) -> Any:
    return x.reshape(len(x), -1) @ w + b, (x, w, b)


def affine_backward(dout: Any, cache: Any) -> Any:
    x, w, _ = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(len(x), -1).T @ dout
    return dx, dw, dout.sum(axis=0)


def affine_backward_with_mean(dout: Any, cache: Any) -> Any:
    x, w, _ = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(len(x), -1).T @ dout
    db = dout.mean(axis=0)
    return dx, dw, db


def test_forward_with_a_cache() -> None:
    assert rg.diagnose_layer((affine_forward, affine_backward), (X, W, B)).ok
    found = rg.diagnose_layer((affine_forward, affine_backward_with_mean), (X, W, B))
    assert found.wrong == ("db",)
    assert found.findings[0].cause == "bias_grad_mean_instead_of_sum"
    assert text_of(found) == "dout.mean(axis=0)"
    named = rg.diagnose_layer((affine_forward, affine_backward), {"x": X, "w": W, "b": B})
    assert [row.name for row in named.rows] == ["dx", "dw", "db"]


@pytest.mark.parametrize(
    "backward",
    [
        lambda x, g: g * (x > 0),
        lambda g, x: g * (x > 0),
        lambda grad_output, out: grad_output * (out > 0),
        lambda dy, cache: dy * (cache > 0),
    ],
)
def test_what_backward_takes(backward: Any) -> None:
    x = RNG.normal(size=(4, 3))

    def relu(x: Any) -> Any:
        return np.maximum(x, 0)

    assert rg.diagnose_layer((relu, backward), x).ok
    wrong = rg.diagnose_layer((relu, lambda x, g: g * (g > 0)), x)
    assert wrong.findings[0].cause == "relu_mask_on_gradient"


def test_gradients_that_belong_to_no_argument() -> None:
    with pytest.raises(ArgumentError, match="RG585"):
        rg.diagnose_layer((lambda x: x * 2, lambda g: (g * 2, g, g)), X)


torch = pytest.importorskip("torch")


class Softmax(torch.autograd.Function):  # type: ignore[misc]
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        p = torch.softmax(x, 1)
        ctx.save_for_backward(p)
        return p

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (p,) = ctx.saved_tensors
        return grad_output * p * (1 - p)


class RightSoftmax(Softmax):
    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (p,) = ctx.saved_tensors
        return p * (grad_output - (grad_output * p).sum(1, keepdim=True))


class Linear(torch.autograd.Function):  # type: ignore[misc]
    @staticmethod
    def forward(ctx: Any, input: Any, weight: Any, bias: Any) -> Any:
        ctx.save_for_backward(input, weight)
        output = input.mm(weight.t())
        output += bias.unsqueeze(0).expand_as(output)
        return output

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        input, weight = ctx.saved_tensors
        return grad_output.mm(weight), grad_output.t().mm(input), grad_output.mean(0)


class Swish(torch.autograd.Function):  # type: ignore[misc]
    @staticmethod
    def forward(x: Any, scale: float) -> Any:
        return x * torch.sigmoid(scale * x)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(inputs[0])
        ctx.scale = inputs[1]

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(ctx.scale * x)
        return grad_output * (s + x * s * (1 - s)), None


class BeyondNumPy(torch.autograd.Function):  # type: ignore[misc]
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return torch.special.i0(x)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (x,) = ctx.saved_tensors
        return -grad_output * torch.special.i1(x)


@pytest.mark.parametrize(
    ("function", "x", "wrong", "cause", "line"),
    [
        (Softmax, X[0], ("dx",), "softmax_elementwise_derivative", "grad_output * p * (1 - p)"),
        (RightSoftmax, X[0], (), None, None),
        (
            Linear,
            (X[:, 0], RNG.normal(size=(4, 3)), B),
            ("dbias",),
            "bias_grad_mean_instead_of_sum",
            "grad_output.mean(0)",
        ),
        (Swish, (X[0], 1.0), (), None, None),
        (Swish, (X[0], 1.7), ("dx",), None, "grad_output * (s + x * s * (1 - s))"),
        (BeyondNumPy, X[0], ("dx",), "flipped_sign", None),
    ],
)
def test_functions_of_torch(function: Any, x: Any, wrong: Any, cause: Any, line: Any) -> None:
    found = rg.diagnose_layer(function, x)
    assert found.wrong == wrong
    if cause is not None:
        assert found.findings[0].cause == cause
    if line is not None:
        assert text_of(found) in line
