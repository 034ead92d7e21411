"""Which of what a loop has made belongs to which round of another loop.

Each way takes where the results of a line stand on the tape, where the runs of another line start,
and where what these take was made; it gives the number of a result for each run.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence


def _latest(own: Sequence[int], places: Sequence[int], origins: Sequence[int]) -> list[int] | None:
    """What was made last."""
    found = [bisect_left(own, place) - 1 for place in places]
    return found if min(found) >= 0 else None


def _mirrored(after: int) -> Way:
    """A loop that runs back over what another one has made, but for its last rounds."""

    def way(own: Sequence[int], places: Sequence[int], origins: Sequence[int]) -> list[int] | None:
        found, before, n = [], -1, 0
        for place in places:
            made = bisect_left(own, place)
            n = n + 1 if made == before else 0
            before = made
            found.append(made - 1 - after - n)
        return found if min(found) >= 0 else None

    return way


def _in_order(
    own: Sequence[int], places: Sequence[int], origins: Sequence[int]
) -> list[int] | None:
    """A loop that runs once more over what another one has made."""
    made = [bisect_left(own, place) for place in places]
    rounds, found = Counter(made), []
    seen = Counter[int]()
    for n in made:
        found.append(n - rounds[n] + seen[n])
        seen[n] += 1
    return found if min(found) >= 0 else None


def _before_it(
    own: Sequence[int], places: Sequence[int], origins: Sequence[int]
) -> list[int] | None:
    """What was made just before what is taken, such as z before a."""
    found = [bisect_left(own, origin) - 1 for origin in origins]
    return found if min(found) >= 0 else None


def _after_it(
    own: Sequence[int], places: Sequence[int], origins: Sequence[int]
) -> list[int] | None:
    """What was made just after what is taken, such as a after z."""
    found = [bisect_right(own, origin) for origin in origins]
    fits = all(n < len(own) and own[n] < p for n, p in zip(found, places, strict=True))
    return found if fits else None


Way = Callable[[Sequence[int], Sequence[int], Sequence[int]], list[int] | None]
WAYS: tuple[Way, ...] = (
    _latest,
    _mirrored(0),
    _mirrored(1),
    _in_order,
    _before_it,
    _after_it,
)
