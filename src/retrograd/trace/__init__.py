"""The user's function → Program: symbols run through a shadow of it."""

from retrograd.trace.paths import Guard, Path
from retrograd.trace.shadow import behind_shadow
from retrograd.trace.trace import Recording, is_array, trace
from retrograd.trace.watch import Move, Store

__all__ = ["Guard", "Move", "Path", "Recording", "Store", "behind_shadow", "is_array", "trace"]
