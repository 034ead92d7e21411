"""Why each line of the backward pass is there, in words that are explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrograd.explanation.labels import labels_of
from retrograd.explanation.run import Ran, Row
from retrograd.ops.literals import size
from retrograd.program import Note, SizeOperand, Step, Value
from retrograd.write.notes import said

GRADIENT = "d + name is the slope of the result for that name: how much the result grows when the "
GRADIENT += "name grows a little, entry by entry. It has the name's shape. (g and t are slopes on "
GRADIENT += "their way, which have no name of their own.)"
CHAIN = "Each line takes a slope from above and passes it on through one line of the forward pass."

_ARITHMETIC = ("add", "subtract", "multiply", "divide", "negative", "positive", "array", "as_float")


@dataclass(frozen=True)
class Reasons:
    """What is said of one line of the backward pass.

    Attributes:
        sources: the lines of the forward pass that it passes through, by label.
        softmax: whether it is a softmax's.
        sigmoid: whether it is a sigmoid's.
        labels: the names of the labels that enter here.
        count: the size that the result is divided by, where that enters here.
        broadcast: what was copied, in words, so that a sum undoes the copying.
        elementwise: whether it passes through a function of each entry alone.
        entropy: whether the cross-entropy after the softmax is passed through, too.
        first: the first of the lines that compute a softmax; "" for other lines.
    """

    sources: tuple[str, ...]
    softmax: bool
    sigmoid: bool
    labels: tuple[str, ...]
    count: str
    broadcast: tuple[str, ...]
    elementwise: bool
    entropy: bool
    first: str = ""

    def sentence(self) -> str:
        """One line for the overview."""
        parts = []
        if self.softmax:
            parts.append("softmax and cross-entropy at once" if self.entropy else "softmax")
        if self.sigmoid:
            parts.append("sigmoid and cross-entropy at once")
        if self.labels or self.count:
            who = [f"the labels {' and '.join(self.labels)}"] if self.labels else []
            who += [f"1/{self.count}"] if self.count else []
            parts.append(
                f"{' and '.join(who)} enter{'' if len(who) > 1 or self.labels else 's'} here"
            )
        if self.broadcast:
            parts.append(f"{self.broadcast[0]}, so its slopes add up")
        elif self.elementwise and not (self.softmax or self.sigmoid):
            parts.append("entry by entry: each entry depends on one entry only")
        where = _listed(self.sources)
        if self.first and self.sources and self.first != self.sources[-1]:
            where = f"through lines {self.first} to {self.sources[-1]}"
        return ": ".join(p for p in (where, "; ".join(parts)) if p)


def _listed(labels: Sequence[str]) -> str:
    if not labels:
        return ""
    if len(labels) == 1:
        return f"through line {labels[0]}"
    return f"through lines {', '.join(labels[:-1])} and {labels[-1]}"


def reasons(ran: Ran) -> dict[str, Reasons]:
    """What is said of each line of the backward pass, by its label."""
    label_of = {
        step.output: row.label for row in ran.rows if not row.backward for step in row.steps
    }
    labels = labels_of(ran.program)
    entered: set[Value] = set()
    counted: set[str] = set()
    found = {}
    for row in (r for r in ran.rows if r.backward):
        main = [s for s in row.steps if s.op.name != "add"] or list(row.steps)
        forward = [s.forward for s in main if s.forward is not None]
        sources = sorted({label_of[f.output] for f in forward if f.output in label_of}, key=_number)
        notes = [s.note.text for s in row.steps if s.note is not None]
        softmax = any("softmax" in n for n in notes)
        found_here = [labels[v] for s in row.steps for v in s.values() if v in labels]
        new = [v for v in dict.fromkeys(found_here) if v not in entered]
        entered.update(new)
        count = _count(row.steps, ran)
        if count in counted:
            count = ""
        counted.add(count)
        copied = [
            _copied(s.note, ran) for s in row.steps if s.note is not None and s.op.name == "sum"
        ]
        copied = [words for words in copied if words]
        found[row.label] = Reasons(
            sources=tuple(sources),
            softmax=softmax,
            sigmoid=any("sigmoid" in n for n in notes) and bool(new),
            labels=tuple(dict.fromkeys(ran.written.names[v] for v in new)),
            count=count,
            broadcast=tuple(copied),
            elementwise=any(map(is_function, forward)) and all(map(_is_entry_by_entry, forward)),
            entropy=any("cross" in n for n in notes),
            first=_first_line(ran, row) if softmax else "",
        )
    return found


WORDS = {
    "softmax": "softmax turns the numbers of one example into shares that add up to 1",
    "sigmoid": "the sigmoid, 1 / (1 + exp(-z)), turns a number into a share between 0 and 1",
    "cross-entropy": "the cross-entropy is minus the logarithm of the share of the right class",
}


def words(why: Mapping[str, Reasons]) -> list[str]:
    """What the words mean that the reasons use."""
    said = " ".join(r.sentence() for r in why.values())
    return [meaning for word, meaning in WORDS.items() if word in said]


def is_function(step: Step) -> bool:
    """Whether a step is a function of each entry, and no arithmetic."""
    return step.op.elementwise and step.op.name not in _ARITHMETIC


def _is_entry_by_entry(step: Step) -> bool:
    """Whether each entry of a result depends on one entry of each operand."""
    alone = step.op.elementwise or step.op.name in _ARITHMETIC
    return alone and all(v.shape == step.output.shape for v in step.values() if v.shape)


def _first_line(ran: Ran, row: Row) -> str:
    """The line after that of the logits, where the softmax begins."""
    of = ran.program.gradient_of.get(row.value)
    labels = [r.label for r in ran.rows if not r.backward and r.value is of]
    return str(int(labels[0]) + 1) if labels else ""


def _copied(note: Note, ran: Ran) -> str:
    """What was copied, of a note such as `{v} was added to all {n} rows`."""
    if not any(isinstance(thing, Value) for thing in note.about.values()):
        return ""
    text = said(note, ran.written.names, ran.written.sizes)
    return text.removesuffix(", so its copies add up")


def _number(label: str) -> int:
    return int(label.lstrip("B"))


def _count(steps: Sequence[Step], ran: Ran) -> str:
    """The size that a line divides by: the N of 1/N."""
    for step in steps:
        if step.op.name == "divide" and isinstance(step.inputs[1], SizeOperand):
            return size(step.inputs[1].expression, ran.written.sizes, whole=False).code
    return ""


def dead_rows(ran: Ran) -> list[str]:
    """Notes on examples that no hidden unit answers to, so that they move nothing before it."""
    notes = []
    for row in ran.rows:
        relu = any(s.op.name == "maximum" and _has_zero(s) for s in row.steps[:1])
        if row.backward or not relu or np.ndim(row.result) != 2:
            continue
        if ran.written.sizes.get(row.value.sizes[0].atom, "N") != "N":  # type: ignore[arg-type]
            continue  # the examples are columns
        dead = np.flatnonzero(~np.any(row.result > 0, axis=1))
        if len(dead):
            which = ", ".join(map(str, dead[:5]))
            words = "is zero throughout: that example moves nothing before it"
            notes.append(f"in {row.name} row {which} {words}")
    return notes


def _has_zero(step: Step) -> bool:
    return any(getattr(i, "value", None) == 0 for i in step.inputs if not isinstance(i, Value))
