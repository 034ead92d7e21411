"""Mistakes of loops: indices, windows, rounds left out, carries, lists of plain numbers."""

from __future__ import annotations

from typing import Any

from mistakes.changes import OPERAND, PENALTY, SCALE, SLOPE, changes_of

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
}

LOOPS = changes_of(_CHANGES)
