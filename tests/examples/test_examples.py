"""Every example runs, and the pages in docs/questions show what it prints and how it is written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import retrograd as rg

ROOT = Path(rg.__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PAGES = sorted((ROOT / "docs" / "questions").glob("?.md"))
MARK = re.compile(r"<!-- (code|output): (.*?) -->\n(?:\n?```\w+\n.*?\n```\n)?", flags=re.DOTALL)


@cache
def printed(example: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(example)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", "COLUMNS": "80"},
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def sections(example: Path) -> dict[str, str]:
    """What it prints under each `== name`."""
    parts = re.split(r"^== (.*)$", printed(example), flags=re.MULTILINE)[1:]
    return {name: text.strip("\n") for name, text in zip(parts[::2], parts[1::2], strict=True)}


def snippets(example: Path) -> dict[str, str]:
    """The code between `# [name]` and `# [end]`."""
    found = re.findall(
        r"^ *# \[(?!end\])(.*?)\]\n(.*?)^ *# \[end\]$",
        example.read_text(encoding="utf-8"),
        flags=re.DOTALL | re.MULTILINE,
    )
    result = {}
    for name, code in found:
        lines = code.rstrip().splitlines()
        indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
        result[name] = "\n".join(line[indent:] for line in lines)
    return result


def example_of(page: Path) -> Path:
    name = re.search(r"examples/(\w+\.py)", page.read_text(encoding="utf-8"))
    assert name is not None
    return ROOT / "examples" / name.group(1)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_without_a_warning(example: Path) -> None:
    assert "== " in printed(example)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_shows_what_its_example_prints(page: Path) -> None:
    example = example_of(page)
    outputs, codes = sections(example), snippets(example)
    used: set[tuple[str, str]] = set()

    def filled(found: re.Match[str]) -> str:
        kind, name = found.groups()
        used.add((kind, name))
        text = codes[name] if kind == "code" else outputs[name]
        language = "python" if kind == "code" else "text"
        return f"<!-- {kind}: {name} -->\n\n```{language}\n{text}\n```\n"

    text = page.read_text(encoding="utf-8")
    renewed = MARK.sub(filled, text)
    assert {name for kind, name in used if kind == "output"} == set(outputs), "each section once"
    assert {name for kind, name in used if kind == "code"} == set(codes)
    if os.environ.get("RETROGRAD_UPDATE"):
        page.write_text(renewed, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == renewed


def test_there_is_a_page_for_each_of_the_five_questions() -> None:
    assert [page.stem for page in PAGES] == ["a", "b", "c", "d", "e"]
