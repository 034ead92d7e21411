"""The command line, as a process: what it prints, its exit status, what it leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest


def run(*arguments: str, cwd: Path, **environment: str) -> Any:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "retrograd", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "80", **environment},
        timeout=120,
    )


def test_train_digits_says_what_it_did_and_saves_the_model(tmp_path: Path) -> None:
    done = run("train", "--epochs", "3", "--hidden", "32,16", "--out", "model", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for part in ("1437 training and 360 test", "W1 (64, 32)", "W3 (16, 10)", "training  accuracy"):
        assert part in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert (tmp_path / "model" / "model.safetensors").is_file()
    done = run("evaluate", "model", "digits", cwd=tmp_path)
    assert done.returncode == 0 and "test      accuracy" in done.stdout


def test_json_is_one_object(tmp_path: Path) -> None:
    done = run(
        "train", "--epochs", "2", "--activation", "tanh", "--optimizer", "sgd", "--lr", "0.05",
        "--batch-size", "64", "--seed", "4", "--format", "json", "--show-source", cwd=tmp_path,
    )  # fmt: skip
    result = json.loads(done.stdout)
    assert 0 < result["test_accuracy"] <= 1
    assert result["seed"] == 4 and result["learning_rate"] == 0.05
    assert "dW1 = x.T @ dz1" in result["source"]
    again = run("evaluate", "runs/latest", "digits", "--format", "json", cwd=tmp_path)
    assert json.loads(again.stdout)["test_accuracy"] == result["test_accuracy"]


def test_the_default_reaches_097(tmp_path: Path) -> None:
    done = run("train", "--format", "json", cwd=tmp_path)
    assert json.loads(done.stdout)["test_accuracy"] >= 0.97


def test_show_source_prints_the_step(tmp_path: Path) -> None:
    done = run("train", "--epochs", "1", "--show-source", cwd=tmp_path)
    text = done.stdout[done.stdout.index("import numpy as np") :]
    assert "    # backward" in text
    compile(text, "step", "exec")


NETWORK = """
import numpy as np

def loss(x, y, W, b):
    z = x @ W + b
    return np.mean((z - y) ** 2)

def make_inputs():
    return {"x": np.ones((5, 3)), "y": np.ones((5, 2)), "W": np.ones((3, 2)), "b": np.ones(2)}

def bad(x):
    if x.sum() > 0:
        return x.sum()
    return -x.sum()

def bad_inputs():
    return {"x": np.ones(3)}

def fails(x):
    return {}["missing"]

def failing_inputs():
    print("making inputs")
    return 1 / 0
"""


def test_source_prints_the_backward_pass_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NETWORK, encoding="utf-8")
    done = run("source", "net.py:loss", "--wrt", "W,b", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "dW = x.T @ dz" in done.stdout and "return loss, (dW, db)" in done.stdout
    np.savez(
        tmp_path / "demo.npz", x=np.ones((4, 3)), y=np.ones((4, 2)), W=np.ones((3, 2)), b=np.ones(2)
    )
    again = run("source", "net.py:loss", "--data", "demo.npz", "--wrt", "W,b", cwd=tmp_path)
    assert "(4, 2)" in again.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("train", "--hidden", "12;3"), 2, "RG801"),
        (("train", "--hidden", "-4"), 2, "RG801"),
        (("train", "--data", "."), 2, "RG801"),
        (("train", "mnist"), 2, "--data DIR"),
        (("train", "mnist", "--data", "nowhere"), 3, "RG701"),
        (("train", "cifar"), 2, "cifar"),
        (("train", "--epochs", "0"), 2, "epochs"),
        (("train", "--lr", "-1"), 2, "RG801"),
        (("train", "--seed", "4294967296"), 2, "seed"),
        (("train", "--hidden", "1_0"), 2, "RG801"),
        (("train", "--out", "net.py"), 3, "RG703"),
        (("source", "net.py:fails", "--inputs", "bad_inputs"), 3, "KeyError"),
        (("source", "net.py:bad", "--inputs", "failing_inputs"), 2, "ZeroDivisionError"),
        (("source", "net.py:bad", "--data", "cut.npz"), 2, "RG803"),
        (("source", "quits.py:loss"), 2, "SystemExit"),
        (("train", "--seed", "x"), 2, "seed"),
        (("train", "--epochs", "1", "--out", "net.py/below"), 3, "RG703"),
        (("train", "--colour"), 2, "colour"),
        (("source", "net.py"), 2, "RG802"),
        (("source", "net.py:los"), 2, "it has loss"),
        (("source", "none.py:loss"), 2, "there is no file"),
        (("source", "broken.py:loss"), 2, "SyntaxError"),
        (("source", "net.py:loss", "--inputs", "make"), 2, "RG803"),
        (("source", "net.py:loss", "--inputs", "bad_inputs"), 2, "lack y, W, b"),
        (("source", "net.py:loss", "--data", "net.py"), 2, "RG803"),
        (("source", "net.py:bad", "--inputs", "bad_inputs"), 3, "net.py:12"),
        (("evaluate", "nowhere", "digits"), 3, "RG704"),
    ],
)
def test_errors_are_one_message_and_a_status(
    tmp_path: Path, arguments: tuple[str, ...], status: int, message: str
) -> None:
    (tmp_path / "net.py").write_text(NETWORK, encoding="utf-8")
    (tmp_path / "broken.py").write_text("def loss(:", encoding="utf-8")
    (tmp_path / "quits.py").write_text("raise SystemExit(7)", encoding="utf-8")
    np.savez(tmp_path / "whole.npz", x=np.ones(3))
    (tmp_path / "cut.npz").write_bytes((tmp_path / "whole.npz").read_bytes()[:-30])
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == status, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.safetensors*"))


def test_a_closed_pipe_and_a_plain_terminal(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NETWORK, encoding="utf-8")
    done = run("train", "--epochs", "1", cwd=tmp_path, NO_COLOR="1", LANG="C", COLUMNS="20")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="pipes close differently there")
def test_an_output_that_closes_or_is_full_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NETWORK, encoding="utf-8")
    command = f"{sys.executable} -m retrograd source net.py:loss"
    for tail, statuses in (("| head -1", {0, 141}), ("> /dev/full", {3})):
        if "full" in tail and not Path("/dev/full").exists():
            continue
        line = f"set -o pipefail; {command} {tail}"
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode in statuses
        assert "Traceback" not in done.stderr and "Exception" not in done.stderr


def test_import_is_light() -> None:
    code = (
        "import sys, retrograd\n"
        "heavy = {'scipy', 'sklearn', 'numba', 'rich', 'typer', 'safetensors', 'jax', 'torch'}\n"
        "print(sorted(heavy & {m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
