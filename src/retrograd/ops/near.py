"""Functions that have a rule and are called nearly like one that has none."""

from __future__ import annotations

from difflib import get_close_matches

import numpy as np

from retrograd.ops.table import COMPOSED, TABLE


def near_functions(name: str) -> list[str]:
    """Functions with a rule whose names are like this one's."""
    functions = [f for op in TABLE if op.derivative == "rule" for f in op.functions]
    functions += [f for f in COMPOSED if callable(f)]
    names = set()
    for function in functions:
        module = getattr(function, "__module__", None) or "numpy"
        if isinstance(function, np.ufunc):
            module = "numpy" if hasattr(np, function.__name__) else "scipy.special"
        if module.startswith(("numpy", "scipy")) and not function.__name__.startswith("<"):
            names.add(f"{module.replace('numpy', 'np', 1)}.{function.__name__}")
    own = name.partition(" ")[0].partition("(")[0]
    found = get_close_matches(own, sorted(names - {own}), n=3, cutoff=0.75)
    head, _, last = own.rpartition(".")
    parts = [n for n in sorted(names) if n != own and len(last) > 3 and last in n.split(".")[-1]]
    return list(dict.fromkeys([*parts[:2], *found]))[:3] if head else found
