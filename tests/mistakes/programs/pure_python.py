"""Lists and loops, no arrays: one hidden layer, one sigmoid output."""

import math


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def feed_forward(hidden_weights, output_weights, point):
    hidden = []
    for weights in hidden_weights:
        total = 0.0
        for w, x in zip(weights, point, strict=True):
            total += w * x
        hidden.append(sigmoid(total))
    output = sigmoid(sum(w * h for w, h in zip(output_weights, hidden, strict=True)))
    return hidden, output


def backpropagate(hidden_weights, output_weights, points, targets):
    d_hidden = [[0.0] * len(weights) for weights in hidden_weights]
    d_output = [0.0] * len(output_weights)
    for point, target in zip(points, targets, strict=True):
        hidden, output = feed_forward(hidden_weights, output_weights, point)
        output_delta = (output - target) * output * (1 - output)
        for j, h in enumerate(hidden):
            d_output[j] += output_delta * h
            hidden_delta = output_delta * output_weights[j] * h * (1 - h)
            for k, x in enumerate(point):
                d_hidden[j][k] += hidden_delta * x
    return d_hidden, d_output


def make_inputs(seed):
    import numpy as np

    rng = np.random.default_rng(seed)
    return {
        "hidden": rng.normal(size=(4, 3)),
        "output": rng.normal(size=4),
        "points": rng.normal(size=(6, 3)),
        "targets": rng.uniform(size=6),
    }


def loss(inputs):
    total = 0.0
    for point, target in zip(inputs["points"].tolist(), inputs["targets"], strict=True):
        _, output = feed_forward(inputs["hidden"].tolist(), list(inputs["output"]), point)
        total += 0.5 * (output - target) ** 2
    return total


def grads(inputs):
    import numpy as np

    d_hidden, d_output = backpropagate(
        inputs["hidden"].tolist(),
        list(inputs["output"]),
        inputs["points"].tolist(),
        list(inputs["targets"]),
    )
    return {"dhidden": np.array(d_hidden), "doutput": np.array(d_output)}
