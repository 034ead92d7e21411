"""Notes on steps, in words."""

from __future__ import annotations

from collections.abc import Mapping

from retrograd.ops.literals import size
from retrograd.program import Dim, Note, Value


def said(note: Note, names: Mapping[Value, str], sizes: Mapping[Dim, str], **words: str) -> str:
    """A note with its placeholders filled: values by their names, sizes by their letters.

    Args:
        note: the note.
        names: the names of values; one that has none is "it".
        sizes: the letters.
        words: what to say for placeholders that the note itself does not fill.
    """
    for placeholder, thing in note.about.items():
        if isinstance(thing, Value):
            words[placeholder] = names.get(thing, "it")
        else:
            words[placeholder] = size(thing, sizes).code
    return note.text.format(**words)
