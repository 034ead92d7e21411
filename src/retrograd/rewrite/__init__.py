"""Program → simpler Program; one pass per file."""

from retrograd.rewrite.arrange import arrange
from retrograd.rewrite.lower import lower
from retrograd.rewrite.merge import merge
from retrograd.rewrite.prune import prune
from retrograd.rewrite.recognize import recognize
from retrograd.rewrite.simplify import simplify

__all__ = ["arrange", "lower", "merge", "prune", "recognize", "simplify"]
