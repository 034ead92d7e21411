"""The promises of speed that hold on one machine alone: recording, a repeated call, the import."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import retrograd as rg
from write.programs import NAMES, loss, two_layers


def median_seconds(call: Callable[[], Any], times: int) -> float:
    """The smallest of three medians: other processes only ever make it longer."""

    def once() -> float:
        start = time.perf_counter()
        call()
        return time.perf_counter() - start

    return min(statistics.median(once() for _ in range(times)) for _ in range(3))


def test_recording_takes_under_50_milliseconds() -> None:
    args = two_layers(8)
    assert median_seconds(lambda: rg.value_and_grad(loss, wrt=NAMES)(*args), 9) < 0.050


def test_a_repeated_call_takes_under_20_microseconds_more_than_its_text() -> None:
    args = [np.asarray(a)[..., :2] if i == 0 else a for i, a in enumerate(two_layers(2))]
    args[2] = args[2][:2]
    step = rg.value_and_grad(loss, wrt=NAMES)
    step(*args)
    text = next(iter(step._recorded._entries.values()))[0][0].run
    difference = median_seconds(lambda: step(*args), 400) - median_seconds(lambda: text(*args), 400)
    assert difference < 20e-6


def test_the_import_takes_under_a_quarter_of_a_second() -> None:
    code = "import time; s = time.perf_counter(); import retrograd; print(time.perf_counter() - s)"
    times = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(7)
    ]
    assert min(times) < 0.25
