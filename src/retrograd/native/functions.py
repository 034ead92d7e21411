"""What compiled loops call: matrix products, and exponentials that fit into vector registers.

Numba calls the C library's exp for one number at a time. These are short polynomials after a
reduction of the range, so that a loop of them runs on whole vectors.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import overload, register_jitable

# division by zero gives inf, as in NumPy; sums may be taken in another order, nothing else changes
OPTIONS: dict[str, Any] = {"error_model": "numpy", "fastmath": {"reassoc"}}

# else loops that call one of the functions below would not run on vectors
INSIDE: dict[str, Any] = {**OPTIONS, "forceinline": True}

kernel: Callable[[Any], Any] = njit(cache=True, nogil=True, **OPTIONS)

_f = np.float32
_LOG2E, _LN2_HIGH, _LN2_LOW = _f(1.44269504088896341), _f(0.693359375), _f(-2.12194440e-4)
_E5, _E4, _E3 = _f(1.9875691500e-4), _f(1.3981999507e-3), _f(8.3334519073e-3)
_E2, _E1, _E0 = _f(4.1665795894e-2), _f(1.6666665459e-1), _f(5.0000001201e-1)
_ONE, _HALF = _f(1.0), _f(0.5)
_LOWEST, _HIGHEST = _f(-104.0), _f(89.0)


@register_jitable(**INSIDE)
def _exp32(x: Any) -> Any:
    """e**x in float32. Source: Moshier, Cephes, expf; relative error below 1e-7."""
    t = _LOWEST if x < _LOWEST else x
    t = _HIGHEST if t > _HIGHEST else t
    n = np.floor(t * _LOG2E + _HALF)
    r = t - n * _LN2_HIGH - n * _LN2_LOW
    p = ((((_E5 * r + _E4) * r + _E3) * r + _E2) * r + _E1) * r + _E0
    y = p * (r * r) + r + _ONE
    k = np.int32(n) if n == n else np.int32(0)
    half = k >> np.int32(1)  # two factors, so that neither leaves the range
    one = np.int32((half + np.int32(127)) << np.int32(23)).view(np.float32)
    two = np.int32((k - half + np.int32(127)) << np.int32(23)).view(np.float32)
    return y * one * two


_T = [_f(c) for c in (
    -2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
    1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03,
)]  # fmt: skip
_T6, _T5, _T4, _T3, _T2, _T1, _T0 = _T
_B = [_f(c) for c in (
    1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03,
)]  # fmt: skip
_B3, _B2, _B1, _B0 = _B
_FLAT, _TINY = _f(7.90531110763549805), _f(4e-4)


@register_jitable(**INSIDE)
def _tanh32(x: Any) -> Any:
    """tanh(x) in float32: a quotient of polynomials on -7.9 to 7.9, 1 and -1 outside."""
    t = _FLAT if x > _FLAT else x
    t = -_FLAT if t < -_FLAT else t
    s = t * t
    p = ((((((_T6 * s + _T5) * s + _T4) * s + _T3) * s + _T2) * s + _T1) * s + _T0) * t
    q = ((_B3 * s + _B2) * s + _B1) * s + _B0
    return x if abs(x) < _TINY else p / q


_P = [_f(c) for c in (
    7.882497107e-05, -0.0008018854991, 0.005189311942, -0.0268543288, 0.1128359746, -0.376126269,
    1.128379166,
)]  # fmt: skip
_P6, _P5, _P4, _P3, _P2, _P1, _P0 = _P
_Q = [_f(c) for c in (
    0.03466918573, -0.1852412063, 0.3683506733, -0.2731769598, -0.03443838943, 0.04120668858,
    0.05333188152, 0.1857689397, 0.2451936595, 0.2822465825, 0.2820889473,
)]  # fmt: skip
_Q10, _Q9, _Q8, _Q7, _Q6, _Q5, _Q4, _Q3, _Q2, _Q1, _Q0 = _Q
_TOP, _U3, _U4 = _f(11.0), _f(1 / 6), _f(1 / 24)
_HIGH_BITS = np.int32(-4096)  # of a float: 12 bits, so that its square is exact


@register_jitable(**INSIDE)
def _tail32(a: Any) -> Any:
    """erfc(a) of a >= 0 in float32: exp(-a * a), split, times a polynomial in t = 1 / (1 + a / 2).

    Source of the form: Press et al., Numerical Recipes, erfc; the coefficients are our own fit.
    """
    a = _TOP if a > _TOP else a
    t = _ONE / (_ONE + _HALF * a)
    q = (((((_Q10 * t + _Q9) * t + _Q8) * t + _Q7) * t + _Q6) * t + _Q5) * t + _Q4
    q = (((q * t + _Q3) * t + _Q2) * t + _Q1) * t + _Q0
    z = np.int32(np.float32(a).view(np.int32) & _HIGH_BITS).view(np.float32)
    u = (z - a) * (z + a)
    small = (((_U4 * u + _U3) * u + _HALF) * u + _ONE) * u + _ONE  # exp(u)
    return t * q * small * _exp32(-z * z)


@register_jitable(**INSIDE)
def _erfc32(x: Any) -> Any:
    tail = _tail32(abs(x))
    return _f(2) - tail if x < 0 else tail


@register_jitable(**INSIDE)
def _erf32(x: Any) -> Any:
    a = abs(x)
    s = a * a
    small = ((((((_P6 * s + _P5) * s + _P4) * s + _P3) * s + _P2) * s + _P1) * s + _P0) * x
    tail = _ONE - _tail32(a)
    return small if a < _ONE else (-tail if x < 0 else tail)


def _in_both_dtypes(single: Any, double: Any, what: str) -> Any:
    """A function for compiled code: one way in float32, another one in float64."""

    def run(x: Any) -> Any:
        return double(x)

    @overload(run, jit_options=INSIDE)  # type: ignore[arg-type]
    def typed(x: Any) -> Any:
        def in_single(x: Any) -> Any:
            return single(x)

        def in_double(x: Any) -> Any:
            return double(x)

        return in_single if x is types.float32 else in_double

    run.__doc__ = what
    return run


exp = _in_both_dtypes(_exp32, np.exp, "e**x.")
tanh = _in_both_dtypes(_tanh32, np.tanh, "The hyperbolic tangent.")
erf = _in_both_dtypes(_erf32, math.erf, "The error function.")
erfc = _in_both_dtypes(_erfc32, math.erfc, "1 - erf(x), with all its digits where it is small.")


@kernel
def label(y: Any, classes: Any) -> Any:
    """A class number as an index, as NumPy counts negative ones.

    Raises:
        IndexError: there is no such column.
    """
    found = y + classes if y < 0 else y
    if found < 0 or found >= classes:
        raise IndexError("a label is none of the classes")
    return found


@kernel
def share(count: Any, thread: Any, threads: Any) -> Any:
    """Which rows a thread takes, from the first to before the last: whole tiles, about as many."""
    tiles = (count + 7) // 8
    first, last = tiles * thread // threads * 8, tiles * (thread + 1) // threads * 8
    return min(first, count), min(last, count)


@kernel
def add_parts(parts: Any, out: Any) -> None:
    """The sum of what each thread has added up, (threads, C) to (C,)."""
    for j in range(out.shape[0]):
        out[j] = parts[0, j]
    for k in range(1, parts.shape[0]):
        for j in range(out.shape[0]):
            out[j] += parts[k, j]


@kernel
def add_numbers(parts: Any) -> Any:
    """The same of single numbers, (threads, 1)."""
    total = parts[0, 0]
    for k in range(1, parts.shape[0]):
        total += parts[k, 0]
    return total
