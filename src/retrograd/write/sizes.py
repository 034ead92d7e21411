"""The first lines of written text: what it takes from its arguments' shapes, and what it checks.

N, D = x.shape
K, C = W2.shape
if (y.shape, W1.shape) != ((N, C), (D, K)): raise ValueError(...)
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrograd.ops import literals
from retrograd.program import Dim, Program, SizeCheck, Value

_LETTERS = {1: ("N",), 2: ("N", "D"), 3: ("N", "T", "D"), 4: ("N", "D", "H", "W")}


def letters(program: Program, wrt: Sequence[Value], taken: set[str]) -> dict[Dim, str]:
    """A letter for every free size: N examples, D inputs, K hidden, C classes.

    Data comes first: the arrays whose gradient is not asked for, or all of them if there are none.
    """
    arrays = [i.value for i in program.inputs if i.value.shape]
    data = [v for v in arrays if v not in wrt] or arrays[:1]
    names: dict[Dim, str] = {}
    used = set(taken)

    def give(dim: Dim, letter: str) -> None:
        number, name = 2, letter
        while name in used:
            name, number = f"{letter}{number}", number + 1
        used.add(name)
        names[dim] = name

    if data:
        rank = len(data[0].shape)
        wanted = ("D", "N") if _is_columns(program, data[0], wrt) else _LETTERS.get(rank, ())
        for axis, size in enumerate(data[0].sizes):
            if size.atom is not None and size.atom not in names:
                give(size.atom, wanted[axis] if axis < len(wanted) else "D")
    rest = []
    ordered = [v for v in arrays if v not in data]
    for value in (*data, *ordered):
        for size in value.sizes:
            rest += [d for d in size.dims() if d not in names and d not in rest]
    labels = [s.atom for v in data[1:] for s in v.sizes[-1:] if s.atom in rest]
    classes = labels[-1] if labels else (rest[-1] if rest else None)
    hidden = [d for d in rest if d != classes]
    for number, dim in enumerate(hidden, 1):
        give(dim, "K" if len(hidden) == 1 else f"K{number}")
    if classes is not None:
        give(classes, "C")
    return names


def _is_columns(program: Program, data: Value, wrt: Sequence[Value]) -> bool:
    """Whether the examples are columns: a weight matrix stands on the left of the data."""
    if len(data.shape) != 2:
        return False
    uses = [s for s in program.steps[: program.backward_from] if data in s.inputs]
    return any(
        s.op.name in ("matmul", "dot") and s.inputs[1] is data and s.inputs[0] in wrt for s in uses
    )


def header(
    program: Program, names: dict[Value, str], dims: dict[Dim, str], body: Sequence[str]
) -> list[str]:
    """The lines, without indentation.

    Args:
        program: the program.
        names: the name of every input.
        dims: the letter of every free size.
        body: the lines that follow, which may use the letters.
    """
    known: set[Dim] = set()
    definitions: list[tuple[list[str], str]] = []
    checked: list[tuple[Value, str]] = []
    for value in _by_definition(program, dims):
        name = names[value]
        if value.weak or not value.shape:
            checked.append((value, f"np.shape({name})"))
            continue
        atoms = [size.atom for size in value.sizes]
        new = [a for a in atoms if a is not None and a not in known]
        if len(new) == len(atoms) == len(set(new)):
            definitions.append(([dims[a] for a in new], name))
        else:
            for axis, atom in enumerate(atoms):
                if atom is not None and atom not in known:
                    definitions.append(([dims[atom]], f"{name}.shape[{axis}]"))
                    known.add(atom)
            checked.append((value, f"{name}.shape"))
        known.update(new)
    checks = _shape_check([(text, _shape_text(v, dims)) for v, text in checked])
    checks += [line for check in program.checks for line in _size_check(check, dims)]
    used = set(re.findall(r"\w+", " ".join([*checks, *body])))
    lines = []
    for targets, source in definitions:
        lines += _definition(targets, source, used)
    return lines + checks


def _by_definition(program: Program, dims: dict[Dim, str]) -> list[Value]:
    """Inputs, those first whose sizes are single dims of their own."""
    first = {atom: place for place, atom in enumerate(dims)}
    values = sorted(
        (i.value for i in program.inputs),
        key=lambda v: (
            min((first.get(s.atom, 99) for s in v.sizes if s.atom), default=99),
            -len(v.shape),
        ),
    )
    found: list[Value] = []
    known: set[Dim] = set()
    for value in values:
        atoms = [s.atom for s in value.sizes]
        fresh = [a for a in atoms if a is not None and a not in known]
        if value.shape and len(fresh) == len(atoms) == len(set(fresh)):
            found.append(value)
            known.update(fresh)
    return found + [i.value for i in program.inputs if i.value not in found]


def _definition(targets: list[str], source: str, used: set[str]) -> list[str]:
    """`N, D = x.shape`, or a check of the number of axes where no letter is used."""
    if source.endswith("]"):
        return [f"{targets[0]} = {source}"]
    if not used & set(targets):
        axes = f"{len(targets)} {'axis' if len(targets) == 1 else 'axes'}"
        return [f"if {source}.ndim != {len(targets)}:", *_raise(f"{source} must have {axes}")]
    left = ", ".join(targets) if len(targets) > 1 else f"({targets[0]},)"
    return [f"{left} = {source}.shape"]


def _shape_text(value: Value, dims: dict[Dim, str]) -> str:
    parts = [literals.size(size, dims).code for size in value.sizes]
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def _shape_check(pairs: list[tuple[str, str]]) -> list[str]:
    if not pairs:
        return []
    wanted = ", ".join(f"{_bare(text)} {shape}" for text, shape in pairs)
    if len(pairs) == 1:
        message = f"{_bare(pairs[0][0])} must have shape {pairs[0][1]}"
        return [f"if {pairs[0][0]} != {pairs[0][1]}:", *_raise(message)]
    message = f"the shapes must be {wanted}"
    one_line = f"if ({', '.join(t for t, _ in pairs)}) != ({', '.join(s for _, s in pairs)}):"
    if len(one_line) <= 92:
        return [one_line, *_raise(message)]
    (text, shape), *others = pairs
    lines = ["if (", f"    {text} != {shape}"]
    lines += [f"    or {text} != {shape}" for text, shape in others]
    return [*lines, "):", *_raise(message)]


def _bare(text: str) -> str:
    return text.removeprefix("np.shape(").removesuffix(")").removesuffix(".shape")


def _raise(message: str) -> list[str]:
    """`raise ValueError(...)`, in several lines where one is too long."""
    parts = _wrapped(message)
    if len(parts) == 1 and len(parts[0]) < 68:
        return [f"    raise ValueError({parts[0]})"]
    return ["    raise ValueError(", *(f"        {part}" for part in parts), "    )"]


def _wrapped(text: str) -> list[str]:
    """A string in quoted parts of at most 80 columns."""
    parts, current = [], ""
    for word in text.split(" "):
        if current and len(current) + 1 + len(word) > 78:
            parts.append(current + " ")
            current = word
        else:
            current = f"{current} {word}" if current else word
    return [f'"{part}"' for part in [*parts, current]]


_OPPOSITE = {"==": "!=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def _size_check(check: SizeCheck, dims: dict[Dim, str]) -> list[str]:
    left, right = (literals.size(e, dims, whole=False).code for e in (check.left, check.right))
    must = check.kind if check.truth else _OPPOSITE[check.kind]
    refused = _OPPOSITE.get(must, "==")
    words = f"this was written for {left} {must} {right}"
    return [f"if {left} {refused} {right}:", *_raise(words)]
