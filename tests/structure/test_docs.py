"""The documents say what is so."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import scipy.special

import retrograd as rg
from retrograd.ops import TABLE, signal, special
from retrograd.ops.table import COMPOSED

SCIPY = (signal, special)  # importing them puts their functions into the table
ROOT = Path(rg.__file__).parents[2]

_ANSWERS = {
    "rule": "has a gradient",
    "zero": "gradient is zero",
    "none": "has none: stops with RG401 if the result depends on it",
}


def _module_of(function: Any) -> str:
    module = getattr(function, "__module__", None) or ""
    if module.startswith("scipy") or hasattr(scipy.special, function.__name__):
        return "scipy.signal." if "signal" in module else "scipy.special."
    return "np.linalg." if module == "numpy.linalg" else "np."


def table() -> str:
    """docs/operations.md, from the op table."""
    lines = [
        "# Operations",
        "",
        "Made from the op table (`src/retrograd/ops/`) by `tests/structure/test_docs.py`.",
        "Any other function of NumPy can be computed; a gradient through it stops with RG402.",
        "",
    ]
    families: dict[str, list[str]] = {}
    for entry in TABLE:
        sentence = entry.doc.splitlines()[0].replace("|", "\\|")
        families.setdefault(entry.home.rpartition(".")[2], []).append(
            f"| `{entry.name}` | {_ANSWERS[entry.derivative]} | {sentence} |"
        )
    for function, body in COMPOSED.items():
        name = f"{function[0].__name__}.{function[1]}" if isinstance(function, tuple) else None
        home = body.__module__.rpartition(".")[2]
        sentence = (body.__doc__ or "").splitlines()[0] if body.__doc__ else "the same, in place."
        name = name or f"{_module_of(function)}{function.__name__}"
        row = f"| `{name}` | has a gradient, through the operations it is made of | {sentence} |"
        families.setdefault(home, []).append(row.replace("|x|", "\\|x\\|"))
    for family, rows in sorted(families.items()):
        lines += [f"## {family}", "", "| operation | derivative | |", "|---|---|---|", *rows, ""]
    return "\n".join(lines)


def test_the_list_of_operations_is_the_op_table() -> None:
    file = ROOT / "docs" / "operations.md"
    if os.environ.get("RETROGRAD_UPDATE"):
        file.write_text(table(), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == table()


def test_the_readme_shows_the_text_that_is_written() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    text = (ROOT / "tests" / "cases" / "two_layers.py").read_text(encoding="utf-8")
    assert text.rstrip() in readme


def test_every_folder_is_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for place in (ROOT / "src" / "retrograd").iterdir():
        if place.name.startswith("_") or place.name == "py.typed":
            continue
        assert f"`{place.name}{'/' if place.is_dir() else ''}`" in text, place.name
