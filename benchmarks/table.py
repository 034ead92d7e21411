"""What was measured, as text and as Markdown."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from benchmarks.measure import Times


def rows(found: list[Times]) -> list[tuple[str, ...]]:
    """(way, minimum µs, median µs, ratios to our step and our epoch): above 1, we are faster."""
    own = [t for t in found if t.way.startswith("retrograd")]
    made = []
    for times in found:
        ratios = [
            f"{statistics.median(a / b for a, b in zip(times.seconds, t.seconds, strict=True)):.2f}"
            for t in own
        ]
        low, middle = min(times.seconds) * 1e6, times.median * 1e6
        made.append((times.way, f"{low:.4g}", f"{middle:.4g}", *ratios))
    return made


def heading(found: list[Times]) -> tuple[str, ...]:
    """The same for the first line."""
    own = [t.way for t in found if t.way.startswith("retrograd")]
    return "", "minimum µs", "median µs", *(f"/ {way}" for way in own)


def text(found: list[Times]) -> str:
    """For the terminal."""
    lines = [heading(found), *rows(found)]
    widths = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            c.rjust(w) if k else c.ljust(w)
            for k, (c, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def markdown(found: list[Times]) -> str:
    """For a page."""
    first, *rest = [heading(found), *rows(found)]
    rule = "|".join(["---", *["---:"] * (len(first) - 1)])
    return "\n".join([_line(first), f"|{rule}|", *map(_line, rest)])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def machine(cores: int) -> str:
    """The machine, the cores in use, the versions, and the BLAS kernel that runs."""
    import numpy  # noqa: F401  its BLAS is what is looked at
    from threadpoolctl import threadpool_info

    blas = {i.get("architecture") or "" for i in threadpool_info() if i["user_api"] == "blas"}
    names = ("retrograd", "numpy", "numba", "jax", "torch", "scikit-learn")
    versions = ", ".join(f"{name} {found}" for name in names if (found := _version(name)))
    return (
        f"{_processor()}, {cores} core{'s' if cores > 1 else ''} in use; "
        f"{platform.system()}, Python {platform.python_version()}; {versions}; "
        f"BLAS kernel {', '.join(sorted(filter(None, blas)))}"
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(t.split(":")[1].strip() for t in file if t.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
