"""Every loss: huge logits and masks, weights, reductions, dtypes, text, and bad input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

import retrograd as rg
from oracles import central_differences
from retrograd import losses

RNG = np.random.default_rng(0)
N, C = 6, 4
Z = RNG.normal(size=(N, C))
CLASSES = np.array([0, 3, 1, 2, 2, 0])
ONE_HOT = np.eye(C)[CLASSES]
SOFT = RNG.dirichlet(np.ones(C), size=N)
YES = (RNG.random((N, C)) < 0.5).astype(float)
COUNTS = RNG.poisson(2.0, size=(N, C)).astype(float)
SIGNS = np.where(YES > 0, 1.0, -1.0)
P = RNG.uniform(0.1, 0.9, size=(N, C))
PIXELS = np.random.default_rng(1).normal(size=(2, 3, 4))  # 2 rows of 4 pixels, of 3 classes
SEEN = np.array([[0, 2, 1, 1], [2, 0, 0, 1]])

CASES: dict[str, tuple[Callable[..., Any], Any, Any]] = {
    "cross_entropy of classes": (losses.cross_entropy, Z, CLASSES),
    "cross_entropy of one-hot": (losses.cross_entropy, Z, ONE_HOT),
    "cross_entropy of soft labels": (losses.cross_entropy, Z, SOFT),
    "nll": (losses.nll, rg.activations.log_softmax(Z), CLASSES),
    "binary_cross_entropy": (losses.binary_cross_entropy, P, YES),
    "binary_cross_entropy_with_logits": (losses.binary_cross_entropy_with_logits, Z, YES),
    "mse": (losses.mse, Z, SOFT),
    "mae": (losses.mae, Z, SOFT),
    "huber": (losses.huber, 3 * Z, SOFT),
    "smooth_l1": (losses.smooth_l1, 3 * Z, SOFT),
    "hinge": (losses.hinge, Z, SIGNS),
    "multi_margin": (losses.multi_margin, Z, CLASSES),
    "kl_div": (losses.kl_div, rg.activations.log_softmax(Z), SOFT),
    "poisson_nll": (losses.poisson_nll, Z, COUNTS),
    "gaussian_nll": (lambda z, y, **k: losses.gaussian_nll(z, y, P, **k), Z, SOFT),
    "focal of answers": (losses.focal, Z, YES),
    "focal of classes": (losses.focal, Z, CLASSES),
}
WEIGHTS = RNG.uniform(0.5, 2.0, size=N)


def test_every_loss_is_here() -> None:
    assert {name.split(" ")[0] for name in CASES} == set(losses.__all__)


@pytest.mark.parametrize("name", CASES)
def test_the_gradient_is_that_of_differences_for_each_reduction_and_weight(name: str) -> None:
    loss, z, y = CASES[name]
    for reduction in ("mean", "sum"):
        for weights in (None, WEIGHTS):
            f = lambda z, r=reduction, w=weights: loss(z, y, reduction=r, sample_weight=w)  # noqa: E731
            numeric = central_differences(f, [z], 1.0, 0)
            np.testing.assert_allclose(rg.grad(f)(z), numeric, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", CASES)
def test_the_weighted_mean_is_the_mean_of_repeated_examples(name: str) -> None:
    loss, z, y = CASES[name]
    if name == "gaussian_nll":
        pytest.skip("its variances are fixed here")
    counts = np.array([1, 2, 3, 1, 2, 1])
    repeated = loss(np.repeat(z, counts, axis=0), np.repeat(y, counts, axis=0))
    assert loss(z, y, sample_weight=counts.astype(float)) == pytest.approx(repeated, rel=1e-12)


PIXEL_CASES = {
    "cross_entropy of classes": (losses.cross_entropy, PIXELS, SEEN),
    "cross_entropy of one-hot": (
        losses.cross_entropy,
        PIXELS,
        np.moveaxis(np.eye(3)[SEEN], -1, 1),
    ),
    "nll": (losses.nll, rg.activations.log_softmax(PIXELS, axis=1), SEEN),
}


@pytest.mark.parametrize("name", PIXEL_CASES)
def test_weights_of_pixels_stand_where_the_pixels_do(name: str) -> None:
    loss, z, y = PIXEL_CASES[name]
    own = np.arange(8.0).reshape(2, 4)  # one for each pixel
    expected = np.average(loss(z, y, reduction="none"), weights=own)
    assert loss(z, y, sample_weight=own) == pytest.approx(expected, rel=1e-12)
    repeated = loss(np.repeat(z, [1, 3], axis=0), np.repeat(y, [1, 3], axis=0))
    assert loss(z, y, sample_weight=np.array([1.0, 3.0])) == pytest.approx(repeated, rel=1e-12)
    f = lambda z: loss(z, y, sample_weight=own)  # noqa: E731
    numeric = central_differences(f, [z], 1.0, 0)
    np.testing.assert_allclose(rg.grad(f)(z), numeric, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", CASES)
def test_none_gives_what_the_mean_is_the_mean_of(name: str) -> None:
    loss, z, y = CASES[name]
    assert np.mean(loss(z, y, reduction="none")) == pytest.approx(loss(z, y), rel=1e-12)
    assert np.sum(loss(z, y, reduction="none")) == pytest.approx(
        loss(z, y, reduction="sum"), rel=1e-12
    )


@pytest.mark.parametrize("name", CASES)
def test_float32_stays_float32(name: str) -> None:
    loss, z, y = CASES[name]
    if name == "gaussian_nll":
        pytest.skip("its variances are float64 here")
    y = y.astype(np.float32) if y.dtype.kind == "f" else y
    value, d = rg.value_and_grad(lambda z: loss(z, y))(z.astype(np.float32))
    assert value.dtype == d.dtype == np.float32


@pytest.mark.parametrize("name", CASES)
def test_the_text_alone_gives_the_same_numbers(name: str) -> None:
    loss, z, y = CASES[name]
    step = rg.value_and_grad(lambda z, y: loss(z, y), wrt="z")
    namespace: dict[str, Any] = {}
    source = step.source(z, y)
    exec(source, namespace)
    assert "import" not in source.replace("import numpy as np", "").replace("import math", "")
    if "*, " in source:
        return  # it has captured arrays
    alone = next(v for k, v in namespace.items() if k.startswith("value_and_grad"))
    for a, b in zip(alone(z, y), step(z, y), strict=True):
        np.testing.assert_array_equal(a, b)
    half = slice(0, 3)
    value, d = alone(z[half], y[half])  # it fits another number of examples
    expected = step(z[half], y[half])
    assert value == expected[0]
    np.testing.assert_array_equal(d, expected[1])


HUGE = np.array(
    [
        [1e4, -1e4, 0.0, 5.0],
        [-1e4, -1e4, 1e4, 1e4],
        [-1e4, 2.0, 1.0, -3.0],
        [1e4, 1e4 - 1, 1e4 - 2, -1e4],
        [-1e4, -1e4 + 1, -1e4, -1e4],
        [0.0, 0.0, 0.0, 0.0],
    ]
)
MASKED = np.where(np.array([1, 0, 0, 0]) * np.ones((N, 1)) * (CLASSES[:, None] != 0), -np.inf, HUGE)


def in_torch(name: str, z: Any) -> Any:
    if name.startswith("binary"):
        return F.binary_cross_entropy_with_logits(z, torch.as_tensor(YES))
    return F.cross_entropy(z, torch.as_tensor(CLASSES))


@pytest.mark.parametrize(
    "name",
    [
        "cross_entropy of classes",
        "cross_entropy of one-hot",
        "binary_cross_entropy_with_logits",
        "focal of answers",
        "focal of classes",
    ],
)
@pytest.mark.parametrize("z", [HUGE, MASKED], ids=["huge", "masked"])
def test_huge_and_masked_logits(name: str, z: Any) -> None:
    loss, _, y = CASES[name]
    if "answers" in name or "binary" in name:
        y = np.where(np.isinf(z), 0, y)
    value, d = rg.value_and_grad(lambda z, y: loss(z, y), wrt="z")(z, y)
    assert np.isfinite(value)
    assert np.isfinite(d).all()
    if name.startswith("cross") or (name.startswith("binary") and np.isfinite(z).all()):
        theirs = torch.tensor(z, requires_grad=True)
        expected = in_torch(name, theirs)
        (e,) = torch.autograd.grad(expected, theirs)
        assert value == pytest.approx(expected.item(), rel=1e-12)
        np.testing.assert_allclose(d, e, rtol=1e-9, atol=1e-12)


def test_soft_labels_that_do_not_sum_to_one_get_the_true_gradient() -> None:
    y = RNG.uniform(0.1, 3.0, size=(N, C))
    p = rg.activations.softmax(Z)
    d = rg.grad(losses.cross_entropy)(Z, y)
    np.testing.assert_allclose(d, (p * y.sum(axis=1, keepdims=True) - y) / N, rtol=1e-12)


def test_labels_of_a_later_call_are_checked_too() -> None:
    step = rg.value_and_grad(losses.cross_entropy)
    step(Z, CLASSES)
    with pytest.raises(rg.RetrogradError, match="RG202") as caught:
        step(Z, CLASSES + 1)
    assert "they count from 1" not in str(caught.value) or "y - 1" in str(caught.value)
    with pytest.raises(rg.RetrogradError, match="RG202"):
        step(Z, CLASSES - 1)


def test_an_error_in_a_loss_points_at_the_users_line() -> None:
    def f(z: Any) -> Any:
        return losses.mse(z, SOFT[:, :1])  # HERE

    with pytest.raises(rg.RetrogradError, match="RG107") as caught:
        rg.grad(f)(Z)
    assert "# HERE" in str(caught.value)


REFUSED: list[tuple[str, Callable[[], Any]]] = [
    ("RG107", lambda: losses.mse(Z, Z[:, 0])),
    ("RG107", lambda: losses.mae(Z, Z[:, :1])),
    ("RG107", lambda: losses.cross_entropy(Z, CLASSES[:, None])),
    ("RG107", lambda: losses.cross_entropy(Z, ONE_HOT.T)),
    ("RG107", lambda: losses.cross_entropy(Z, CLASSES, sample_weight=np.ones(3))),
    ("RG107", lambda: losses.cross_entropy(PIXELS, SEEN, sample_weight=np.ones((4, 2)))),
    ("RG107", lambda: losses.cross_entropy(PIXELS, SEEN, sample_weight=np.ones((1, 8)))),
    ("RG107", lambda: losses.cross_entropy(Z, CLASSES, class_weight=np.ones(3))),
    ("RG107", lambda: losses.multi_margin(Z, CLASSES, class_weight=np.ones(3))),
    ("RG107", lambda: losses.focal(Z, CLASSES, alpha=np.ones(3))),
    ("RG107", lambda: losses.nll(Z, ONE_HOT)),
    ("RG107", lambda: losses.binary_cross_entropy_with_logits(Z, YES, pos_weight=np.ones(3))),
    ("RG201", lambda: losses.cross_entropy(Z, CLASSES.astype(float))),
    ("RG201", lambda: losses.multi_margin(Z, CLASSES.astype(float))),
    ("RG202", lambda: losses.cross_entropy(Z, CLASSES + 1)),
    ("RG202", lambda: losses.nll(Z, CLASSES - 1)),
    ("RG202", lambda: losses.multi_margin(Z, CLASSES + 1)),
    ("RG208", lambda: losses.cross_entropy(Z, np.full(N, -1), ignore_index=-1)),
    ("RG209", lambda: losses.binary_cross_entropy(Z, YES)),
    ("RG209", lambda: losses.gaussian_nll(Z, Z, -P)),
    ("RG601", lambda: losses.mse(Z, Z, reduction="average")),
    ("RG601", lambda: losses.cross_entropy(Z, CLASSES, label_smoothing=2.0)),
    ("RG601", lambda: losses.cross_entropy(Z, CLASSES, label_smoothing="a")),
    ("RG601", lambda: losses.huber(Z, Z, 0.0)),
    ("RG601", lambda: losses.huber(Z, Z, np.inf)),
    ("RG601", lambda: losses.smooth_l1(Z, Z, -1.0)),
    ("RG601", lambda: losses.multi_margin(Z, CLASSES, p=3)),
    ("RG601", lambda: losses.gaussian_nll(Z, Z, P, eps=0.0)),
    ("RG601", lambda: losses.focal(Z, YES, gamma=-1.0)),
]


@pytest.mark.parametrize(("code", "call"), REFUSED)
def test_bad_input_gets_a_code(code: str, call: Callable[[], Any]) -> None:
    with pytest.raises(rg.RetrogradError) as caught:
        call()
    assert caught.value.code == code
