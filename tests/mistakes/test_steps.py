"""Each mistake of a training step gets its name; right steps get none."""

from __future__ import annotations

from pathlib import Path

import pytest

import retrograd as rg
from mistakes.step_changes import STEPS, StepChange
from mistakes.test_mistakes import load

PROGRAMS = Path(__file__).parent / "steps"


@pytest.mark.parametrize("path", sorted(PROGRAMS.glob("*.py")), ids=lambda p: p.stem)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_right_step_raises_no_alarm(path: Path, seed: int) -> None:
    module = load(path)
    found = rg.diagnose_training(module.step, module.loss, module.make_inputs, seed=seed)
    assert not found.findings, found


@pytest.mark.parametrize("change", STEPS, ids=lambda c: c.id)
def test_a_mistake_of_a_step_is_named(change: StepChange, tmp_path: Path) -> None:
    text = (PROGRAMS / f"{change.program}.py").read_text(encoding="utf-8")
    assert text.count(change.old) == 1
    path = tmp_path / f"{change.program}.py"
    path.write_text(text.replace(change.old, change.new), encoding="utf-8")
    module = load(path)
    found = rg.diagnose_training(module.step, module.loss, module.make_inputs)
    assert found.findings
    assert found.findings[0].cause == change.cause, found
