"""Mistakes: a line of a right program and what stands in its place.

The programs are in `programs/`, each in another style; unchanged they are the right ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ALL = "all"
ANY = "any"


@dataclass(frozen=True)
class Change:
    """One mistake.

    Attributes:
        program: the program's file, without `.py`.
        old: a part of its text that stands in it once.
        new: what stands there instead; its first line is to blame.
        cause: its name in the vocabulary, or None.
        family: its family.
        wrong: the gradients that are wrong with it; ALL for all that are returned; ANY where the
            numbers are not finite.
        line: the number of the line to blame, counted from the first changed one; None where
            more than one may be meant.
    """

    program: str
    old: str
    new: str
    cause: str | None
    family: str
    wrong: str = ALL
    line: int | None = 0

    @property
    def id(self) -> str:
        return f"{self.program}-{self.cause or self.new[:30].strip()}"


def changes_of(programs: Mapping[str, Sequence[tuple[Any, ...]]]) -> list[Change]:
    """The changes of a table: for each program what follows its name in a `Change`."""
    return [Change(name, *change) for name, some in programs.items() for change in some]


SOFTMAX, SLOPE, SCALE = "softmax", "activation derivative", "scale"
OPERAND, LAYOUT, BIAS = "wrong operand", "layout", "bias"
PENALTY, MEMORY = "regularization", "aliasing"

COLUMNS = [
    (
        "dW = np.dot(dZ, cache",
        "dW = m * np.dot(dZ, cache",
        "missing_batch_mean",
        SCALE,
        "dW1 dW2 dW3",
    ),
    (
        "    db = np.sum(dZ, axis=1, keepdims=True) / m",
        "    db = np.sum(dZ) / m",
        "bias_grad_summed_over_everything",
        BIAS,
        "db1 db2",
    ),
    (
        "    db = np.sum(dZ, axis=1, keepdims=True) / m",
        "    db = dZ / m",
        "bias_grad_not_reduced",
        BIAS,
        "db1 db2 db3",
    ),
    ("    dZ[Z <= 0] = 0", "    dZ[Z > 0] = 0", "relu_mask_inverted", SLOPE, "dW1 db1 dW2 db2"),
    (
        "    dZ[Z <= 0] = 0",
        "    dZ[dZ <= 0] = 0",
        "relu_mask_on_gradient",
        SLOPE,
        "dW1 db1 dW2 db2",
    ),
    (
        "    return dA * s * (1 - s)",
        "    return dA * s",
        "activation_used_as_derivative",
        SLOPE,
        ALL,
    ),
    (
        "    return dA * s * (1 - s)",
        "    return dA",
        "missing_output_activation_derivative",
        SLOPE,
        ALL,
        None,
    ),
    (
        "    dA3 = -(Y / A3) + (1 - Y) / (1 - A3)",
        "    dA3 = (Y / A3) - (1 - Y) / (1 - A3)",
        "flipped_sign",
        "sign",
        ALL,
    ),
    (
        "    dA3 = -(Y / A3) + (1 - Y) / (1 - A3)",
        "    dA3 = A3 - Y",
        "combined_gradient_times_activation_derivative",
        SOFTMAX,
        ALL,
        1,
    ),
]
SAMPLES = [
    (
        "        dz2 = jacobian.dot(dp)",
        "        dz2 = dp * self.p * (1 - self.p)",
        "softmax_elementwise_derivative",
        SOFTMAX,
        ALL,
    ),
    (
        "        dz2 = jacobian.dot(dp)",
        "        dz2 = dp * jacobian.sum(axis=1)",
        "softmax_jacobian_row_sum",
        SOFTMAX,
        ALL,
    ),
    (
        "        dz2 = jacobian.dot(dp)",
        "        dz2 = self.p - 1",
        "labels_missing_from_gradient",
        SOFTMAX,
        ALL,
    ),
    (
        "        dz1 = dh * (1 - self.h**2)",
        "        dz1 = dh * (1 + self.h**2)",
        "wrong_activation_derivative_formula",
        SLOPE,
        "dw1 db1",
    ),
    (
        "        dz1 = dh * (1 - self.h**2)",
        "        dz1 = dh * (1 - np.tanh(self.h) ** 2)",
        "derivative_applied_to_activation",
        SLOPE,
        "dw1 db1",
    ),
    (
        "        dz1 = dh * (1 - self.h**2)",
        "        dz1 = dh * (1 - self.z1**2)",
        "derivative_shortcut_applied_to_preactivation",
        SLOPE,
        "dw1 db1",
    ),
    (
        "        self.dw2 += np.outer(dz2, self.h)",
        "        self.dw2 += np.outer(dz2, self.z1)",
        "weight_grad_uses_preactivation",
        OPERAND,
        "dw2",
    ),
    (
        "        self.dw1 += np.outer(dz1, self.x)",
        "        self.dw1 = np.outer(dz1, self.x)",
        "only_last_sample_kept",
        MEMORY,
        "dw1",
    ),
    (
        "        dh = self.w2.T.dot(dz2)",
        "        dh = self.dw2.T.dot(dz2)",
        "used_weight_gradient_instead_of_weight",
        OPERAND,
        "dw1 db1",
    ),
]
LAYERS = [
    (
        "        return 2 * self.difference / self.difference.size",
        "        return self.difference / self.difference.size",
        "missing_factor_two",
        SCALE,
        ALL,
    ),
    (
        "        return 2 * self.difference / self.difference.size",
        "        return 2 * self.difference / len(self.difference)",
        "divided_by_wrong_count",
        SCALE,
        ALL,
    ),
    (
        "        self.db = grad.sum(axis=0)",
        "        self.db = grad.mean(axis=0)",
        "bias_grad_mean_instead_of_sum",
        SCALE,
        "db1 db2 db3",
    ),
    (
        "        self.dW = self.x.T @ grad\n        self.db = grad.sum(axis=0)",
        "        self.dW = self.x.T @ grad\n        self.db = self.dW.sum(axis=0)",
        "bias_grad_from_weight_grad",
        BIAS,
        "db1 db2 db3",
        1,
    ),
    (
        "        return grad * self.a * (1 - self.a)",
        "        return grad * (1 - self.a)",
        "wrong_activation_derivative_formula",
        SLOPE,
        ALL,
    ),
    (
        "        return grad * self.a * (1 - self.a)",
        "        return grad * grad * (1 - grad)",
        "derivative_evaluated_on_gradient",
        SLOPE,
        ALL,
    ),
]
GLOBALS = [
    ("    l2_error = l2 - y", "    l2_error = y - l2", "flipped_sign", "sign", ALL),
    (
        "    l1_error = l2_delta.dot(syn1.T)",
        "    l1_error = l2_error.dot(syn1.T)",
        "propagated_error_not_delta",
        OPERAND,
        "syn0",
    ),
    (
        "    l1_delta = l1_error * nonlin(l1, deriv=True)",
        "    l1_delta = l1_error",
        "missing_hidden_activation_derivative",
        SLOPE,
        "syn0",
        None,
    ),
    (
        "    l2_delta = l2_error * nonlin(l2, deriv=True)",
        "    l2_delta = l2_error * nonlin(l2_error, deriv=True)",
        "derivative_evaluated_on_gradient",
        SLOPE,
        ALL,
    ),
    (
        "    l1_error = l2_delta.dot(syn1.T)",
        "    l1_error = l2_error",
        "hidden_delta_skips_weights",
        OPERAND,
        "syn0",
        None,
    ),
]
ROWS = [
    (
        '    grads["dW2"] = hidden.T.dot(dscores) + 2 * reg * W2',
        '    grads["dW2"] = hidden.T.dot(dscores)',
        "l2_gradient_missing",
        PENALTY,
        "dW2",
    ),
    (
        '    grads["dW1"] = X.T.dot(dhidden) + 2 * reg * W1',
        '    grads["dW1"] = X.T.dot(dhidden) + reg * W1',
        "l2_factor_two_missing",
        PENALTY,
        "dW1",
    ),
    (
        '    grads["dW1"] = X.T.dot(dhidden) + 2 * reg * W1',
        '    grads["dW1"] = X.T.dot(dhidden) - 2 * reg * W1',
        "l2_sign_wrong",
        PENALTY,
        "dW1",
    ),
    (
        "    dscores[np.arange(N), y] -= 1",
        "    dscores[:, y] -= 1",
        "label_column_decremented_for_every_row",
        SOFTMAX,
        ALL,
    ),
    (
        "    dscores = probs.copy()",
        "    dscores = scores.copy()",
        "logits_used_for_probabilities",
        SOFTMAX,
        ALL,
    ),
    (
        "    dhidden[hidden <= 0] = 0",
        "    dhidden[hidden < 0] = 0",
        "relu_mask_always_true",
        SLOPE,
        "dW1 db1",
    ),
    (
        '    grads["db2"] = np.sum(dscores, axis=0)',
        '    grads["db2"] = 3 * np.sum(dscores, axis=0)',
        "stray_constant_factor",
        SCALE,
        "db2",
    ),
    (
        "    dhidden = dscores.dot(W2.T)",
        '    dhidden = dscores.dot(grads["dW2"].T)',
        "used_weight_gradient_instead_of_weight",
        OPERAND,
        "dW1 db1",
    ),
]
PYTHON = [
    (
        "        output_delta = (output - target) * output * (1 - output)",
        "        output_delta = (output - target)",
        "missing_output_activation_derivative",
        SLOPE,
        ALL,
    ),
    (
        "            hidden_delta = output_delta * output_weights[j] * h * (1 - h)",
        "            hidden_delta = output_delta * output_weights[j]",
        "missing_hidden_activation_derivative",
        SLOPE,
        "dhidden",
    ),
    (
        "            hidden_delta = output_delta * output_weights[j] * h * (1 - h)",
        "            hidden_delta = output_delta * h * (1 - h)",
        "hidden_delta_skips_weights",
        OPERAND,
        "dhidden",
    ),
]
PROGRAMS = {
    "columns_dict_cache": COLUMNS,
    "samples_softmax_class": SAMPLES,
    "layer_objects": LAYERS,
    "global_lines": GLOBALS,
    "regularized_rows": ROWS,
    "pure_python": PYTHON,
}
CHANGES = changes_of(PROGRAMS)
