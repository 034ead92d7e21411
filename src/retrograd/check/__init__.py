"""check_grads: our gradients against differences of the function itself."""

from retrograd.check.gradient_check import GradientCheck, check_grads

__all__ = ["GradientCheck", "check_grads"]
