"""Every row of docs/accepted.md: the gradient is right, and the page is this list."""

from __future__ import annotations

import os
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
