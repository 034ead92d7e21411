"""What a cause of a wrong gradient declares: its name, its words, and the arrays it would make.

A file in `causes/` has one mistake: `@cause(...)` above a function that yields, for a place in the
backward pass, the arrays that come out where this mistake is made there. The search compares them
with what the user has; adding a cause touches one file.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.diagnosis.finding import Finding
from retrograd.report import Position

if TYPE_CHECKING:
    from retrograd.diagnosis.at import At


@dataclass(frozen=True, eq=False)
class Suspect:
    """An array that a mistake would make, in place of a true gradient.

    Attributes:
        array: the array, of the gradient's shape.
        says: what is particular to this place, for the headline.
        fix: the right expression in the user's names, or "".
        free: the user's array may be `array` plus any number times this one.
        evidence: facts that show it.
        line: the line to blame, where it is not the one that was found; a position.
        weight: of two suspects with the same array, the one with the larger weight is named.
        family: the group that it belongs to here, where it is not that of the cause.
    """

    array: Any
    says: str = ""
    fix: str = ""
    free: Any = None
    evidence: tuple[str, ...] = ()
    line: Any = None
    weight: float = 1.0
    family: str = ""


Suspects = Callable[["At"], Iterable[Suspect]]


@dataclass(frozen=True, eq=False)
class Cause:
    """A mistake that people make.

    Attributes:
        name: a word of the vocabulary; None for what has no name of its own.
        code: such as "RG512", with a page in docs/errors/.
        family: the group that it belongs to.
        headline: one line that stands alone.
        lesson: why it is wrong, in one or two sentences.
        suspects: the arrays that it would make at a place.
        blames: which line: that of the "result"; that which gives a function its "argument"; that
            which makes a "factor" of the result.
        fix: what to write instead, where the place does not say more.
    """

    name: str | None
    code: str
    family: str
    headline: str
    lesson: str = ""
    suspects: Suspects = field(default=lambda at: ())
    blames: str = "result"
    fix: str = ""

    def finding(
        self,
        quantities: Iterable[str] = (),
        evidence: Iterable[str] = (),
        where: Position | None = None,
        *,
        fix: str = "",
        message: str = "",
        severity: str = "error",
    ) -> Finding:
        """What is said where this is the cause; the cause's own words where none are given."""
        return Finding(
            self.code,
            self.name,
            self.family,
            tuple(quantities),
            message or self.headline,
            fix=fix or self.fix,
            evidence=tuple(evidence),
            where=where,
            lesson=self.lesson,
            severity=severity,
        )


_CAUSES: list[Cause] = []


def cause(
    name: str | None,
    code: str,
    family: str,
    headline: str,
    lesson: str = "",
    blames: str = "result",
    fix: str = "",
) -> Callable[[Suspects], Cause]:
    """Declare a cause above the function that makes its suspects."""

    def register(suspects: Suspects) -> Cause:
        made = Cause(name, code, family, headline, lesson, suspects, blames, fix)
        _CAUSES.append(made)
        return made

    return register


@cache
def causes() -> tuple[Cause, ...]:
    """Every cause, in the order of their codes."""
    from retrograd.diagnosis import causes as package

    for module in pkgutil.iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return tuple(sorted(_CAUSES, key=lambda c: c.code))


def by_name(name: str) -> Cause:
    """The cause of a name of the vocabulary."""
    return next(c for c in causes() if c.name == name)


def everywhere(at: At) -> Iterator[tuple[Cause, Suspect]]:
    """All suspects of all causes at a place."""
    for entry in causes():
        with np.errstate(all="ignore"):
            found = list(entry.suspects(at))
        for suspect in found:
            yield entry, suspect
