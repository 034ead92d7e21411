"""Which recording is under way in this thread: the one that sizes and symbols report to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrograd.program.book import SizeBook


class _Recordings(threading.local):
    """The recordings under way in this thread, the innermost last."""

    def __init__(self) -> None:
        self.books: list[SizeBook] = []


_recordings = _Recordings()


def current_book() -> SizeBook | None:
    """The size book of the recording under way in this thread, if any."""
    return _recordings.books[-1] if _recordings.books else None


@contextmanager
def opened(book: SizeBook) -> Iterator[None]:
    """Make `book` the one that sizes report to."""
    _recordings.books.append(book)
    try:
        yield
    finally:
        _recordings.books.pop()
