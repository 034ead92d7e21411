"""Convolution and pooling: the text that they give, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import retrograd as rg
from oracles import agrees

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 3, 7, 6))
W = RNG.normal(size=(4, 3, 3, 2))
B = RNG.normal(size=4)


def test_the_backward_pass_of_a_convolution_is_short() -> None:
    step = rg.value_and_grad(lambda w, b, x: np.sum(rg.conv2d(x, w, b) ** 2), wrt=["w", "b"])
    source = step.source(W, B, X)
    assert "windows = sliding_window_view(x, (3, 2), axis=(2, 3))" in source
    assert "dw = np.einsum(" in source
    lines = [line for line in source.splitlines() if line.strip().startswith("d")]
    assert len(lines) <= 4


def test_second_gradients_of_a_network_of_windows() -> None:
    def f(w: Any) -> Any:
        z = rg.conv2d(X, w, stride=(2, 1), padding=1)
        return np.mean(rg.avg_pool2d(np.tanh(z), 2) ** 2)

    agrees(lambda w: np.sum(rg.grad(f)(w) ** 2), W)


def test_a_convolution_is_a_sum_over_windows() -> None:
    found = rg.conv2d(X, W, B)
    for n, o, i, j in np.ndindex(found.shape):
        window = X[n, :, i : i + 3, j : j + 2]
        assert found[n, o, i, j] == pytest.approx(np.sum(window * W[o]) + B[o], rel=1e-12)


def test_a_call_with_another_number_of_images_runs_the_same_text() -> None:
    step = rg.value_and_grad(lambda w, x: np.sum(rg.max_pool2d(rg.conv2d(x, w), 2) ** 2))
    namespace: dict[str, Any] = {}
    exec(step.source(W, X), namespace)
    alone = next(v for k, v in namespace.items() if k.startswith("value_and_grad"))
    other = RNG.normal(size=(5, 3, 7, 6))
    value, d = alone(W, other)
    assert value == pytest.approx(np.sum(rg.max_pool2d(rg.conv2d(other, W), 2) ** 2))
    np.testing.assert_allclose(d, step(W, other)[1], rtol=1e-12)


REFUSED = [
    ("RG108", lambda: rg.conv2d(X[0], W)),
    ("RG108", lambda: rg.conv2d(X, W[:, :2])),
    ("RG108", lambda: rg.conv2d(X, RNG.normal(size=(4, 3, 9, 2)))),
    ("RG108", lambda: rg.conv2d(X, W, B[:2])),
    ("RG108", lambda: rg.conv2d(X, W, groups=2)),
    ("RG108", lambda: rg.max_pool2d(X, 9)),
    ("RG108", lambda: rg.avg_pool1d(X, 2)),
    ("RG601", lambda: rg.conv2d(X, W, stride=0)),
    ("RG601", lambda: rg.conv2d(X, W, padding=-1)),
    ("RG601", lambda: rg.conv2d(X, W, padding="full")),
    ("RG601", lambda: rg.conv2d(X, W, padding="same", stride=2)),
    ("RG601", lambda: rg.conv2d(X, W, dilation=0)),
    ("RG601", lambda: rg.conv2d(X, W, groups=0)),
    ("RG601", lambda: rg.max_pool2d(X, 2, padding=2)),
    ("RG601", lambda: rg.avg_pool2d(X, 2, divisor=0)),
]


@pytest.mark.parametrize(("code", "call"), REFUSED)
def test_windows_that_do_not_fit_are_refused(code: str, call: Any) -> None:
    with pytest.raises(rg.RetrogradError) as caught:
        call()
    assert caught.value.code == code
