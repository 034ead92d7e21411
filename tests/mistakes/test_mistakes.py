"""Each mistake gets its name; right programs get none."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import retrograd as rg
from mistakes.changes import ALL, ANY, CHANGES, Change
from mistakes.loop_changes import LOOPS
from mistakes.more_changes import MORE
from mistakes.rare_changes import RARE

PROGRAMS = Path(__file__).parent / "programs"


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", sorted(PROGRAMS.glob("*.py")), ids=lambda p: p.stem)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_right_program_raises_no_alarm(path: Path, seed: int) -> None:
    module = load(path)
    found = rg.diagnose(module.loss, module.grads, module.make_inputs, seed=seed)
    assert found.ok, found
    assert not found.findings, found


@pytest.mark.parametrize("change", CHANGES + MORE + RARE + LOOPS, ids=lambda c: c.id)
def test_a_mistake_is_named(change: Change, tmp_path: Path) -> None:
    text = (PROGRAMS / f"{change.program}.py").read_text(encoding="utf-8")
    assert text.count(change.old) == 1
    first_line = text[: text.index(change.old)].count("\n") + 1
    path = tmp_path / f"{change.program}.py"
    path.write_text(text.replace(change.old, change.new), encoding="utf-8")
    module = load(path)
    found = rg.diagnose(module.loss, module.grads, module.make_inputs)
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        returned = module.grads(module.make_inputs(0))
    wrong = set(returned) if change.wrong in (ALL, ANY) else set(change.wrong.split())
    assert change.wrong == ANY or set(found.wrong) == wrong, found
    first = found.findings[0]
    assert (first.cause, first.family) == (change.cause, change.family), found
    assert change.line is None or first.line == first_line + change.line, found
    assert first.file == str(path)
    assert set(first.quantities) <= wrong
