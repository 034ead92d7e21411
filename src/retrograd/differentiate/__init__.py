"""Program → Program with its backward pass."""

from retrograd.differentiate.differentiate import Differentiated, differentiate

__all__ = ["Differentiated", "differentiate"]
