"""A program with its numbers: what each line is, why it is there, and one entry of it."""

from retrograd.explanation.explanation import Explanation, explain

__all__ = ["Explanation", "explain"]
