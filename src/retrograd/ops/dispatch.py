"""Functions of ours that are operations: recorded with symbols, computed with arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from retrograd.program import current_book

F = TypeVar("F", bound=Callable[..., Any])


def recordable(function: F) -> F:
    """Make a function of arrays one that is recorded as a single step while recording."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        book = current_book()
        if book is None:
            return function(*args, **kwargs)
        return book.recorder.call(call, args, kwargs)

    call.body = function  # type: ignore[attr-defined]
    return cast(F, call)
