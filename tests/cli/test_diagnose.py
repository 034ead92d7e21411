"""`retrograd diagnose`: what it prints in each format, and its exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import numpy as np

print("said by the file")

def loss(i):
    return ((i["X"] @ i["w"] - i["y"]) ** 2).mean()

def grads(i):
    e = i["X"] @ i["w"] - i["y"]
    return {"dw": FACTOR * i["X"].T @ e / len(e)}

def make_inputs(seed):
    r = np.random.default_rng(seed)
    return {"X": r.normal(size=(5, 3)), "w": r.normal(size=3), "y": r.normal(size=5)}

def step(i):
    i["w"] += 0.1 * grads(i)["dw"]

class Tanh:
    def forward(self, x):
        self.a = np.tanh(x)
        return self.a

    def backward(self, g):
        return g * (1 + self.a**2)
"""


def run(directory: Path, *arguments: str, factor: str = "1") -> subprocess.CompletedProcess[str]:
    (directory / "homework.py").write_text(PROGRAM.replace("FACTOR", factor), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "retrograd", "diagnose", *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_a_mistake_is_exit_status_1(tmp_path: Path) -> None:
    done = run(tmp_path, "homework.py")
    assert done.returncode == 1
    assert "error[RG504]" in done.stdout
    assert "retrograd explain RG504" in done.stdout
    assert "said by the file" not in done.stdout


def test_a_right_program_is_exit_status_0(tmp_path: Path) -> None:
    done = run(tmp_path, "homework.py", factor="2")
    assert done.returncode == 0
    assert "all 1 gradients are right" in done.stdout


def test_json_is_json(tmp_path: Path) -> None:
    plain = json.loads(run(tmp_path, "homework.py", "--format", "json").stdout)
    assert plain["findings"][0]["cause"] == "missing_factor_two"


@pytest.mark.parametrize(
    ("form", "start"), [("concise", "homework.py:11:"), ("github", "::error file=")]
)
def test_one_line_for_each_finding(form: str, start: str, tmp_path: Path) -> None:
    lines = run(tmp_path, "homework.py", "--format", form).stdout.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(start)


def test_a_layer_is_named_after_a_colon(tmp_path: Path) -> None:
    done = run(tmp_path, "homework.py:Tanh", "--format", "concise")
    assert done.returncode == 1
    assert "RG527" in done.stdout


def test_a_training_step(tmp_path: Path) -> None:
    done = run(tmp_path, "homework.py", "--step", "step", "--format", "concise", factor="2")
    assert done.returncode == 1
    assert "RG572" in done.stdout


def test_usage_is_exit_status_2(tmp_path: Path) -> None:
    assert run(tmp_path, "nothing.py").returncode == 2
    assert run(tmp_path, "homework.py", "--format", "long").returncode == 2
    assert run(tmp_path, "homework.py", "--grads", "gradients").returncode == 2
