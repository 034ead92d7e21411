"""The exceptions: each has a code (RG101) with a page in docs/errors/, and says what to do next.

Codes: RG1xx shapes, 2xx labels and dtypes, 3xx numerics, 4xx cannot be differentiated or recorded,
5xx wrong gradient, 6xx training, 7xx files and data, 8xx command line.
"""

from __future__ import annotations

from collections.abc import Sequence

from retrograd.report import Position, code_frame


class _Message(Exception):  # noqa: N818 (a warning derives from it, too)
    """What errors and warnings say: a code, a headline, the user's line, facts, a way out."""

    kind = "error"

    def __init__(
        self,
        code: str,
        headline: str,
        *,
        where: Position | None = None,
        label: str = "",
        notes: Sequence[str] = (),
        help: str = "",
    ) -> None:
        self.code = code
        self.headline = headline
        self.where = where
        self.label = label
        self.notes = tuple(notes)
        self.help = help
        super().__init__(self.text())

    def text(self) -> str:
        """The whole message."""
        lines = [f"{self.kind}[{self.code}]: {self.headline}"]
        if self.where is not None:
            lines.append(code_frame(self.where, self.label))
        lines += [f"  = {note}" for note in self.notes]
        if self.help:
            lines.append(f"help: {self.help}")
        return "\n".join(lines)


class LikelyMistake(_Message, UserWarning):
    """A program that runs, and most likely does not do what its author meant.

    Args:
        code: such as "RG204", with a page in docs/errors/.
        headline: one line that stands alone, in the user's words.
        where: the user's code that it is about.
        label: what to write beside the underlined code.
        notes: facts, one a line.
        help: what to do next.
    """

    kind = "warning"


class RetrogradError(_Message):
    """The base of every error of this library.

    Args:
        code: such as "RG101".
        headline: one line that stands alone, in the user's words.
        where: the user's code that it is about.
        label: what to write beside the underlined code.
        notes: facts, one a line.
        help: what to do next.
    """

    def at(self, where: Position | None) -> RetrogradError:
        """The error with a place in the user's code, if it has none yet."""
        if self.where is None and where is not None:
            self.where = where
            self.args = (self.text(),)
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (
            type(self),
            (self.code, self.headline),
            {"where": self.where, "label": self.label, "notes": self.notes, "help": self.help},
        )


def trimmed(error: RetrogradError) -> RetrogradError:
    """The error without the library's own frames: its message has the user's line."""
    error.__traceback__ = None
    if error.__cause__ is not None:
        error.__cause__.__traceback__ = None
    return error


def _rebuild(
    kind: type[RetrogradError], args: tuple[str, str], kwargs: dict[str, object]
) -> RetrogradError:
    return kind(*args, **kwargs)  # type: ignore[arg-type]


class ShapeError(RetrogradError, ValueError):
    """RG1xx: shapes that do not fit."""


class OutOfBoundsError(ShapeError, IndexError):
    """RG110: an index beyond the end."""


class LabelError(RetrogradError, ValueError):
    """RG2xx: labels that are not what the loss expects."""


class NoColumnError(LabelError, IndexError):
    """RG202: a class number used as an index that has no column."""


class DtypeError(RetrogradError, TypeError):
    """RG2xx: a dtype that cannot be used here."""


class NumericsError(RetrogradError, ArithmeticError, ValueError):
    """RG3xx: numbers that became inf or NaN."""


class DifferentiationError(RetrogradError, TypeError):
    """RG4xx: what cannot be recorded or differentiated."""


class GradientError(RetrogradError, AssertionError):
    """RG5xx: a gradient that is wrong, or a check that says nothing."""


class ArgumentError(RetrogradError, ValueError):
    """RG6xx: an argument of a model, an optimizer or the trainer that is out of its range."""


class DataError(RetrogradError, ValueError):
    """RG7xx: a file or a data set that is not what it should be."""


class UsageError(RetrogradError, ValueError):
    """RG8xx: the command line."""


class CannotCompileError(RetrogradError):
    """A program that runs as its NumPy text: something in it has no compiled form."""
