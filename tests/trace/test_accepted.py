"""Every row of docs/accepted.md: the gradient is right, and the page is this list."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from accepted import ITEMS, Item

import retrograd as rg
from oracles import agrees

PAGE = Path(rg.__file__).parents[2] / "docs" / "accepted.md"
pytestmark = pytest.mark.filterwarnings("ignore::retrograd.recorded.RecordedAtEveryCall")


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.what[:50])
def test_what_people_write_has_the_right_gradient(item: Item, capsys: Any) -> None:
    agrees(item.function, *item.arguments())


def page() -> str:
    """docs/accepted.md."""
    lines = [
        "# What is accepted",
        "",
        "Made from `tests/trace/accepted.py`, where each row is a function whose gradient is",
        "compared with central differences. Operations are listed in",
        "[operations.md](operations.md); what is refused has a code and a page in",
        "[errors](errors).",
        "",
        "Your function runs as a shadow: the same code, with copies of what it reaches outside.",
        "What it prints is printed while it is recorded, and what it writes (into arguments,",
        "globals, attributes, lists) is written to the copies: your arrays and objects are as they",
        "were.",
        "",
    ]
    for group in dict.fromkeys(item.group for item in ITEMS):
        rows = [f"- {item.what}" for item in ITEMS if item.group == group]
        lines += [f"## {group}", "", *rows, ""]
    return "\n".join(lines)


def test_the_page_lists_what_is_tested() -> None:
    if os.environ.get("RETROGRAD_UPDATE"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def test_a_wrong_gradient_would_be_seen() -> None:
    def cut(x: Any) -> Any:
        return np.sum(rg.stop_gradient(x) * x)

    with pytest.raises(AssertionError):
        agrees(cut, np.ones(3))


CODE = """
import numpy as np

W = np.ones((3, 2))


def loss(x):
    h = np.zeros(2)
    for k in range(2):
        h[k] = np.tanh(x.dot(W[:, k]))
    return float(np.sum(h))
"""


@pytest.mark.parametrize("name", ["<stdin>", "<ipython-input-1-abc>", "/tmp/gone.py"])
def test_code_without_a_file_a_cell_or_a_file_that_is_gone(name: str) -> None:
    namespace: dict[str, Any] = {}
    exec(compile(CODE, name, "exec"), namespace)
    agrees(namespace["loss"], np.ones(3))


def test_the_prompt() -> None:
    typed = CODE + "\nimport retrograd as rg\nprint(rg.grad(loss)(np.ones(3)).round(3).tolist())\n"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-i"],
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "[0.02, 0.02, 0.02]" in done.stdout, done.stderr


def test_a_file(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "users_network.py").write_text(CODE)
    monkeypatch.syspath_prepend(tmp_path)
    import importlib

    agrees(importlib.import_module("users_network").loss, np.ones(3))
