"""What a diagnosis says: findings, each with a code, a line, a way out and its evidence."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from retrograd.report import Position, code_frame


def come_out_right(names: Sequence[str]) -> str:
    """What a repair does to some gradients, as a clause."""
    if len(names) == 1:
        return f"{names[0]} comes out right"
    return f"{', '.join(names[:-1])} and {names[-1]} come out right"


@dataclass(frozen=True)
class Finding:
    """One mistake.

    Attributes:
        code: such as "RG512", with a page in docs/errors/.
        cause: its name in the vocabulary, or None where it has none.
        family: the group that it belongs to, such as "softmax" or "scale".
        quantities: the gradients that are wrong because of it, such as ("dW2", "db2").
        file: the user's file; None where no line is to blame.
        line: the line, counted from 1.
        message: the headline.
        fix: what to write instead, or "".
        evidence: facts that show it, one a line.
        where: the exact place.
        lesson: why it is wrong.
        severity: "error" for a wrong gradient, "warning" for what is wrong beside it.
    """

    code: str
    cause: str | None
    family: str
    quantities: tuple[str, ...]
    message: str
    fix: str = ""
    evidence: tuple[str, ...] = ()
    where: Position | None = None
    lesson: str = ""
    severity: str = "error"

    @property
    def file(self) -> str | None:
        """The user's file."""
        return self.where.file if self.where is not None else None

    @property
    def line(self) -> int | None:
        """The line, counted from 1."""
        return self.where.line if self.where is not None else None

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain data, for JSON."""
        where = self.where
        return {
            "code": self.code,
            "cause": self.cause,
            "family": self.family,
            "severity": self.severity,
            "quantities": list(self.quantities),
            "file": self.file,
            "line": self.line,
            "column": where.column + 1 if where is not None and where.column >= 0 else None,
            "message": self.message,
            "fix": self.fix,
            "evidence": list(self.evidence),
        }

    def __str__(self) -> str:
        lines = [_wrapped(f"{self.severity}[{self.code}]: {self.message}", "    ")]
        if self.where is not None:
            lines.append(code_frame(self.where))
        facts = [*self.evidence, self.lesson] if self.lesson else self.evidence
        lines += [_wrapped(f"  = {fact}", "    ") for fact in facts]
        if self.fix:
            lines.append(_wrapped(f"help: {self.fix}", "      "))
        return "\n".join(lines)


@dataclass(frozen=True)
class Row:
    """One of the user's gradients beside the truth.

    Attributes:
        name: what the user calls it.
        shape: its shape; None where it is no array.
        expected: the shape of its input.
        distance: how far it is from the truth, relative to the larger of the two.
        right: whether it is right.
    """

    name: str
    shape: tuple[int, ...] | None
    expected: tuple[int, ...]
    distance: float
    right: bool


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a hand-written backward pass.

    Attributes:
        wrong: the names of the wrong gradients, exactly.
        findings: the mistakes, the surest first, at most four. Where all gradients are right, what
            else is wrong in a way that shows on these inputs.
        rows: each gradient beside the truth.
        notes: facts about the check itself.
        seconds: how long it took.
    """

    wrong: tuple[str, ...]
    findings: tuple[Finding, ...]
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every gradient is right."""
        return not self.wrong

    def to_dict(self) -> dict[str, Any]:
        """The diagnosis as plain data, for JSON."""
        return {
            "ok": self.ok,
            "wrong": list(self.wrong),
            "findings": [f.to_dict() for f in self.findings],
            "gradients": [
                {
                    "name": r.name,
                    "shape": None if r.shape is None else list(r.shape),
                    "expected_shape": list(r.expected),
                    "distance": r.distance if r.distance < float("inf") else None,
                    "right": r.right,
                }
                for r in self.rows
            ],
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        return "\n".join([self._table(), *(f"\n{f}" for f in self.findings), self._end()])

    def _table(self) -> str:
        width = max([5, *(len(r.name) for r in self.rows)])
        shapes = {r.name: _shape(r.shape) for r in self.rows}
        wide = max([5, *map(len, shapes.values())])
        lines = [f"  {'yours':<{width}}  {'shape':<{wide}}  vs true"]
        for r in self.rows:
            mark = "ok" if r.right else "WRONG"
            shape = "" if r.shape == r.expected or r.right else f", expected {_shape(r.expected)}"
            far = f"{r.distance:.1e}" if r.distance < float("inf") else "   -   "
            lines.append(f"  {r.name:<{width}}  {shapes[r.name]:<{wide}}  {far}  {mark}{shape}")
        return "\n".join(lines)

    def _end(self) -> str:
        count = len(self.findings)
        if self.ok and not count:
            said = f"all {len(self.rows)} gradients are right"
        elif self.ok:
            said = f"all {len(self.rows)} gradients are right; {_plural(count, 'other finding')}"
        else:
            said = (
                f"{len(self.wrong)} of {len(self.rows)} gradients wrong; "
                f"{_plural(count, 'mistake')} found"
            )
        notes = "".join(f"\nnote: {n}" for n in self.notes)
        return (
            f"{notes}\n{said}; {self.seconds:.1f} s" if self.seconds >= 0.05 else f"{notes}\n{said}"
        )


def _wrapped(text: str, indent: str) -> str:
    """Words, never code, in lines of 80 characters."""
    return textwrap.fill(
        text, 80, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _plural(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def _shape(shape: tuple[int, ...] | None) -> str:
    if shape is None:
        return "none"
    return "×".join(map(str, shape)) if shape else "number"
