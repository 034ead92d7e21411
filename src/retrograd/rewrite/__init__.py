"""Program → simpler Program; one pass per file."""

from retrograd.rewrite.arrange import arrange
from retrograd.rewrite.collect import collect
from retrograd.rewrite.loops import for_loops
from retrograd.rewrite.lower import lower, without_stops
from retrograd.rewrite.merge import merge
from retrograd.rewrite.own import own
from retrograd.rewrite.prune import prune, without_unused_inputs
from retrograd.rewrite.recognize import recognize
from retrograd.rewrite.simplify import simplify
from retrograd.rewrite.updates import updates

__all__ = [
    "arrange",
    "collect",
    "for_loops",
    "lower",
    "merge",
    "own",
    "prune",
    "recognize",
    "simplify",
    "updates",
    "without_stops",
    "without_unused_inputs",
]
