"""Findings from changes of the user's backward pass, for what no cause has explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from retrograd.diagnosis.cause import by_name
from retrograd.diagnosis.edits import Edits
from retrograd.diagnosis.finding import Finding, come_out_right
from retrograd.diagnosis.locate import Search
from retrograd.diagnosis.named import Named
from retrograd.diagnosis.places import of_change
from retrograd.diagnosis.surroundings import around, is_out_of_place, is_own_number

_SECONDS = 1.2
_SURE = (
    "dropped",
    "negated",
    "transposed",
    "product",
    "entries product",
    "compared",
    "axis",
    "axis kept",
    "operand",
    "flipped",
    "key",
    "operand factor",
)
_VAGUE = ("wrong operand", "unknown", "activation derivative")


def with_changes(
    findings: Sequence[Finding], search: Search, wrong: Sequence[str], keys: Mapping[str, str]
) -> list[Finding]:
    """The findings, with the name of a change in place of those that have none.

    Args:
        findings: what is known so far.
        search: the user's backward pass, as it is.
        wrong: the inputs whose gradients are wrong.
        keys: what the gradients are called.
    """
    explained = {q for f in findings for q in f.quantities if f.cause is not None}
    nameless = [f for f in findings if f.cause is None]
    open_names = [n for n in wrong if keys[n] not in explained and n in search.finals]
    if not open_names:
        return list(findings)
    edits = Edits(search, [n for n in wrong if n in search.finals], _SECONDS)
    edit = edits.best(open_names)
    if edit is None:
        return list(findings)
    named = Named(edits, edit)
    name, where = named.cause, named.where
    quantities = tuple(keys[n] for n in edit.repairs)
    replaced = [f for f in findings if set(f.quantities) <= set(quantities)]
    number = edit.kind in ("scaled", "operand scaled")
    alone = len(nameless) == 1 and (len(quantities) == 1 or number)
    if name is None and alone and edit.kind not in _SURE:
        return list(findings)
    at = of_change(edit, search)
    if at is not None and (is_out_of_place(name, at) or is_own_number(at)):
        name = None
    tried = f"tried: with {named.says}, {come_out_right(quantities)}"
    rest = [f for f in findings if f not in replaced]
    if name is not None:
        return [*rest, by_name(name).finding(quantities, [tried], where, fix=named.says)]
    family = next((f.family for f in nameless if f in replaced), "unknown")
    beside = around(at) if at is not None else ""
    if beside and not (beside == "other loss" and named.family == "sign"):
        family = beside
    elif family in _VAGUE or named.family == "sign":
        family = named.family or ("wrong operand" if family == "unknown" else family)
    if named.step.op.name == "stack" and len(replaced) == 1:
        where = replaced[0].where or where  # numbers are put together after they were made
    message = "this line is wrong, in a way that has no name of its own"
    found = Finding("RG590", None, family, quantities, message, named.says, (tried,), where)
    return [*rest, found]
