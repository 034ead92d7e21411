"""The benchmarks run, and leave out who computes something else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(sys.platform != "linux", reason="it pins processes to cores")
def test_the_command() -> None:
    command = [sys.executable, "-m", "benchmarks", "--only", "2-8-2", "--rounds", "2"]
    command += ["--contenders", "retrograd,numpy,gemm"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    for way in ("retrograd step", "retrograd epoch", "NumPy text", "GEMM calls alone"):
        assert way in done.stdout
    assert "failed" not in done.stdout and "losses are" not in done.stdout


def test_another_loss_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.measure import same

    assert same([2.30, 2.20], [2.3001, 2.2001])
    assert not same([2.30, 2.20], [2.30, 2.21])
