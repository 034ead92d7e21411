"""Mistakes of loops: indices, windows, rounds left out, carries, lists of plain numbers."""

from __future__ import annotations

from typing import Any

from mistakes.changes import ALL, MEMORY, OPERAND, PENALTY, SCALE, SLOPE, SOFTMAX, changes_of

RECURRENT, WINDOWS = "recurrent", "convolution"

_CHANGES: dict[str, list[tuple[Any, ...]]] = {
    "conv_pool_loops": [
        (
            "* dout[f, i, j]\n        db",
            "* dout[f, i - 1, j]\n        db",
            None,
            WINDOWS,
            "dkernels",
        ),
        (
            "rows = slice(i * size, (i + 1) * size)",
            "rows = slice(i, i + size)",
            None,
            WINDOWS,
            "dkernels",
        ),
        (
            "        db[f] = np.sum(dout[f])\n    return",
            "        db[f] = np.sum(dout[f])\n        return",
            None,
            WINDOWS,
            "dkernels dbias",
            1,
        ),
        (
            "mask = window == np.max(window)",
            "mask = window <= np.max(window)",
            None,
            WINDOWS,
            "dkernels dbias",
            None,
        ),
    ],
    "rnn_steps": [
        (
            "for t in reversed(range(len(inputs))):",
            "for t in reversed(range(1, len(inputs))):",
            None,
            RECURRENT,
            "dWxh dbh dWhy dby",
            None,
        ),
        (
            "dhnext = np.dot(Whh.T, dhraw)",
            "dhnext = np.dot(Whh.T, dhraw) * hs[t]",
            None,
            RECURRENT,
            "dWxh dWhh dbh",
            None,
        ),
    ],
    "lstm_steps": [
        ("da.dot(Wh.T), dc * f,", "da.dot(Wh.T), dc * i,", None, RECURRENT, "dWx dWh db", None),
    ],
    "pure_python": [
        (
            "d_hidden[j][k] += hidden_delta * x",
            "d_hidden[j][k] += output_delta * x",
            "hidden_delta_skips_weights",
            OPERAND,
            "dhidden",
        ),
        (
            "d_hidden[j][k] += hidden_delta * x",
            "d_hidden[j][k] += 3 * hidden_delta * x",
            "stray_constant_factor",
            SCALE,
            "dhidden",
            None,
        ),
    ],
    "rated_pairs": [
        (
            'dU = 2 * lam * inputs["U"]',
            'dU = 2 * lam * np.sign(inputs["U"])',
            None,
            PENALTY,
            "dU",
            None,
        ),
    ],
    "leaky_layer_list": [
        (
            "self.input > 0, 1.0, self.alpha)",
            "self.input > 0, 1.0, 0.01)",
            "leaky_slope_mismatch",
            SLOPE,
            "dw1 db1",
        ),
    ],
    "list_rows_classifier": [
        ("(p - (k == c)) / n", "(p - 1) / n", "labels_missing_from_gradient", SOFTMAX, ALL),
        ("(p - (k == c)) / n", "p / n", "labels_missing_from_gradient", SOFTMAX, ALL),
        ("(p - (k == c)) / n", "((k == c) - p) / n", "flipped_sign", "sign", ALL),
        (
            "(p - (k == c)) / n for",
            "p * (1 - p) * (p - (k == c)) / n for",
            "combined_gradient_times_activation_derivative",
            SOFTMAX,
            ALL,
        ),
    ],
    "list_neurons_leaky": [
        (
            "return 1.0 if z > 0 else 0.1",
            "return 1.0 if z > 0 else 0.01",
            "leaky_slope_mismatch",
            SLOPE,
            "dw1",
        ),
        (
            "d * w2[j] * slope(s[j])",
            "d * w2[j]",
            "missing_hidden_activation_derivative",
            SLOPE,
            "dw1",
        ),
        ("d * w2[j] * slope", "d * slope", "hidden_delta_skips_weights", OPERAND, "dw1"),
        ("d * h[j]", "d * s[j]", "weight_grad_uses_preactivation", OPERAND, "dw2"),
        ("range(1, len(w2))", "range(len(w2))", None, PENALTY, "dw2", 1),
        ("g2[j] += LAMBDA", "g2[j] += 2 * LAMBDA", None, PENALTY, "dw2"),
        (
            "        s, h, out = forward(x, w1, w2)\n        d =",
            "        g1 = [[0.0] * len(row) for row in w1]\n"
            "        s, h, out = forward(x, w1, w2)\n        d =",
            "only_last_sample_kept",
            MEMORY,
            "dw1",
        ),
    ],
}

LOOPS = changes_of(_CHANGES)
