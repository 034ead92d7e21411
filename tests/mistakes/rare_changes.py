"""Mistakes of the forward pass, its numbers and labels, and of arrays that are shared."""

from __future__ import annotations

from typing import Any

from mistakes.changes import ALL, ANY, LAYOUT, MEMORY, OPERAND, SOFTMAX, changes_of

TRAINING, NUMERICS, DATA, SHAPE = "training", "numerics", "data", "shape"
RIGHT = ""

_CHANGES: dict[str, list[tuple[Any, ...]]] = {
    "softmax_entries": [
        (
            "dz[n, i] += dp[n, j] * p[n, i] * (1 - p[n, j])\n"
            "                else:\n"
            "                    dz[n, i] += -dp",
            "dz[n, i] = dp[n, j] * p[n, i] * (1 - p[n, j])\n"
            "                else:\n"
            "                    dz[n, i] = -dp",
            "softmax_jacobian_loop_overwritten",
            SOFTMAX,
            ALL,
            None,
        ),
        (
            "e.sum(axis=1, keepdims=True)",
            "e.sum(axis=0, keepdims=True)",
            "softmax_normalized_over_wrong_axis",
            SOFTMAX,
            ALL,
            None,
        ),
        (
            "e.sum(axis=1, keepdims=True)",
            "e.sum()",
            "softmax_normalized_over_whole_batch",
            SOFTMAX,
            ALL,
            None,
        ),
        ("y.ravel()", "np.argmax(y, axis=1)", "labels_decoded_wrong", DATA, RIGHT),
        (
            "np.exp(z - z.max(axis=1, keepdims=True))",
            "np.exp(900 * z)",
            "softmax_overflow",
            NUMERICS,
            ANY,
        ),
    ],
    "jacobian_columns": [
        (
            "grad[i, k] += jac * output_gradient[j, k]",
            "grad[i, k] = jac * output_gradient[j, k]",
            "softmax_jacobian_loop_overwritten",
            SOFTMAX,
            ALL,
        ),
        (
            "np.sum(e, axis=0, keepdims=True)",
            "np.sum(e, axis=1, keepdims=True)",
            "softmax_normalized_over_wrong_axis",
            SOFTMAX,
            ALL,
            None,
        ),
        (
            "np.sum(e, axis=0, keepdims=True)",
            "np.sum(e)",
            "softmax_normalized_over_whole_batch",
            SOFTMAX,
            ALL,
            None,
        ),
        (
            "    return labels\n",
            "    return np.argmax(labels)\n",
            "labels_decoded_wrong",
            DATA,
            RIGHT,
            None,
        ),
        (
            "np.exp(z - np.max(z, axis=0, keepdims=True))",
            "np.exp(z * 2000)",
            "softmax_overflow",
            NUMERICS,
            ANY,
        ),
    ],
    "linear_rows": [
        ("return y.reshape(-1, 1)\n", "return y\n", "broadcast_n_by_n", SHAPE, ALL, None),
    ],
    "one_output_rows": [
        (
            'delta = a2 - column(inputs["y"])',
            'delta = a2\n    delta -= column(inputs["y"])',
            "inplace_mutation",
            MEMORY,
            ALL,
            None,
        ),
        ('inputs["y"].reshape(-1, 1)', 'inputs["y"]', "broadcast_n_by_n", SHAPE, ALL, None),
        (
            "    return 1 - drop",
            "    return drop",
            "dropout_scaled_by_drop_probability",
            TRAINING,
            RIGHT,
            None,
        ),
        (
            "    return 1 / (1 + np.exp(-z))",
            "    return np.exp(800 * z) / (1 + np.exp(800 * z))",
            "sigmoid_overflow",
            NUMERICS,
            ANY,
        ),
    ],
    "dropout_columns": [
        ("KEEP = 0.8", "KEEP = 0.2", "dropout_scaled_by_drop_probability", TRAINING, RIGHT, None),
        (
            "    return 1 / (1 + np.exp(-z))",
            "    return 1 / (1 + np.exp(-400 * z))",
            "log_of_zero",
            NUMERICS,
            ANY,
            None,
        ),
    ],
    "tied_autoencoder": [
        (
            "    dW += X.T @ d_hidden",
            "    dW = X.T @ d_hidden",
            "accumulator_overwritten",
            MEMORY,
            "dW",
        ),
        (
            "    return 1 / (1 + np.exp(-z))",
            "    return np.exp(900 * z) / (1 + np.exp(900 * z))",
            "sigmoid_overflow",
            NUMERICS,
            ANY,
        ),
        (
            "    d_out = (R - X) / X.shape[0]\n",
            "    d_out = (R - X) / X.shape[0]\n    W -= 0.1 * d_out.T @ H\n",
            "weights_updated_before_backprop",
            TRAINING,
            "dW db",
            None,
        ),
    ],
    "columns_dict_cache": [
        (
            "    return 1 / (1 + np.exp(-Z))",
            "    return 1 / (1 + np.exp(-500 * Z))",
            "log_of_zero",
            NUMERICS,
            ANY,
            None,
        ),
    ],
    "rated_pairs": [
        (
            'np.add.at(dbias, inputs["what"], e)',
            'dbias[inputs["what"]] += e',
            "duplicate_index_overwritten",
            MEMORY,
            "dbias",
        ),
    ],
    "samples_softmax_class": [
        (
            "dz1 = dh * (1 - self.h**2)",
            "dz1 = np.dot(dh, 1 - self.h**2)",
            "matmul_instead_of_elementwise",
            LAYOUT,
            "dw1 db1",
        ),
        (
            "self.dw1 += np.outer(dz1, self.x)",
            "self.dw1 += dz1[:, None] * self.w1",
            "weight_grad_multiplied_by_weight",
            OPERAND,
            "dw1",
        ),
    ],
}

RARE = changes_of(_CHANGES)
