"""Python's operators, each as the NumPy function that it means."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np


class Operators:
    """A base class whose operators call NumPy's functions, which come back by NumPy's protocols."""

    __slots__ = ()

    @abstractmethod
    def assign(self, result: Any) -> Any:
        """Stand for another result from now on, as `+=` does."""

    def __add__(self, other: Any) -> Any:
        return np.add(self, other)  # type: ignore[call-overload]

    def __radd__(self, other: Any) -> Any:
        return np.add(other, self)  # type: ignore[call-overload]

    def __iadd__(self, other: Any) -> Any:
        return self.assign(np.add(self, other))  # type: ignore[call-overload]

    def __sub__(self, other: Any) -> Any:
        return np.subtract(self, other)  # type: ignore[call-overload]

    def __rsub__(self, other: Any) -> Any:
        return np.subtract(other, self)  # type: ignore[call-overload]

    def __isub__(self, other: Any) -> Any:
        return self.assign(np.subtract(self, other))  # type: ignore[call-overload]

    def __mul__(self, other: Any) -> Any:
        return np.multiply(self, other)  # type: ignore[call-overload]

    def __rmul__(self, other: Any) -> Any:
        return np.multiply(other, self)  # type: ignore[call-overload]

    def __imul__(self, other: Any) -> Any:
        return self.assign(np.multiply(self, other))  # type: ignore[call-overload]

    def __truediv__(self, other: Any) -> Any:
        return np.true_divide(self, other)  # type: ignore[call-overload]

    def __rtruediv__(self, other: Any) -> Any:
        return np.true_divide(other, self)  # type: ignore[call-overload]

    def __itruediv__(self, other: Any) -> Any:
        return self.assign(np.true_divide(self, other))  # type: ignore[call-overload]

    def __floordiv__(self, other: Any) -> Any:
        return np.floor_divide(self, other)  # type: ignore[call-overload]

    def __rfloordiv__(self, other: Any) -> Any:
        return np.floor_divide(other, self)  # type: ignore[call-overload]

    def __ifloordiv__(self, other: Any) -> Any:
        return self.assign(np.floor_divide(self, other))  # type: ignore[call-overload]

    def __mod__(self, other: Any) -> Any:
        return np.remainder(self, other)  # type: ignore[call-overload]

    def __rmod__(self, other: Any) -> Any:
        return np.remainder(other, self)  # type: ignore[call-overload]

    def __imod__(self, other: Any) -> Any:
        return self.assign(np.remainder(self, other))  # type: ignore[call-overload]

    def __pow__(self, other: Any) -> Any:
        return np.power(self, other)  # type: ignore[call-overload]

    def __rpow__(self, other: Any) -> Any:
        return np.power(other, self)  # type: ignore[call-overload]

    def __ipow__(self, other: Any) -> Any:
        return self.assign(np.power(self, other))  # type: ignore[call-overload]

    def __matmul__(self, other: Any) -> Any:
        return np.matmul(self, other)  # type: ignore[call-overload]

    def __rmatmul__(self, other: Any) -> Any:
        return np.matmul(other, self)  # type: ignore[call-overload]

    def __imatmul__(self, other: Any) -> Any:
        return self.assign(np.matmul(self, other))  # type: ignore[call-overload]

    def __and__(self, other: Any) -> Any:
        return np.bitwise_and(self, other)  # type: ignore[call-overload]

    def __rand__(self, other: Any) -> Any:
        return np.bitwise_and(other, self)  # type: ignore[call-overload]

    def __iand__(self, other: Any) -> Any:
        return self.assign(np.bitwise_and(self, other))  # type: ignore[call-overload]

    def __or__(self, other: Any) -> Any:
        return np.bitwise_or(self, other)  # type: ignore[call-overload]

    def __ror__(self, other: Any) -> Any:
        return np.bitwise_or(other, self)  # type: ignore[call-overload]

    def __ior__(self, other: Any) -> Any:
        return self.assign(np.bitwise_or(self, other))  # type: ignore[call-overload]

    def __xor__(self, other: Any) -> Any:
        return np.bitwise_xor(self, other)  # type: ignore[call-overload]

    def __rxor__(self, other: Any) -> Any:
        return np.bitwise_xor(other, self)  # type: ignore[call-overload]

    def __ixor__(self, other: Any) -> Any:
        return self.assign(np.bitwise_xor(self, other))  # type: ignore[call-overload]

    def __eq__(self, other: Any) -> Any:
        return np.equal(self, other)  # type: ignore[call-overload]

    def __ne__(self, other: Any) -> Any:
        return np.not_equal(self, other)  # type: ignore[call-overload]

    def __lt__(self, other: Any) -> Any:
        return np.less(self, other)  # type: ignore[call-overload]

    def __le__(self, other: Any) -> Any:
        return np.less_equal(self, other)  # type: ignore[call-overload]

    def __gt__(self, other: Any) -> Any:
        return np.greater(self, other)  # type: ignore[call-overload]

    def __ge__(self, other: Any) -> Any:
        return np.greater_equal(self, other)  # type: ignore[call-overload]

    def __neg__(self) -> Any:
        return np.negative(self)  # type: ignore[call-overload]

    def __pos__(self) -> Any:
        return np.positive(self)  # type: ignore[call-overload]

    def __abs__(self) -> Any:
        return np.absolute(self)  # type: ignore[call-overload]

    def __invert__(self) -> Any:
        return np.invert(self)  # type: ignore[call-overload]
