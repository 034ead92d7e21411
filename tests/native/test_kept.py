"""Machine code on the disk: another process loads it without Numba, and nothing wrong is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

import retrograd as rg
from retrograd.errors import ArgumentError, CannotCompileError
from retrograd.native.kept import Native
from retrograd.native.machine_code import Code, read

pytest.importorskip("numba")

PROGRAM = """
import sys
import numpy as np
import retrograd as rg

rng = np.random.default_rng(0)
p = {"W": rng.normal(size=(6, 3)).astype(np.float32), "b": np.zeros(3, np.float32)}

def loss(p, x, y):
    z = x @ p["W"] + p["b"]
    z = z - z.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y])

x, y = rng.normal(size=(40, 6)).astype(np.float32), np.arange(40) % 3
step = rg.compile_step(loss, rg.optimizers.Adam(0.1), p, threads=THREADS)
print(step.epoch((x, y), None, 20).hex(), p["W"].tobytes().hex(), "numba" in sys.modules)
y[3] = 7
try:
    step.epoch((x, y), None, 20)
except IndexError as error:
    print(error)
"""


def run(folder: Path, threads: int = 1) -> tuple[list[str], str]:
    """What the program prints, and what it says beside."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("THREADS", str(threads))],
        env={**os.environ, "RETROGRAD_CACHE": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split(), done.stderr


@pytest.mark.parametrize("threads", [1, 2])
def test_a_second_process_needs_no_numba(tmp_path: Path, threads: int) -> None:
    first, said = run(tmp_path, threads)
    assert "compiling loss" in said
    assert first[2] == "True"
    again, said = run(tmp_path, threads)
    assert said == ""
    assert again[2] == "False"
    assert first[:2] == again[:2]
    assert " ".join(again[3:]) == "a label is none of the classes" == " ".join(first[3:])


def test_damaged_code_is_not_loaded(tmp_path: Path) -> None:
    first, _ = run(tmp_path)
    for file in tmp_path.glob("*.code"):
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 255
        file.write_bytes(content)
    again, said = run(tmp_path)
    assert "compiling" in said
    assert again == first
    for file in tmp_path.glob("*.code"):
        file.write_bytes(file.read_bytes()[:100])
    assert run(tmp_path)[0] == first


def test_no_folder_to_keep_it_in(tmp_path: Path) -> None:
    closed = tmp_path / "a file"
    closed.write_text("")
    first, said = run(closed)
    assert "compiling" in said
    assert first[2] == "True"


def test_a_file_of_code(tmp_path: Path) -> None:
    code = Code(b"\x7fELF\n\n1", "dq", ("other",))
    code.write(tmp_path / "some.code")
    assert read(tmp_path / "some.code") == code
    assert [f.name for f in tmp_path.iterdir()] == ["some.code"]
    assert read(tmp_path / "none.code") is None
    for wrong in (b"", b"{}\n", b"[1]\nx", b'{"check": "0", "returned": "", "needs": []}\nx'):
        (tmp_path / "some.code").write_bytes(wrong)
        assert read(tmp_path / "some.code") is None


FUNCTIONS = """
import numpy as np
from retrograd.native.arrays import at, shaped
from retrograd.native.functions import kernel

@kernel
def told(x, n, yes, single, double):
    return x.shape[0], x.shape[1], x[1, 0], n, yes, single, double

@kernel
def nothing(x):
    x[...] = 3

@kernel
def makes_memory(x):
    return np.zeros(x.shape[0]).sum()

@kernel
def makes_no_sense(x):
    return x.colour

@kernel
def raises(n):
    if n > 3:
        raise ValueError("more than three", 3)
    return n

@kernel
def cuts(memory):
    a, end = at(memory, 0, (2, 3))
    b, end = at(memory, end, (4,))
    c = shaped(b, (2, 2))
    a[1, 2], b[3], c[1, 0] = 1.0, 2.0, 3.0
    return end
"""
NATIVE = Native(FUNCTIONS, "a test")


def test_arguments_and_what_is_returned() -> None:
    x = np.arange(6, dtype=np.uint8).reshape(3, 2)
    call = NATIVE.call("told", x, -5, True, np.float32(0.1), 0.1)
    assert call() == (3, 2, 2, -5, 1, float(np.float32(0.1)), 0.1)
    call.set(0, x[1:] * 9)
    call.set(1, 2**40)
    call.set(2, False)
    assert call() == (2, 2, 36, 2**40, 0, float(np.float32(0.1)), 0.1)
    y = np.zeros((2, 0))
    assert NATIVE.call("nothing", y)() == ()
    for dtype in (bool, np.int8, np.uint16, np.int64, np.float64):
        z = np.zeros(5, dtype)
        NATIVE.call("nothing", z)()
        assert (z == np.array(3, dtype)).all()


def test_parts_of_memory() -> None:
    memory = np.zeros(12)
    assert NATIVE.call("cuts", memory)() == (10,)
    assert memory.tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 3, 2, 0, 0]


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((3, 2), np.float64),
        np.zeros(6, np.uint8),
        np.zeros((2, 3), np.uint8).T,
        np.zeros((3, 2), ">u2"),
    ],
)
def test_what_it_was_not_made_for(wrong: Any) -> None:
    x = np.zeros((3, 2), np.uint8)
    call = NATIVE.call("told", x, 1, True, np.float32(1), 1.0)
    with pytest.raises(TypeError):
        call.set(0, wrong)


def test_errors_are_python_errors() -> None:
    assert NATIVE.call("raises", 3)() == (3,)
    with pytest.raises(ValueError, match="more than three") as found:
        NATIVE.call("raises", 4)()
    assert found.value.args == ("more than three", 3)


@pytest.mark.parametrize(("name", "why"), [("makes_memory", "NRT"), ("makes_no_sense", "Numba: ")])
def test_what_has_no_code_of_its_own(name: str, why: str) -> None:
    with pytest.raises(CannotCompileError, match=why):
        NATIVE.call(name, np.zeros(3))


def line(p: Any, x: Any, y: Any) -> Any:
    return np.mean((x @ p["w"] - y) ** 2)


def test_what_cannot_be_compiled_runs_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = np.random.default_rng(0).normal(size=(30, 4)), np.arange(30) / 10
    found = []
    for fails in (False, True):
        if fails:
            refused = CannotCompileError("RG610", "for a test")
            monkeypatch.setattr(Native, "call", Mock(side_effect=refused))
        p = {"w": np.zeros(4)}
        step = rg.compile_step(line, rg.optimizers.Adam(0.1), p)
        losses = [step(X[:7], y[:7]), step.epoch((X, y), None, 7), step(X[:7], y[:7])]
        assert step.is_compiled((X, y), 7) is not fails
        found.append([*losses, *p["w"]])
    np.testing.assert_allclose(found[1], found[0], rtol=1e-12)


def test_a_parameter_that_cannot_be_written() -> None:
    p = {"w": np.zeros(4)}
    p["w"].flags.writeable = False
    step = rg.compile_step(line, rg.optimizers.Adam(0.1), p)
    with pytest.raises(ArgumentError, match="is read-only"):
        step(np.ones((3, 4)), np.ones(3))


def test_rows_that_are_not_there() -> None:
    X, y = np.ones((20, 4)), np.ones(20)
    p = {"w": np.zeros(4)}
    step = rg.compile_step(line, rg.optimizers.SGD(0.1), p)
    for data, order in [((X, y[:7]), None), ((X, y), [3, 20]), ((X, y), [-21]), ((X, y), [])]:
        with pytest.raises(ArgumentError, match="RG601"):
            step.epoch(data, order, 5)
    assert not p["w"].any()
    step.epoch((X, y), [-1, 19, -20, 0], 4)
    assert p["w"].any()


def test_data_in_another_byte_order_or_out_of_line() -> None:
    X, y = np.random.default_rng(0).normal(size=(30, 4)), np.arange(30) / 10
    memory = np.zeros(30 * 4 * 8 + 1, np.uint8)
    crooked = memory[1:].view(np.float64).reshape(30, 4)
    crooked[...] = X
    wide = np.repeat(X, 2, axis=1)[:, ::2]
    losses = []
    for data in (X, X.astype(">f8"), np.asfortranarray(X), crooked, wide):
        step = rg.compile_step(line, rg.optimizers.Adam(0.1), {"w": np.zeros(4)})
        one = [step(data[:7], y[:7]) for _ in range(2)]
        losses.append([step.epoch((data, y), None, 7), *one])
    assert all(found == pytest.approx(losses[0], rel=1e-12) for found in losses[1:])
