"""Who may import whom, read from the source with `ast`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import retrograd

ROOT = Path(retrograd.__file__).parent

# each may import those in front of it; the five stages share a place and do not import one another
ORDER = [
    {"report"},
    {"errors"},
    {"arguments", "native"},
    {"program"},
    {"ops"},
    {"trace", "differentiate", "rewrite", "write", "compile"},
    {"pairing"},
    {"nonfinite"},
    {"replay"},
    {"recorded", "selection"},
    {"gradient"},
    {"pullback"},
    {"jacobians"},
    {"layers", "losses", "optimizers", "data"},
    {"compiled"},
    {"train", "check"},
    {"diagnosis"},
    {"explanation", "estimators", "export", "distributed", "testing"},
    {"cli"},
]
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}
# plain NumPy: of the stages' world only the named functions of ops/
PLAIN = {"layers", "activations", "losses", "optimizers", "data"}
ALLOWED_TO_PLAIN = PLAIN | {"errors", "arguments", "ops"}


def package_of(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def without_type_checking(tree: ast.Module) -> ast.Module:
    """The module without what only type checkers read."""
    kept = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    ]
    return ast.Module(kept, [])


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(without_type_checking(ast.parse(path.read_text(encoding="utf-8")))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("retrograd"):
            parts = (node.module or "").split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("retrograd.")}
    return found


def violations(path: Path, found: set[str]) -> list[str]:
    package = package_of(path)
    if package in ("__init__", "__main__"):
        return []
    wrong = []
    for other in sorted(found - {package, "__version__"}):
        if package in PLAIN:
            allowed = other in ALLOWED_TO_PLAIN
        else:
            allowed = other in RANK and RANK[other] < RANK[package]
        if not allowed:
            wrong.append(f"{path.relative_to(ROOT)} imports {other}")
    return wrong


FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_the_right_way(path: Path) -> None:
    assert violations(path, imports(path)) == []


def test_the_check_sees_a_wrong_import() -> None:
    assert violations(ROOT / "ops" / "linear.py", {"trace"})
    assert violations(ROOT / "write" / "writer.py", {"trace"})
    assert violations(ROOT / "layers" / "dense.py", {"gradient"})


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_are_about_one_subject(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 320
    assert not any(word in path.stem for word in ("utils", "helpers", "misc", "common"))


def test_text_is_executed_in_two_files() -> None:
    callers = [
        path.relative_to(ROOT).as_posix()
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("exec", "eval")
    ]
    # what is read; and how much memory its compiled form needs
    assert sorted(callers) == ["compile/lowered.py", "write/execute.py"]
