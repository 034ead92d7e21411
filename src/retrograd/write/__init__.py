"""Program → NumPy text."""

from retrograd.write.execute import load
from retrograd.write.writer import Written, write

__all__ = ["Written", "load", "write"]
