"""A code frame: the user's line with the place underlined, as compilers show it."""

from __future__ import annotations

import ast
import linecache
import os
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Position:
    """A place in the user's code: file, function, first and last line, first and last column.

    Lines count from 1 and columns from 0, as in `ast`; a column is -1 where it is not known.
    """

    file: str
    function: str
    line: int
    end_line: int
    column: int
    end_column: int

    def __str__(self) -> str:
        column = f":{self.column + 1}" if self.column >= 0 else ""
        return f"{short_path(self.file)}:{self.line}{column}"


def short_path(file: str) -> str:
    """The path from the working directory if the file is below it, else the path itself."""
    if file.startswith("<"):
        return file
    try:
        relative = os.path.relpath(file)
    except ValueError:  # another drive on Windows
        return file
    return file if relative.startswith("..") else relative


def source_line(position: Position) -> str:
    """The first line of a place, or "" where the source is not to be had."""
    return linecache.getline(position.file, position.line).rstrip("\n")


@lru_cache(maxsize=64)
def statements_of(file: str) -> tuple[ast.AST, ...]:
    """Every node of a file's source, the outer ones first; none where it cannot be read."""
    try:
        return tuple(ast.walk(ast.parse("".join(linecache.getlines(file)))))
    except (SyntaxError, ValueError, RecursionError):
        return ()


def source_segment(position: Position) -> str:
    """The exact text of a place; several lines are joined by a space."""
    lines = [
        linecache.getline(position.file, n).rstrip("\n")
        for n in range(position.line, position.end_line + 1)
    ]
    if not any(lines):
        return ""
    if position.column < 0:
        return " ".join(line.strip() for line in lines)
    # columns count UTF-8 bytes
    encoded = [line.encode() for line in lines]
    encoded[-1] = encoded[-1][: position.end_column]
    encoded[0] = encoded[0][position.column :]
    return " ".join(part.decode(errors="replace").strip() for part in encoded)


def code_frame(position: Position, label: str = "") -> str:
    """The place with its line and an underline; only its address where there is no source."""
    address = f" --> {position} in {position.function}"
    line = source_line(position)
    if not line:
        return address
    number = str(position.line)
    gutter = " " * len(number)
    text = [address, f"{gutter} |", f"{number} | {line}"]
    if position.column >= 0:
        start = len(line.encode()[: position.column].decode(errors="replace"))
        same_line = position.end_line == position.line
        end = len(line.encode()[: position.end_column].decode(errors="replace")) if same_line else 0
        marks = "^" * max(1, (end if same_line else len(line)) - start)
        text.append(f"{gutter} | {' ' * start}{marks}{' ' + label if label else ''}")
    elif label:
        text.append(f"{gutter} = {label}")
    return "\n".join(text)
