"""The written text: kept word for word, runs alone, fits any batch, is the same everywhere."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import retrograd as rg
from write.programs import PROGRAMS, loss, two_layers

CASES = Path(__file__).parents[1] / "cases"
ALL = sorted(PROGRAMS)


def flat(thing: Any) -> list[Any]:
    if isinstance(thing, tuple | list):
        return [leaf for item in thing for leaf in flat(item)]
    return [thing]


def loaded(gradient: Any, args: list[Any]) -> Any:
    """The text's last function, in a namespace of its own, with captured arrays bound."""
    namespace: dict[str, Any] = {}
    text = gradient.source(*args)
    exec(text, namespace)
    name = [n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)][-1]
    captured = {k: r() for k, r in zip(*captured_of(gradient, args), strict=True)}
    return lambda *a: namespace[name](*a, **captured)


def captured_of(gradient: Any, args: list[Any]) -> tuple[list[str], list[Any]]:
    entry = gradient._recorded.entry(tuple(args), {})
    return [n for n, _ in entry.reads], [r for _, r in entry.reads]


@pytest.mark.parametrize("name", ALL)
def test_the_text_is_as_it_was(name: str) -> None:
    """To accept a change, run with RETROGRAD_UPDATE=1 and read the difference."""
    gradient, arguments = PROGRAMS[name]
    text = gradient.source(*arguments(8))
    file = CASES / f"{name}.py"
    if os.environ.get("RETROGRAD_UPDATE"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ALL)
def test_the_text_gives_the_same_bits_as_the_call(name: str) -> None:
    gradient, arguments = PROGRAMS[name]
    args = arguments(8)
    for a, b in zip(flat(gradient(*args)), flat(loaded(gradient, args)(*args)), strict=True):
        np.testing.assert_array_equal(a, b)
        assert np.asarray(a).dtype == np.asarray(b).dtype


@pytest.mark.parametrize("n", [2, 5, 13])
@pytest.mark.parametrize("name", ALL)
def test_the_text_fits_another_number_of_rows(name: str, n: int) -> None:
    gradient, arguments = PROGRAMS[name]
    function = loaded(gradient, arguments(8))
    other = arguments(n)
    for a, b in zip(flat(gradient(*other)), flat(function(*other)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-15)


def test_shapes_that_do_not_fit_are_refused() -> None:
    gradient, arguments = PROGRAMS["two_layers"]
    function = loaded(gradient, arguments(8))
    x, y, W1, b1, W2, b2 = arguments(8)
    with pytest.raises(ValueError, match="the shapes must be y"):
        function(x, y[:1], W1, b1, W2, b2)
    with pytest.raises(ValueError, match="the shapes must be"):
        function(x, y, W1, b1[:1], W2, b2)
    with pytest.raises(ValueError):
        function(x[0], y[0], W1, b1, W2, b2)


@pytest.mark.parametrize("name", ALL)
def test_the_text_is_fit_to_read(name: str) -> None:
    gradient, arguments = PROGRAMS[name]
    text = gradient.source(*arguments(8))
    assert max(map(len, text.splitlines())) <= 100
    tree = ast.parse(text)
    assert [ast.unparse(n) for n in tree.body if isinstance(n, ast.Import)] == [
        "import numpy as np"
    ]
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name)]
    stored = {n.id for n in names if isinstance(n.ctx, ast.Store)}
    unpacked = {
        t.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Tuple)
        for t in ast.walk(n.targets[0])
        if isinstance(t, ast.Name)
    }
    used = {n.id for n in names if isinstance(n.ctx, ast.Load)}
    assert stored - used - unpacked == set()  # of an unpacked shape one letter may be unused
    computed = [
        line
        for line in text.splitlines()
        if " = " in line and "shape" not in line and "params" not in line and ":" not in line[:12]
    ]
    assert all("# (" in line for line in computed)


def test_the_text_runs_where_retrograd_is_not_installed(tmp_path: Path) -> None:
    gradient, arguments = PROGRAMS["tanh_network"]
    script = tmp_path / "step.py"
    script.write_text(
        gradient.source(*arguments(3))
        + """

params = [(np.ones((4, 5)), np.ones(5)), (np.ones((5, 3)), np.ones(3))]
value, gradients = value_and_grad_of_tanh_network(params, np.ones((6, 4)), np.zeros((6, 3)))
print(float(value), [[a.shape for a in pair] for pair in gradients])
""",
        encoding="utf-8",
    )
    numpy_only = str(Path(np.__file__).parents[1])
    code = (
        "import sys, importlib.abc, runpy\n"
        "class Refuse(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] == 'retrograd': raise ImportError(name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
        f"sys.path.append({numpy_only!r})\n"
        f"runpy.run_path({str(script)!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[[(4, 5), (5,)], [(5, 3), (3,)]]" in done.stdout


def test_the_text_is_the_same_bytes_in_another_process() -> None:
    code = (
        "from write.programs import PROGRAMS\n"
        "for name in sorted(PROGRAMS):\n"
        "    gradient, arguments = PROGRAMS[name]\n"
        "    print(gradient.source(*arguments(8)))\n"
    )
    texts = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        environment["PYTHONPATH"] = str(CASES.parent)
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, env=environment
        )
        texts.append(done.stdout)
    assert texts[0] == texts[1]
    here = "".join(PROGRAMS[n][0].source(*PROGRAMS[n][1](8)) + "\n" for n in ALL)
    assert texts[0].decode().replace("\r\n", "\n") == here


def test_a_traceback_shows_the_text() -> None:
    import traceback

    step = rg.grad(loss, wrt="W1")
    args = two_layers(8)
    step(*args)
    entry, _ = next(iter(step._recorded._entries.values()))[0]
    try:
        entry.run(*args[:3], *args[3:5], np.ones(3))
    except ValueError:
        assert "the shapes must be" in traceback.format_exc()
        assert "raise ValueError(" in traceback.format_exc()


def test_python_floats_strings_and_counts_are_part_of_the_program() -> None:
    def f(x: Any, n: int = 3, mode: str = "a", reg: float = 0.5) -> Any:
        return np.sum(x[:n] * reg) if mode == "a" else np.sum(x)

    x = np.arange(4.0)
    step = rg.grad(f)
    assert step(x).tolist() == [0.5, 0.5, 0.5, 0.0]
    assert step(x, 2).tolist() == [0.5, 0.5, 0.0, 0.0]
    assert step(x, mode="b").tolist() == [1.0] * 4
    assert step(x, reg=2.0).tolist() == [2.0, 2.0, 2.0, 0.0]
    namespace: dict[str, Any] = {}
    exec(step.source(x), namespace)
    assert namespace["grad_of_f"](x).tolist() == [0.5, 0.5, 0.5, 0.0]
    with pytest.raises(ValueError, match="written for n = 3"):
        namespace["grad_of_f"](x, n=2)


SIZES = {
    "half in a product": lambda x: np.sum(x) * (3 * (len(x) // 2)),
    "rest in a product": lambda x: np.sum(x) * (5 * (len(x) % 4)),
    "half of the rows": lambda x: np.mean(np.zeros((len(x) // 2, 3)) + x[: len(x) // 2]),
    "a half that is one": lambda x: np.mean(x.reshape(x.shape[0] // 2, 2, 3).sum(1) ** 2),
    "squeezed": lambda x: np.mean(np.squeeze(x[: len(x) // 2]) ** 2),
    "a comparison": lambda x: np.sum(x) * (2 if x.shape[0] > 3 else 1),
    "a loop": lambda x: sum(np.sum(x[i] ** 2) * i for i in range(len(x))),
    "half of the number": lambda x: np.sum(x) * (len(x) / 2),
    "a fraction of a sum": lambda x: np.sum(x**2) * ((len(x) + 1) / 2),
    "a derived shape": lambda x: np.mean(x.reshape(x.shape[0] // 2, 2, -1).sum(axis=0) ** 2),
    "any squeezed": lambda x: np.sum(np.squeeze(x) * np.squeeze(x)),
    "one over a difference": lambda x: np.sum(x**2) / (len(x) - 1),
    "joined": lambda x: np.mean(np.concatenate([x, x[1:]], axis=0) ** 2),
}


@pytest.mark.parametrize("recorded", [2, 3, 6])
@pytest.mark.parametrize("name", SIZES)
def test_text_is_right_for_other_sizes_or_refuses_them(name: str, recorded: int) -> None:
    f = SIZES[name]
    step = rg.value_and_grad(f)
    rng = np.random.default_rng(0)
    made = 2 * recorded if name == "half of the rows" and recorded % 2 else recorded
    x = rng.normal(size=(made, 3))
    if name in ("a half that is one", "a derived shape") and made % 2:
        x = rng.normal(size=(2 * made, 3))
    assert step(x)[0] == pytest.approx(f(x), rel=1e-13)
    function = loaded(step, [x])
    for n in (2, 3, 4, 6, 8):
        other = rng.normal(size=(n, 3))
        try:
            value, gradient = function(other)
        except ValueError:
            continue
        expected, theirs = step(other)
        assert value == pytest.approx(expected, rel=1e-13)
        np.testing.assert_allclose(gradient, theirs, rtol=1e-12)
