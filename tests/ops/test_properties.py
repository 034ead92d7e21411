"""Every op over shapes, axes and dtypes that hypothesis draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from checking import along, check_gradient, of_floats
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import retrograd as rg
import retrograd.ops.special  # its ops are in the table once it is imported
from retrograd.ops import TABLE, Op
from retrograd.ops import samples as drawing
from retrograd.ops.samples import Sample

pytestmark = pytest.mark.filterwarnings("ignore::retrograd.recorded.RecordedAtEveryCall")

OPS = [entry for entry in TABLE if entry.derivative == "rule" and entry.name != "as_float"]
KINDS = ("normal", "positive", "inside", "above_one", "booleans")
DRAWN = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def kind_of(draw: Any) -> str:
    return draw.__qualname__.partition(".")[0]


def with_shape(draw: Any, shape: tuple[int, ...]) -> Any:
    """The same kind of numbers in another shape; what is fixed stays."""
    return getattr(drawing, kind_of(draw))(*shape) if kind_of(draw) in KINDS else draw


@st.composite
def calls(draw: Any, entry: Op) -> tuple[list[Any], dict[str, Any]]:
    """A call of the op: one of its samples in other shapes and along other axes, where it may."""
    sample: Sample = draw(st.sampled_from(entry.samples))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    params = dict(sample.params)
    free = [d for d in sample.operands if kind_of(d) in KINDS]
    if entry.elementwise and free:
        shapes = draw(
            hnp.mutually_broadcastable_shapes(
                num_shapes=len(free), min_dims=0, max_dims=3, min_side=1, max_side=4
            )
        ).input_shapes
        left = iter(shapes)
        draws = [with_shape(d, next(left)) if kind_of(d) in KINDS else d for d in sample.operands]
    elif (
        entry.name not in ("squeeze", "expand_dims")
        and set(params) & {"axis"}
        and set(params) <= {"axis", "keepdims", "ddof"}
        and len(free) == 1
    ):
        shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=2, max_side=4))
        axes = st.integers(-len(shape), len(shape) - 1)
        if entry.name in ("sum", "mean", "max", "min", "var", "prod", "logsumexp", "softmax"):
            axes = st.one_of(axes, st.none() if "keepdims" in params else axes)
        params["axis"] = draw(axes)
        draws = [with_shape(free[0], shape)]
    else:
        draws = list(sample.operands)
    return [d(rng) for d in draws], params


@pytest.mark.parametrize("entry", OPS, ids=lambda e: e.name)
def test_the_rule_is_the_slope_of_the_value(entry: Op) -> None:
    @DRAWN
    @given(calls(entry), st.integers(0, 99))
    def holds(call: tuple[list[Any], dict[str, Any]], seed: int) -> None:
        operands, params = call
        check_gradient(entry, params, operands, seed)

    holds()


@pytest.mark.parametrize("entry", OPS, ids=lambda e: e.name)
def test_the_gradient_of_the_gradient_is_its_slope(entry: Op) -> None:
    @settings(DRAWN, max_examples=3)
    @given(calls(entry), st.integers(0, 99))
    def holds(call: tuple[list[Any], dict[str, Any]], seed: int) -> None:
        operands, params = call
        f, arrays = of_floats(entry, params, operands)
        weights = np.random.default_rng(seed).normal(size=np.shape(f(*arrays)))
        for at in range(len(arrays)):

            def first(x: Any, at: int = at) -> Any:
                moved = [*arrays[:at], x, *arrays[at + 1 :]]
                return rg.grad(lambda *a: np.sum(weights * f(*a) ** 2), wrt=at)(*moved)

            g = np.random.default_rng(seed + 1).normal(size=arrays[at].shape)
            ours, numeric = along(first, [arrays[at]], g, seed)
            scale = 1 + float(np.sum(np.abs(first(arrays[at]))))
            assert abs(ours - numeric) < 2e-5 * scale + 1e-4 * abs(numeric), entry.name

    holds()


@pytest.mark.parametrize("entry", OPS, ids=lambda e: e.name)
def test_float32_gives_the_same_gradient_in_float32(entry: Op) -> None:
    if entry.name == "astype":
        pytest.skip("it sets the dtype")

    @settings(DRAWN, max_examples=3)
    @given(calls(entry))
    def holds(call: tuple[list[Any], dict[str, Any]]) -> None:
        operands, params = call
        if params.get("dtype") == "d":  # an op that is told its dtype
            params = {**params, "dtype": "f"}
        f, arrays = of_floats(entry, params, operands)
        narrow = [x.astype(np.float32) for x in arrays]
        out = f(*narrow)
        if np.asarray(out).dtype != np.float32:
            return  # NumPy itself widens here
        g = np.random.default_rng(1).normal(size=np.shape(out))
        wide = rg.vjp(f, *(x.astype(np.float64) for x in narrow))[1](g)
        for d, e in zip(rg.vjp(f, *narrow)[1](g.astype(np.float32)), wide, strict=True):
            assert np.asarray(d).dtype == np.float32
            size = 1 + np.max(np.abs(e), initial=0.0)
            np.testing.assert_allclose(d, e, rtol=2e-3, atol=2e-4 * size)

    holds()
