"""Functions of ours: recorded with symbols as one step or as several, computed with arrays."""

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


def named_once(function: F) -> F:
    """Make a function of several steps one whose result alone gets the name in the user's code."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        book = current_book()
        return (
            function(*args, **kwargs)
            if book is None
            else book.recorder.whole(function, args, kwargs)
        )

    return cast(F, call)
