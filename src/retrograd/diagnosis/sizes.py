"""The numbers that a stray factor can be: how many examples there are, how many classes, ..."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.diagnosis.products import biases

if TYPE_CHECKING:
    from retrograd.diagnosis.forward import Forward


@dataclass(frozen=True)
class Sizes:
    """The sizes of a network.

    Attributes:
        examples: the numbers that can be that of the examples, the likeliest first.
        classes: the numbers of outputs.
        others: the other sizes that occur.
    """

    examples: tuple[int, ...]
    classes: tuple[int, ...]
    others: tuple[int, ...]

    @staticmethod
    def of(forward: Forward) -> Sizes:
        """The sizes of a forward pass."""
        parameters = set(forward.parameters.values())
        copies: list[int] = []
        for node in forward.nodes:
            if len(node.values) == 1 and node.values[0] in parameters:
                for use in biases(forward, node):
                    copies += [use.g.shape[axis] for axis in use.axes]
        data, all_sizes = [], list[int]()
        for item in forward.tape.program.inputs:
            all_sizes += item.value.shape
            if item.value not in parameters:
                data += [n for n in item.value.shape if n > 1]
        own = {n for v in parameters for n in v.shape}
        found = [n for n in dict.fromkeys(copies + data) if n > 1]
        examples = sorted(found, key=lambda n: (-copies.count(n), n in own, -data.count(n)))
        classes = [s.p.array.shape[s.axis] for s in forward.softmaxes]
        others = [n for n in dict.fromkeys(all_sizes) if n > 1]
        return Sizes(tuple(examples), tuple(dict.fromkeys(classes)), tuple(others))

    @property
    def n(self) -> int:
        """The number of examples, most likely."""
        return self.examples[0] if self.examples else 1

    def name(self, k: float) -> str:
        """What a factor is, in words; "" where it is nothing known."""
        for sign, word in ((1, ""), (-1, "minus ")):
            for value, text in self._named():
                if np.isclose(sign * k, value, rtol=1e-6):
                    return word + text
        return ""

    def _named(self) -> list[tuple[float, str]]:
        names: list[tuple[float, str]] = [(1.0, "1"), (2.0, "2"), (0.5, "1/2")]
        sizes: list[tuple[int, str]] = [(self.n, f"N = {self.n}, the number of examples")]
        sizes += [(c, f"C = {c}, the number of classes") for c in self.classes if c != self.n]
        known = {n for n, _ in sizes}
        sizes += [(n, f"{n}, a size of your arrays") for n in self.others if n not in known]
        for n, text in sizes:
            names += [(float(n), text), (1.0 / n, f"1/{text}")]
        for (n, _), (m, _), c in product(sizes, sizes, (1.0, 2.0, 0.5)):
            factor = {2.0: "2 * ", 0.5: "0.5 * "}.get(c, "")
            names += [(c * n / m, f"{factor}{n}/{m}"), (c * n * m, f"{factor}{n}*{m}")]
            names += [(c / (n * m), f"{c:g}/({n}*{m})")]
            names += [(c * n, f"{factor}{n}"), (c / n, f"{c:g}/{n}")]
        names.append((float(np.log(2)), "ln 2"))
        return names

    def is_size(self, n: float) -> bool:
        """Whether a number is a size, or the product of two."""
        known = [self.n, *self.classes, *self.others]
        return any(nearly(n, a) or any(nearly(n, a * b) for b in known) for a in known)


def nearly(k: Any, value: float) -> bool:
    """Whether a factor is this number."""
    return k is not None and bool(np.isclose(k, value, rtol=1e-6))
