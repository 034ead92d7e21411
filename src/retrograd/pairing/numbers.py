"""Numbers too large for their dtype, where a half-precision array went in."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from retrograd.errors import LikelyMistake
from retrograd.pairing.evidence import Evidence, where_of
from retrograd.program import Value


def overflows(evidence: Evidence) -> Iterator[LikelyMistake]:
    """RG302: exp of a float16 that float16 cannot hold."""
    for step in evidence.program.steps:
        if step.op.name != "exp" or step.output.dtype != np.float16:
            continue
        of = step.inputs[0]
        array = evidence.array(of)
        if array is None or not isinstance(of, Value):
            continue
        limit = math.log(float(np.finfo(np.float16).max))
        if not array.size or not np.isfinite(array).all() or array.max() <= limit:
            continue
        place = np.unravel_index(int(np.argmax(array)), array.shape)
        shown = f"{evidence.name(of)}[{', '.join(str(int(i)) for i in place)}]"
        shifted = np.exp(array - array.max(axis=-1, keepdims=True)) if array.ndim else None
        tried = shifted is not None and bool(np.isfinite(shifted).all())
        yield LikelyMistake(
            "RG302",
            f"exp overflows in float16: {shown} = {float(array.max()):.4g} and float16 ends at "
            f"exp({limit:.2f})",
            where=where_of(step),
            notes=(
                evidence.sentence(of),
                "limits: float16 11.09, float32 88.72, float64 709.78",
            ),
            help="subtract the row maximum first: "
            f"np.exp({evidence.name(of)} - {evidence.name(of)}.max(axis=-1, keepdims=True))"
            f"{' (tried: finite)' if tried else ''}   or compute in float32",
        )
