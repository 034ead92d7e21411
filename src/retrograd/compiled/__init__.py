"""Training steps as compiled loops and matrix products."""

from retrograd.compiled.step import CompiledStep, compile_step

__all__ = ["CompiledStep", "compile_step"]
