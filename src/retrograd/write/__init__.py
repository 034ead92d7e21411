"""Program → NumPy text."""

from retrograd.write.execute import load
from retrograd.write.layout import Line
from retrograd.write.writer import Written, write

__all__ = ["Line", "Written", "load", "write"]
