"""Walks the op table: value, gradient and second gradient of every op."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import retrograd as rg
import retrograd.ops.special  # its ops are in the table once it is imported
from oracles import central_differences, jax_vjp
from retrograd.ops import TABLE, Op, current_recorder, op
from retrograd.ops.keys import Slot
from retrograd.ops.samples import Sample, normal, unary
from retrograd.ops.spelling import POWER, Text

pytestmark = pytest.mark.filterwarnings("ignore::retrograd.recorded.RecordedAtEveryCall")

CASES = [
    pytest.param(entry, sample, id=f"{entry.name}-{number}")
    for entry in TABLE
    if entry.derivative == "rule"
    for number, sample in enumerate(entry.samples)
]
FIRST = [
    c for c in CASES if int(c.id.rpartition("-")[2]) < 2 or int(c.id.rpartition("-")[2]) % 6 == 0
]
REST = [c for c in CASES if c not in FIRST]


def drawn(sample: Sample, seed: int = 3) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [draw(rng) for draw in sample.operands]


def runner(entry: Op, params: dict[str, Any]) -> Any:
    """The op as a function: recorded as one step while recording, computed otherwise."""

    def call(*operands: Any) -> Any:
        recorder = current_recorder()
        if recorder is not None:
            return recorder.record(entry, operands, params)
        with np.errstate(all="ignore"):
            return entry.run(*operands, **params)

    return call


def filled(key: Any, arrays: list[Any]) -> Any:
    return tuple(arrays[k.index] if isinstance(k, Slot) else k for k in key)


# JAX has no gradient of full singular vectors; nothing like adding up windows
NOT_IN_JAX = {"left_vectors", "right_vectors", "add_windows"}


def in_jax(entry: Op, params: dict[str, Any]) -> Any:
    """The same operation in JAX."""
    special = {
        "index": lambda x, *a, key: x[filled(key, a)],
        "scatter_set": lambda x, v, *a, key: jnp.zeros_like(x).at[filled(key, a)].set(v),
        "scatter_add": lambda x, v, *a, key: jnp.zeros_like(x).at[filled(key, a)].add(v),
        "subtract_at": lambda x, v, *a, key, once=True: x.at[filled(key, a)].add(-v),
        "add_at": lambda x, v, *a, key, once=True: x.at[filled(key, a)].add(v),
        "set_at": set_in_jax,
        "einsum": lambda *x, equation, optimize=False: jnp.einsum(equation, *x),
        "norm": lambda x, axis=None, keepdims=False, ord=2: (
            jnp.sum(jnp.abs(x) ** ord, axis, keepdims=keepdims) ** (1 / ord)
        ),
        "pad": lambda x, widths, value=0: jnp.pad(x, widths, constant_values=value),
        "windows": windows_in_jax,
        "weighted": lambda y, x: y * x,
        "pinv": lambda x, rcond=None: jnp.linalg.pinv(x, rtol=rcond),
        "cholesky": jnp.linalg.cholesky,
        "eigenvalues": jnp.linalg.eigvalsh,
        "eigenvectors": lambda x: jnp.linalg.eigh(x)[1],
        "svdvals": lambda x: jnp.linalg.svd(x, compute_uv=False),
        "quantile": lambda x, q, **params: jnp.quantile(x, jnp.asarray(q), **params),
        "erf": lambda x, dtype: jax.scipy.special.erf(x),
        "erfc": lambda x, dtype: jax.scipy.special.erfc(x),
        "xlogy": jax.scipy.special.xlogy,
        "gammaln": jax.scipy.special.gammaln,
        "digamma": jax.scipy.special.digamma,
        "polygamma": lambda x, n: jax.scipy.special.polygamma(n, x),
        "inv": jnp.linalg.inv,
        "solve": jnp.linalg.solve,
        "det": jnp.linalg.det,
        "logdet": lambda x: jnp.linalg.slogdet(x)[1],
        "remainder": lambda x, y: x - jax.lax.stop_gradient(jnp.floor(x / y)) * y,
        "softmax": lambda x, axis: jax.nn.softmax(x, axis),
        "log_softmax": lambda x, axis: jax.nn.log_softmax(x, axis),
        "concatenate": lambda *x, axis=0: jnp.concatenate(x, axis),
        "stack": lambda *x, axis=0: jnp.stack(x, axis),
        "full": lambda v, shape: jnp.full(shape, v),
        "astype": lambda x, dtype: x.astype(dtype),
        "logsumexp": lambda x, axis, keepdims=False: jax.nn.logsumexp(x, axis, keepdims=keepdims),
        "log_sigmoid": lambda x, negative=False: jax.nn.log_sigmoid(-x if negative else x),
        "array": lambda x: x,
        "copy": lambda x: x,
        "sigmoid": lambda x: jax.nn.sigmoid(x),
        "as_float": lambda x: x,
        "clip": lambda x, low, high: jnp.clip(x, low, high),
    }
    function = special.get(entry.name) or getattr(jnp, entry.name)
    return lambda *operands: function(*operands, **params)


def windows_in_jax(x: Any, size: Any, axis: Any, stride: Any, dilation: Any) -> Any:
    """Windows, taken at their places."""
    for k, a, s, d in zip(size, axis, stride, dilation, strict=True):
        count = (x.shape[a] - (k - 1) * d - 1) // s + 1
        places = s * np.arange(count)[:, None] + d * np.arange(k)[None, :]
        x = jnp.moveaxis(jnp.take(x, places, axis=a), a + 1, -1)
    return x


def set_in_jax(x: Any, v: Any, *arrays: Any, key: Any) -> Any:
    """A write, place after place where JAX leaves the order open."""
    place = filled(key, list(arrays))
    taken = np.arange(np.size(x)).reshape(np.shape(x))[place]
    values = jnp.broadcast_to(v, np.shape(taken)).reshape(-1)
    flat = x.reshape(-1)
    for number, spot in enumerate(np.reshape(taken, -1)):
        flat = flat.at[int(spot)].set(values[number])
    return flat.reshape(np.shape(x))


def of_arrays(entry: Op, sample: Sample, dtype: Any = np.float64) -> tuple[Any, Any, list[Any]]:
    """The op as a function of its float arrays alone, the same in JAX, and those arrays."""
    operands = drawn(sample)
    arrays = [x for x in operands if is_float(x)]

    def closed(function: Any) -> Any:
        def f(*chosen: Any) -> Any:
            if entry.symmetric:
                chosen = tuple((x + x.swapaxes(-1, -2)) / 2 for x in chosen)
            left = iter(chosen)
            return function(*(next(left) if is_float(x) else x for x in operands))

        return f

    arrays = [np.asarray(x, dtype=dtype) for x in arrays]
    theirs = None if entry.name in NOT_IN_JAX else closed(in_jax(entry, sample.params))
    return closed(runner(entry, sample.params)), theirs, arrays


def is_float(x: Any) -> bool:
    return x is not None and type(x) is not float and np.asarray(x).dtype.kind == "f"


def _gradient(entry: Op, sample: Sample) -> None:
    f, f_jax, arrays = of_arrays(entry, sample)
    out, pullback = rg.vjp(f, *arrays)
    np.testing.assert_array_equal(out, f(*arrays))
    g = np.random.default_rng(5).normal(size=np.shape(out))
    gradients = pullback(g)
    for position, found in enumerate(gradients):
        assert np.shape(found) == np.shape(arrays[position])
        numeric = central_differences(f, arrays, g, position)
        np.testing.assert_allclose(found, numeric, rtol=1e-7, atol=1e-7)
    if f_jax is not None:
        for found, expected in zip(
            gradients, jax_vjp(f_jax, arrays, g, range(len(arrays))), strict=True
        ):
            np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(("entry", "sample"), FIRST)
def test_gradient_agrees_with_jax_and_with_differences(entry: Op, sample: Sample) -> None:
    _gradient(entry, sample)


@pytest.mark.slow
@pytest.mark.parametrize(("entry", "sample"), REST)
def test_gradient_agrees_on_all_other_samples(entry: Op, sample: Sample) -> None:
    _gradient(entry, sample)


def _second_gradient(entry: Op, sample: Sample) -> None:
    f, _, arrays = of_arrays(entry, sample)
    weights = np.random.default_rng(5).normal(size=np.shape(f(*arrays)))
    for position, x in enumerate(arrays):

        def first(x: Any, position: int = position) -> Any:
            moved = [*arrays[:position], x, *arrays[position + 1 :]]
            return rg.grad(lambda *a: np.sum(weights * f(*a) ** 2), wrt=position)(*moved)

        mix = np.random.default_rng(7).normal(size=np.shape(x))
        second = rg.grad(lambda x, first=first, mix=mix: np.sum(mix * first(x)))(x)
        numeric = central_differences(first, [x], mix, 0)
        np.testing.assert_allclose(second, numeric, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("entry", "sample"), FIRST[::3])
def test_second_gradient_agrees_with_differences_of_the_first(entry: Op, sample: Sample) -> None:
    _second_gradient(entry, sample)


@pytest.mark.slow
@pytest.mark.parametrize(("entry", "sample"), [c for c in CASES if c not in FIRST[::3]])
def test_second_gradient_on_all_other_samples(entry: Op, sample: Sample) -> None:
    _second_gradient(entry, sample)


@pytest.mark.parametrize(("entry", "sample"), FIRST)
def test_float32_stays_float32(entry: Op, sample: Sample) -> None:
    if entry.name == "astype":
        pytest.skip("astype sets the dtype")
    f, _, arrays = of_arrays(entry, sample, np.float32)
    if np.asarray(f(*arrays)).dtype != np.float32:
        pytest.skip("NumPy itself widens here")
    _, pullback = rg.vjp(f, *arrays)
    for gradient in pullback(np.ones(np.shape(f(*arrays)), dtype=np.float32)):
        assert np.asarray(gradient).dtype == np.float32


@pytest.mark.parametrize(
    "entry", [e for e in TABLE if e.derivative in ("zero", "none")], ids=lambda e: e.name
)
def test_ops_without_a_slope_are_declared_so(entry: Op) -> None:
    for sample in entry.samples:
        operands = drawn(sample)
        for position in [i for i, x in enumerate(operands) if is_float(x)]:
            if entry.name in ("zeros_like", "ones_like", "stop_gradient"):
                continue
            shape = np.shape(entry.run(*operands, **sample.params))
            f = lambda *a: np.asarray(entry.run(*a, **sample.params), dtype=float)  # noqa: E731, B023
            numeric = central_differences(f, operands, np.ones(shape), position)
            assert not numeric.any()


@pytest.mark.parametrize("entry", list(TABLE), ids=lambda e: e.name)
def test_every_op_has_samples_and_says_what_it_does(entry: Op) -> None:
    assert entry.samples
    assert entry.doc.endswith(".") or "Source" in entry.doc
    assert (entry.spell is None) != (entry.statements is None)


def test_a_wrong_rule_is_caught() -> None:
    def cubed(x: Any) -> Any:
        return x**3

    @op(
        cubed,
        elementwise=True,
        samples=unary(normal),
        spell=lambda args, params: Text(f"{args[0].code}**3", POWER),
    )
    def wrong_cube(g: Any, out: Any, x: Any) -> Any:
        """x**3 with a wrong factor."""
        return (g * (2 * x**2),)

    try:
        entry = TABLE["wrong_cube"]
        with pytest.raises(AssertionError):
            x = drawn(entry.samples[5])
            f = runner(entry, {})
            _, pullback = rg.vjp(f, *x)
            g = np.ones(np.shape(x[0]))
            np.testing.assert_allclose(pullback(g)[0], central_differences(f, x, g, 0), rtol=1e-7)
    finally:
        TABLE.remove("wrong_cube")
    assert wrong_cube is not None
