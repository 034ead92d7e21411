"""Every public name stands once, and every error code has a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import retrograd as rg

SOURCE = Path(rg.__file__).parent
DOCS = SOURCE.parents[1] / "docs" / "errors"
CODE = re.compile(r'"(RG\d{3})"')


def codes() -> list[str]:
    found = {
        code
        for path in SOURCE.rglob("*.py")
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }
    return sorted(found)


def test_every_public_name_is_exported_once() -> None:
    assert len(set(rg.__all__)) == len(rg.__all__)
    for name in rg.__all__:
        assert hasattr(rg, name)
        assert getattr(rg, name).__doc__


@pytest.mark.parametrize("code", codes())
def test_every_code_has_a_page_with_four_parts(code: str) -> None:
    page = (DOCS / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code}")
    for part in (
        "## What it means",
        "## Why it matters",
        "## An example",
        "## The example repaired",
    ):
        assert part in page


def test_pages_are_for_codes_that_exist() -> None:
    assert {path.stem for path in DOCS.glob("RG*.md")} == set(codes())


@pytest.mark.parametrize("code", codes())
@pytest.mark.filterwarnings("ignore::retrograd.recorded.RecordedAtEveryCall")
def test_the_examples_on_the_pages_do_what_they_say(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first block of a page raises its code; the second runs."""
    page = (DOCS / f"{code}.md").read_text(encoding="utf-8")
    wrong, right = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    with pytest.raises((rg.RetrogradError, rg.LikelyMistake)) as caught:
        exec(compile(wrong, f"{code}_wrong", "exec"), {})
    assert caught.value.code == code
    exec(compile(right, f"{code}_right", "exec"), {})
