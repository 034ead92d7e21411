"""Mistakes of training steps, and of the data that they are given."""

from __future__ import annotations

from typing import NamedTuple


class StepChange(NamedTuple):
    """One change of a right training step.

    Attributes:
        program: the file in `steps/` that is changed.
        old: what stands there once.
        new: what takes its place.
        cause: the name that is expected.
    """

    program: str
    old: str
    new: str
    cause: str

    @property
    def id(self) -> str:
        return f"{self.program}-{self.cause}"


_CHANGES: dict[str, list[tuple[str, str, str]]] = {
    "columns_globals": [
        ("W1 = W1 - lr * dW1", "W1 = W1 + lr * dW1", "ascent_instead_of_descent"),
        ("W2 = W2 - lr * dW2", "W2 = -lr * dW2", "weight_assigned_not_updated"),
        ("spread = 0.5", "spread = 0.0", "zero_initialization"),
        (
            "rng.normal(size=(5, 11))",
            "rng.integers(0, 256, size=(5, 11)).astype(float)",
            "unscaled_inputs",
        ),
        ("np.eye(classes)[y].T", "np.eye(y.max() + 1)[y].T", "one_hot_width_from_batch"),
    ],
    "layers_momentum": [
        ("v -= self.lr * g", "v += self.lr * g", "ascent_instead_of_descent"),
        ("    for layer in net:\n        layer.zero_grad()\n", "", "gradients_not_reset"),
        (
            "    def step(self):\n",
            "    def step(self):\n        self.v = [[np.zeros_like(p) for p in layer.params] "
            "for layer in self.layers]\n",
            "momentum_buffer_reset_each_step",
        ),
        ("p += v", "p[...] = v", "weight_assigned_not_updated"),
        ("return np.sqrt(2 / n)", "return 0", "zero_initialization"),
    ],
    "adam_dicts": [
        ("m[key] / (1 - beta1**t)", "m[key] * (1 - beta1**t)", "adam_bias_correction_multiplied"),
        (
            "m_corrected = m[key] /",
            "m_corrected = m[key] = m[key] /",
            "adam_bias_correction_accumulates",
        ),
        ("rng.uniform(0, 1, size=(4, 12))", "rng.uniform(0, 900, size=(4, 12))", "unscaled_inputs"),
    ],
    "adam_class": [
        (
            "self.m[i] / (1 - self.beta_1**self.iterations)",
            "self.m[i] * (1 - self.beta_1**self.iterations)",
            "adam_bias_correction_multiplied",
        ),
        (
            "            m_hat = self.m[i] / (1 - self.beta_1**self.iterations)\n",
            "            self.m[i] /= 1 - self.beta_1**self.iterations\n"
            "            m_hat = self.m[i]\n",
            "adam_bias_correction_accumulates",
        ),
        ("np.eye(3)[labels]", "np.eye(labels.max() + 1)[labels]", "one_hot_width_from_batch"),
    ],
    "sample_sums": [
        (
            "sums[name] = np.zeros_like(inputs[name])",
            "sums.setdefault(name, np.zeros_like(inputs[name]))",
            "gradients_not_reset",
        ),
        (
            "velocity.setdefault(name, np.zeros_like(inputs[name]))",
            "velocity[name] = np.zeros_like(inputs[name])",
            "momentum_buffer_reset_each_step",
        ),
    ],
}

STEPS = [
    StepChange(program, *change) for program, changes in _CHANGES.items() for change in changes
]
