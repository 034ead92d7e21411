"""The pages of the error codes, as the terminal shows them."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from textwrap import fill

import retrograd
from retrograd.errors import UsageError

_PACKAGE = Path(retrograd.__file__).parent
_PLACES = (_PACKAGE / "pages", _PACKAGE.parents[1] / "docs" / "errors")  # installed, or checked out


def is_code(target: str) -> bool:
    """Whether a target of `retrograd explain` is a code, such as RG204."""
    return target[:2].upper() == "RG" and target[2:].isdigit()


def page(code: str) -> str:
    """The page of a code, in Markdown.

    Raises:
        UsageError: RG806, there is no such code.
    """
    code = code.upper()
    for place in _PLACES:
        file = place / f"{code}.md"
        if file.is_file():
            return _wrapped(file.read_text(encoding="utf-8").rstrip())
    known = sorted({file.stem for place in _PLACES for file in place.glob("RG*.md")})
    near = get_close_matches(code, known, n=3, cutoff=0.0) or known[:3]
    raise UsageError("RG806", f"there is no {code}", help=f"there are {', '.join(near)}, ...")


def _wrapped(text: str) -> str:
    """Paragraphs in 80 columns; code as it is."""
    lines, code = [], False
    for line in text.splitlines():
        code ^= line.startswith("```")
        lines.append(line if code or line.startswith("#") else fill(line, 80))
    return "\n".join(lines)
