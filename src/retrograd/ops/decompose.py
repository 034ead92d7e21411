"""Decompositions of matrices: Cholesky, eigenvalues of symmetric ones, singular values.

What decides a sign or a basis is not a function of the matrix; a gradient through eigenvectors or
singular vectors is right for whatever does not depend on that, and not finite where two of the
values are equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.ops.dispatch import recordable
from retrograd.ops.linalg import turned
from retrograd.ops.made import constant, eye
from retrograd.ops.samples import Draw, call, normal
from retrograd.ops.spelling import Spelling, Text
from retrograd.ops.spelling import call as spelled
from retrograd.ops.table import composed, op
from retrograd.program import plain


def _item(name: str, place: int) -> Spelling:
    """One of several results."""

    def spell(args: Sequence[Text], params: Mapping[str, str]) -> Text:
        return spelled(name)(args, params).indexed(place)

    return spell


def symmetric(n: int, *batch: int) -> Draw:
    """Positive definite symmetric matrices."""

    def draw(rng: np.random.Generator) -> Any:
        a = rng.normal(size=(*batch, n, n))
        return a @ np.swapaxes(a, -1, -2) + np.eye(n)

    return draw


_SYMMETRIC = [call(symmetric(3)), call(symmetric(3, 2)), call(symmetric(1))]


@recordable
def lower_factor(x: Any) -> Any:
    """The lower triangle whose product with its transpose is x."""
    return np.linalg.cholesky(x)


@composed(np.linalg.cholesky)
def cholesky_(a: Any, *, upper: bool = False) -> Any:
    """The lower factor, or the upper one."""
    return turned(lower_factor(a)) if upper else lower_factor(a)


@op(
    lower_factor,
    symmetric=True,
    spell=spelled("np.linalg.cholesky"),
    sizes=lambda book, x: list(x.sizes),
    samples=_SYMMETRIC,
)
def cholesky(g: Any, out: Any, x: Any) -> Any:
    """x = L @ L.T: d_x = inv(L).T @ lower(L.T @ g) @ inv(L), made symmetric.

    lower(...) keeps what is below the diagonal and half of the diagonal. x stands for a symmetric
    matrix: both of its triangles get half.

    Source: Murray, "Differentiation of the Cholesky decomposition" (2016), eq. 8 and 10.
    """
    n = np.shape(x)[-1]
    product = turned(out) @ g
    lower = np.tril(product) - 0.5 * eye(n, dtype=x.dtype) * product
    inverse = np.linalg.inv(out)
    d_x = turned(inverse) @ lower @ inverse
    return (0.5 * (d_x + turned(d_x)),)


@recordable
def eigenvalues(x: Any, UPLO: str = "L") -> Any:
    """The eigenvalues of a symmetric matrix."""
    return np.linalg.eigvalsh(x, UPLO)  # type: ignore[call-overload]


@recordable
def eigenvectors(x: Any, UPLO: str = "L") -> Any:
    """Its eigenvectors, in columns."""
    return np.linalg.eigh(x, UPLO)[1]  # type: ignore[call-overload]


@op(
    eigenvalues,
    symmetric=True,
    spell=spelled("np.linalg.eigvalsh"),
    sizes=lambda book, x, UPLO="L": list(x.sizes[:-1]),
    letter="w",
    samples=_SYMMETRIC,
)
def eigenvalues_(g: Any, out: Any, x: Any, *, UPLO: str = "L") -> Any:
    """The eigenvalues of a symmetric matrix: d_x = v @ diag(g) @ v.T, v the eigenvectors.

    Source: Giles, An extended collection of matrix derivative results (2008), section 3.1.
    """
    v = eigenvectors(x, UPLO)
    return ((v * g[..., None, :]) @ turned(v),)


@op(
    eigenvectors,
    symmetric=True,
    spell=_item("np.linalg.eigh", 1),
    sizes=lambda book, x, UPLO="L": list(x.sizes),
    letter="v",
    samples=_SYMMETRIC,
)
def eigenvectors_(g: Any, out: Any, x: Any, *, UPLO: str = "L") -> Any:
    """The eigenvectors of a symmetric matrix: d_x = v @ (v.T @ g / gaps) @ v.T, made symmetric.

    gaps[i, j] = w[j] - w[i]; the diagonal has none and counts as 0.

    Source: Giles, An extended collection of matrix derivative results (2008), section 3.1.
    """
    w = eigenvalues(x, UPLO)
    inner = turned(out) @ g / _gaps(w)
    d_x = out @ (inner - eye(np.shape(x)[-1], dtype=x.dtype) * inner) @ turned(out)
    return (0.5 * (d_x + turned(d_x)),)


def _gaps(w: Any) -> Any:
    """w[j] - w[i], and 1 on the diagonal."""
    return w[..., None, :] - w[..., :, None] + eye(np.shape(w)[-1], dtype=w.dtype)


_EighResult: Any = type(np.linalg.eigh(np.eye(1)))


@composed(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:
    """The eigenvalues and the eigenvectors of a symmetric matrix."""
    return _EighResult(eigenvalues(a, UPLO), eigenvectors(a, UPLO))


@composed(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """The eigenvalues of a symmetric matrix."""
    return eigenvalues(a, UPLO)


@recordable
def left_vectors(x: Any, full_matrices: bool = True) -> Any:
    """The left singular vectors, in columns."""
    return np.linalg.svd(x, full_matrices=full_matrices)[0]


@recordable
def right_vectors(x: Any, full_matrices: bool = True) -> Any:
    """The right singular vectors, in rows."""
    return np.linalg.svd(x, full_matrices=full_matrices)[2]


def _smaller(x: Any) -> int:
    """How many singular values there are."""
    return int(min(plain(np.shape(x))[-2:]))


@op(
    np.linalg.svdvals,
    spell=spelled("np.linalg.svdvals"),
    letter="s",
    samples=[call(normal(3, 4)), call(normal(4, 3)), call(normal(2, 3, 3))],
)
def svdvals(g: Any, out: Any, x: Any) -> Any:
    """The singular values: d_x = u @ diag(g) @ vh.

    Source: Giles, An extended collection of matrix derivative results (2008), section 3.3.
    """
    u, vh = left_vectors(x, full_matrices=False), right_vectors(x, full_matrices=False)
    return ((u * g[..., None, :]) @ vh,)


def _turns(vectors: Any, g: Any, values: Any) -> Any:
    """How the vectors turn: (v.T @ g - g.T @ v) / (s[j]**2 - s[i]**2), 0 where nothing decides it.

    `values` may be fewer than the vectors; the others belong to the value 0.
    """
    k, n = int(np.shape(values)[-1]), int(np.shape(vectors)[-1])
    product = turned(vectors) @ g
    if n > k:
        widths = [(0, 0)] * (np.ndim(values) - 1) + [(0, n - k)]
        values = np.pad(values, widths)
    squares = values**2
    gaps = squares[..., None, :] - squares[..., :, None]
    free = np.eye(n, dtype=bool)
    free[k:, k:] = True
    free = constant(free)
    return np.where(free, 0, (product - turned(product)) / np.where(free, 1, gaps))


_MATRICES = [call(normal(3, 3)), call(normal(4, 3)), call(normal(3, 4)), call(normal(2, 3, 4))]


def _thin(samples: Sequence[Any]) -> list[Any]:
    return [call(*s.operands, full_matrices=False) for s in samples]


@op(
    left_vectors,
    spell=_item("np.linalg.svd", 0),
    letter="u",
    samples=[*_MATRICES, *_thin(_MATRICES)],
)
def left_vectors_(g: Any, out: Any, x: Any, *, full_matrices: bool = True) -> Any:
    """The left singular vectors: d_x = u @ (turns * s) @ vh, with what leaves their space.

    Source: Townsend, Differentiating the Singular Value Decomposition (2016), eq. 14 to 18.
    """
    k = _smaller(x)
    s, vh = np.linalg.svdvals(x), right_vectors(x, full_matrices=False)
    d_x = out @ (_turns(out, g, s)[..., :, :k] * s[..., None, :]) @ vh
    if plain(np.shape(x))[-2] > k and not full_matrices:
        outside = g - out @ (turned(out) @ g)
        d_x = d_x + (outside / s[..., None, :]) @ vh
    return (d_x,)


@op(
    right_vectors,
    spell=_item("np.linalg.svd", 2),
    letter="vh",
    samples=[*_MATRICES, *_thin(_MATRICES)],
)
def right_vectors_(g: Any, out: Any, x: Any, *, full_matrices: bool = True) -> Any:
    """The right singular vectors: d_x = u @ (s * turns) @ vh, with what leaves their space.

    Source: Townsend, Differentiating the Singular Value Decomposition (2016), eq. 14 to 18.
    """
    k = _smaller(x)
    s, u = np.linalg.svdvals(x), left_vectors(x, full_matrices=False)
    d_x = u @ (s[..., :, None] * _turns(turned(out), turned(g), s)[..., :k, :]) @ out
    if plain(np.shape(x))[-1] > k and not full_matrices:
        outside = g - (g @ turned(out)) @ out
        d_x = d_x + u @ (outside / s[..., :, None])
    return (d_x,)


_SVDResult: Any = type(np.linalg.svd(np.eye(1)))


@composed(np.linalg.svd)
def svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    """The singular values, and the vectors on their two sides."""
    if not compute_uv:
        return np.linalg.svdvals(a)
    u = left_vectors(a, full_matrices=full_matrices)
    return _SVDResult(u, np.linalg.svdvals(a), right_vectors(a, full_matrices=full_matrices))
