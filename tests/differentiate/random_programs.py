"""Random programs over the whole op table, with writes in place, views and reuse, as source text.

Each line applies an op in its own spelling to variables of the right shapes; the program is plain
NumPy, so that it runs without the library for the comparison.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.ops import TABLE, Op, literals
from retrograd.ops.samples import Sample
from retrograd.ops.spelling import Text

OPS = [
    entry
    for entry in TABLE
    if entry.derivative == "rule"
    and entry.lower is None
    and entry.name not in ("array", "as_float")
    and not entry.name.endswith("_vectors")  # they need values that are all different
]
ARGUMENTS = {"a": (3, 4), "b": (4,), "c": (3, 1), "s": (), "m": (3, 3)}

WRITES = [
    "{v}[0] = {w}.sum()",
    "{v}[-1] *= 0.5",
    "{v}[...] = np.tanh({v}) + {w}.mean()",
    "{v} += {w}.max()",
    "{v}[[0, 0]] = {v}[0] * {w}.sum()",
    "{v}[{v} > 0.37] = 0.1",
    "{v}[{v} < -0.41] *= 0.2",
    "np.add.at({v}, [0, 0], {w}.sum())",
    "part = {v}[:1]; part -= {w}.mean()",
    "part = {v}.T; part *= 0.9; {v}[0] += part.sum()",
    "part = {v}.reshape(-1); part[0] = {w}.sum() ** 2",
    "np.multiply({v}, 0.8, out={v})",
    "for row in {v}: row = row + 1.0",
    "{v}[::-1][0] = {v}[0] * 2",
]


class Writer:
    """Writes one program.

    Args:
        seed: of the random numbers; the same seed gives the same program.
    """

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.shapes: dict[str, tuple[int, ...]] = dict(ARGUMENTS)
        self.lines: list[str] = []
        self.used: list[str] = []

    def program(self, length: int = 7) -> str:
        """The source of a function `f(a, b, c, s, m)` that returns a number."""
        while len(self.used) < length:
            if self.used and self.rng.random() < 0.35:
                self._write()
            else:
                self._apply()
        terms = [f"{0.3 + 0.1 * n:.1f} * np.sum({v})" for n, v in enumerate(self.shapes)]
        body = "".join(f"    {line}\n" for line in self.lines)
        imports = {line for name in self.used if name != "write" for line in TABLE[name].imports}
        head = "\n".join(sorted({"import numpy as np", *imports}))
        return f"{head}\n\n\ndef f({', '.join(ARGUMENTS)}):\n{body}    return " + (
            " + ".join(terms) + "\n"
        )

    def _apply(self) -> None:
        entry = OPS[self.rng.integers(len(OPS))]
        sample = entry.samples[self.rng.integers(len(entry.samples))]
        operands = [self._operand(draw) for draw in sample.operands]
        name = f"v{len(self.used)}"
        concrete = [draw(np.random.default_rng(0)) for draw in sample.operands]
        with np.errstate(all="ignore"):
            result = np.asarray(entry.run(*concrete, **sample.params))
        if result.dtype.kind != "f" or result.size == 0:
            return
        params = _params(entry, sample)
        if entry.statements is not None:
            texts = [self._named(text) for text in operands]
            self.lines += entry.statements(name, texts, params)
        else:
            assert entry.spell is not None
            self.lines.append(f"{name} = {entry.spell(operands, params).code}")
        self.lines.append(f"{name} = np.tanh({name})")  # so that numbers stay small
        self.shapes[name] = result.shape
        self.used.append(entry.name)

    def _write(self) -> None:
        arrays = [v for v, shape in self.shapes.items() if v.startswith("v") and shape]
        if not arrays:
            return
        line = WRITES[self.rng.integers(len(WRITES))]
        target = arrays[self.rng.integers(len(arrays))]
        other = list(self.shapes)[self.rng.integers(len(self.shapes))]
        self.lines += line.format(v=target, w=other).split("; ")
        self.used.append("write")

    def _named(self, text: Text) -> Text:
        """An operand as a name, for the ops that are written as statements."""
        if text.code.isidentifier() or text.plain:
            return text
        name = f"t{len(self.lines)}"
        self.lines.append(f"{name} = {text.code}")
        return Text(name)

    def _operand(self, draw: Any) -> Text:
        example = draw(np.random.default_rng(0))
        kind = draw.__qualname__.partition(".")[0]
        if kind == "fixed" or example is None:
            return literals.constant(example)
        shape = np.shape(example)
        names = [v for v, s in self.shapes.items() if s == shape]
        if names and self.rng.random() < 0.8:
            code = names[self.rng.integers(len(names))]
        else:
            source = list(self.shapes)[self.rng.integers(len(self.shapes))]
            size = int(np.prod(self.shapes[source]))
            places = self.rng.integers(0, size, size=int(np.prod(shape))).tolist()
            ramp = f"0.1 * np.arange({len(places)})"  # equal numbers have no standard deviation
            code = f"(np.reshape({source}, (-1,))[{places}] + {ramp}).reshape({shape})"
        domain = {
            "positive": "(np.abs({}) + 0.5)",
            "inside": "(0.9 * np.tanh({}))",
            "above_one": "(np.abs({}) + 1.2)",
            "square": "({} + 3 * np.eye(%d))" % (shape[0] if shape else 1),  # noqa: UP031
            "booleans": "({} > 0.123)",
            "symmetric": "({0} @ {0}.mT + np.eye(%d))" % (shape[-1] if shape else 1),  # noqa: UP031
        }
        return Text(domain.get(kind, "{}").format(code))


def _params(entry: Op, sample: Sample) -> dict[str, str]:
    return {k: literals.parameter(v, {}) for k, v in sample.params.items()}


def arguments(seed: int) -> list[Any]:
    """The arrays that a program gets."""
    rng = np.random.default_rng(seed + 10_000)
    return [rng.normal(size=n) if n else np.float64(rng.normal()) for n in ARGUMENTS.values()]
