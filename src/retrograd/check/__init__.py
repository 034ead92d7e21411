"""check_grads: our gradients against differences of the function itself."""

from retrograd.check.check_grads import GradientCheck, check_grads

__all__ = ["GradientCheck", "check_grads"]
