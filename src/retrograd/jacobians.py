"""Derivatives of whole arrays, and second derivatives: jacobian, hessian, hvp.

Each row of a Jacobian is one backward pass: the text that `source` shows, run with a gradient that
is 1 in one place. All of them can be differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from retrograd.differentiate import differentiate
from retrograd.errors import ArgumentError
from retrograd.gradient import Forward, Wrt, finished, grad, recognized
from retrograd.ops import current_recorder
from retrograd.ops.create import constant_array
from retrograd.program import Constant, Program, Tree, plain, tree_of
from retrograd.recorded import Recorded, free_name, signature_of
from retrograd.rewrite import without_stops
from retrograd.selection import seeds_of, select
from retrograd.trace import Recording
from retrograd.write import Written, write


class Products:
    """Of a function, J.T @ g with respect to some arguments, for any g.

    Args:
        function: NumPy code.
        wrt: which arguments.
        g: the name that the gradient of the result gets in the text.
        name: the name of the text's function.
    """

    def __init__(self, function: Callable[..., Any], wrt: Wrt, g: str, name: str) -> None:
        self.g = free_name(g, signature_of(function))
        self._wrt = wrt
        self._name = name
        self._recorded = Recorded(function, self._build, extra=self.g, wrt=None)

    def __call__(self, args: tuple[Any, ...], g: Any) -> Any:
        """The product, in the structure of `wrt`."""
        return self._recorded.call(args, {self.g: g})

    def source(self, args: tuple[Any, ...], g: Any) -> str:
        """The text that a call runs."""
        return self._recorded.entry(args, {self.g: g}).written.source

    def _build(self, recording: Recording) -> tuple[Program, Written]:
        program = recognized(recording.program)
        selection = select(program, self._wrt)
        done = differentiate(program, seeds_of(program), selection.values)
        longer = finished(done.program, selection.tree(done.gradients), done.gradients)
        summary = f"J.T @ {self.g} for the Jacobian J of {program.name}."
        written = write(
            without_stops(longer), function=self._name, summary=summary, wrt=selection.values
        )
        return longer, written


class Jacobian:
    """The Jacobian of a function, as a function of the same arguments.

    Args:
        function: NumPy code that returns an array, or several.
        wrt: which arguments.
        name: what it is called.
    """

    def __init__(self, function: Callable[..., Any], wrt: Wrt, name: str) -> None:
        self.__name__ = f"{name}_of_{getattr(function, '__name__', 'f')}"
        self.__wrapped__ = function
        self._wrt = wrt
        self._forward = Forward(function)
        self._products = Products(function, wrt, "g", f"row_of_{name}")

    def __call__(self, *args: Any) -> Any:
        """The Jacobian for these arguments."""
        out = tree_of(self._forward(*args))
        count = sum(1 for _ in out.leaves())
        return _filled(out, [self._of_leaf(args, out, place) for place in range(count)])

    def source(self, *args: Any) -> str:
        """The text that one row runs: J.T @ g."""
        out = tree_of(self._forward(*args))
        return self._products.source(args, out.build(lambda pair: np.asarray(pair[1])))

    def _of_leaf(self, args: tuple[Any, ...], out: Tree, place: int) -> Any:
        """The derivatives of one of the arrays that the function returns."""
        leaves = [thing for _, thing in out.leaves()]
        shape = plain(np.shape(leaves[place]))
        rows = []
        for index in np.ndindex(shape):
            rows.append(self._products(args, _filled(out, _seeds(leaves, place, index))))
        if isinstance(self._wrt, list | tuple):
            columns = range(len(self._wrt))
            return tuple(_stacked([row[i] for row in rows], shape) for i in columns)
        return _stacked(rows, shape)


def _filled(tree: Tree, things: Iterable[Any]) -> Any:
    """A structure with other leaves."""
    remaining = iter(things)
    return tree.build(lambda leaf: next(remaining))


def _seeds(leaves: list[Any], place: int, index: tuple[int, ...]) -> Iterator[Any]:
    """Gradients for each array of the result: 1 in one place of one of them."""
    for number, leaf in enumerate(leaves):
        dtype = leaf.dtype if isinstance(leaf, np.ndarray | np.generic) else float
        g = np.zeros(plain(np.shape(leaf)), dtype)
        if number == place:
            g[index] = 1
        yield _constant(g if g.shape else g[()])


def _constant(g: Any) -> Any:
    """A seed as a constant of the recording under way, if there is one."""
    recorder = current_recorder()
    if recorder is None or not isinstance(g, np.ndarray):
        return g
    return recorder.call(constant_array, (Constant(g),), {})


def _stacked(rows: list[Any], shape: tuple[int, ...]) -> Any:
    """One array of shape (*shape, *of a row), in the structure of a row."""
    if not rows:
        raise ArgumentError("RG409", "the Jacobian of an empty array has no rows")
    trees = [tree_of(row) for row in rows]
    columns = zip(*([thing for _, thing in tree.leaves()] for tree in trees), strict=True)
    return _filled(trees[0], [_block(list(column), shape) for column in columns])


def _block(column: list[Any], shape: tuple[int, ...]) -> Any:
    if len(column) == 1 and not shape:
        return column[0]
    stacked = np.stack(column)
    return np.reshape(stacked, (*shape, *np.shape(stacked)[1:]))


def jacobian(f: Callable[..., Any], wrt: Wrt = 0) -> Jacobian:
    """The Jacobian of a function that returns an array.

    Args:
        f: NumPy code; returns an array (or a tuple, list or dict of arrays).
        wrt: an argument's position or name, or a list of them, as in `grad`.

    Returns:
        A function of the same arguments. Its result has the shape out.shape + in.shape; entry
        [i, j] says how much element i of the result changes with element j of the argument.

    Raises:
        RetrogradError: as `grad` does, when called.

    >>> import numpy as np
    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    return Jacobian(f, wrt, "jacobian")


def hessian(f: Callable[..., Any], wrt: Wrt = 0) -> Jacobian:
    """The matrix of second derivatives of a function that returns a scalar.

    Args:
        f: NumPy code; returns a scalar.
        wrt: as in `grad`.

    Returns:
        A function of the same arguments; its result has the shape in.shape + in.shape, and for a
        list of arguments it is a tuple of tuples.

    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    return Jacobian(grad(f, wrt), wrt, "hessian")


class HessianProduct:
    """H @ v for the Hessian H of a function, which is never built."""

    def __init__(self, function: Callable[..., Any], wrt: Wrt) -> None:
        self.__name__ = f"hvp_of_{getattr(function, '__name__', 'f')}"
        self._products = Products(grad(function, wrt), wrt, "v", "hvp")

    def __call__(self, *args_and_v: Any) -> Any:
        """H @ v; v is the last argument."""
        *args, v = args_and_v
        return self._products(tuple(args), v)

    def source(self, *args_and_v: Any) -> str:
        """The text that a call runs."""
        *args, v = args_and_v
        return self._products.source(tuple(args), v)


def hvp(f: Callable[..., Any], wrt: Wrt = 0) -> HessianProduct:
    """Hessian times vector: how the gradient changes in the direction v.

    Args:
        f: NumPy code; returns a scalar.
        wrt: as in `grad`.

    Returns:
        A function of f's arguments and, last, v: an array of the shape of the argument (a tuple of
        arrays for a list of arguments). Its result has the shape of v.

    >>> import numpy as np
    >>> hvp(lambda x: np.sum(x**3))(np.array([1.0, 2.0]), np.array([1.0, 10.0]))
    array([  6., 120.])
    """
    return HessianProduct(f, wrt)
