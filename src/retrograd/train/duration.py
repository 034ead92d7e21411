"""Whether training takes long enough for a compiled step to be worth its compilation."""

from __future__ import annotations

_CALL = 6e-5  # seconds that the calls of one step take as NumPy text
_RATE = 3e10  # products a second
_WORTH = 1.0  # seconds; compiling takes a few, and next to nothing the second time


def is_long(examples: int, batch_size: int, epochs: int, parameters: int) -> bool:
    """Whether training takes more than about a second as text, by its sizes alone.

    No clock is asked, so that the same call always runs in the same way.

    Args:
        examples: rows an epoch.
        batch_size: rows a step.
        epochs: passes over the data.
        parameters: numbers that are trained; each takes part in about 6 operations an example.
    """
    steps = epochs * -(-examples // batch_size)
    products = 6.0 * epochs * examples * parameters
    return steps * _CALL + products / _RATE > _WORTH
