"""Training steps as compiled loops and matrix products."""

from retrograd.compiled.profile import Part, Profile
from retrograd.compiled.step import CompiledStep, compile_step

__all__ = ["CompiledStep", "Part", "Profile", "compile_step"]
