"""What all tests share: the oracles are importable; slow tests are sampled unless asked for."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
import zlib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
if "RETROGRAD_CACHE" not in os.environ:  # nothing stays behind
    os.environ["RETROGRAD_CACHE"] = tempfile.mkdtemp(prefix="retrograd-tests-")
    atexit.register(shutil.rmtree, os.environ["RETROGRAD_CACHE"], ignore_errors=True)
SAMPLED = 8  # of so many slow tests one is run


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="run every slow test, not a sample")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--all"):
        return
    left_out = [
        item
        for item in items
        if item.get_closest_marker("slow") and zlib.crc32(item.nodeid.encode()) % SAMPLED
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        chosen = set(map(id, left_out))
        items[:] = [item for item in items if id(item) not in chosen]
