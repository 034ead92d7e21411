"""Mistakes that no shape shows: each is found with its code, and what is right is left alone."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import retrograd as rg

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 4))
W = RNG.normal(size=(4, 3))
V = RNG.normal(size=(4, 1))
y = np.array([0, 1, 2, 2, 1, 0])
Y = np.eye(3)[y]
TARGETS = RNG.normal(size=6)


def softmax(z: Any, axis: int = 1) -> Any:
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def probabilities_into_cross_entropy(W: Any) -> Any:
    P = softmax(X @ W)
    return rg.losses.cross_entropy(P, y)  # HERE


def softmax_layer_and_cross_entropy(W: Any) -> Any:
    P = rg.layers.Softmax()(X @ W)
    return rg.losses.cross_entropy(P, y)  # HERE


def softmax_of_softmax(W: Any) -> Any:
    P = softmax(X @ W)
    Q = rg.activations.softmax(P)  # HERE
    return -np.mean(np.log(Q[np.arange(6), y]))


def sigmoid_of_sigmoid(W: Any) -> Any:
    p = sigmoid(X @ W)
    return rg.losses.binary_cross_entropy_with_logits(p, Y)  # HERE


def examples_compete(W: Any) -> Any:
    Z = X @ W
    P = rg.activations.softmax(Z, axis=0)
    return -np.mean(np.sum(Y * np.log(P), axis=1))  # HERE


def examples_compete_for_class_numbers(W: Any) -> Any:
    P = rg.activations.softmax(X @ W, axis=0)  # HERE
    return -np.log(P[np.arange(len(X)), y]).mean()


MANY = np.array([[1.0, 0, 0], [1, 0, 1], [0, 1, 0], [0, 0, 1], [1, 1, 1], [0, 1, 0]])
COLUMN = y[:, None].astype(float)
BELOW = y - 1
HALF = (10 * X).astype(np.float16)


def several_true_classes(W: Any) -> Any:
    return -np.mean(np.sum(MANY * np.log(softmax(X @ W)), axis=1))  # HERE


def class_numbers_as_targets(W: Any) -> Any:
    P = softmax(X @ W)
    return np.mean((P - COLUMN) ** 2)  # HERE


def predictions_against_all_targets(V: Any) -> Any:
    p = X @ V
    return np.mean((p - TARGETS) ** 2)  # HERE


def negative_class_numbers(W: Any) -> Any:
    P = softmax(X @ W)
    return -np.log(P[np.arange(6), BELOW]).mean()  # HERE


def half_precision(W: Any) -> Any:
    Z = HALF @ W.astype(np.float16)
    E = np.exp(Z)  # HERE
    return -np.log(E / E.sum(axis=1, keepdims=True)).mean()


WRONG = [
    (probabilities_into_cross_entropy, W, "RG204", "P"),
    (softmax_layer_and_cross_entropy, W, "RG204", "P"),
    (softmax_of_softmax, W, "RG204", "P"),
    (sigmoid_of_sigmoid, W, "RG204", "p"),
    (examples_compete, W, "RG103", "Z"),
    (examples_compete_for_class_numbers, W, "RG103", "6 examples"),
    (several_true_classes, W, "RG203", "MANY"),
    (class_numbers_as_targets, W, "RG102", "COLUMN"),
    (predictions_against_all_targets, V, "RG102", "TARGETS.reshape(-1, 1)"),
    (negative_class_numbers, W, "RG202", "BELOW[0] = -1"),
    (half_precision, W, "RG302", "11.09"),
]


def warned(f: Any, *args: Any) -> list[rg.LikelyMistake]:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        gradient = rg.value_and_grad(f)
        gradient(*args)
        gradient(*args)
    return [w.message for w in found if isinstance(w.message, rg.LikelyMistake)]


@pytest.mark.parametrize(("f", "argument", "code", "words"), WRONG, ids=lambda x: "")
def test_a_mistake_gets_its_code_its_line_and_its_names(
    f: Any, argument: Any, code: str, words: str
) -> None:
    (mistake,) = warned(f, argument)
    assert mistake.code == code
    text = str(mistake)
    assert text.startswith(f"warning[{code}]: ")
    assert words in text
    assert "# HERE" in text
    assert "has shape" in text


@pytest.mark.parametrize(("f", "argument", "code", "words"), WRONG, ids=lambda x: "")
def test_a_fix_that_is_printed_was_tried(f: Any, argument: Any, code: str, words: str) -> None:
    (mistake,) = warned(f, argument)
    if code not in ("RG203", "RG202"):
        assert "(tried: " in mistake.help


def test_the_fix_of_the_axis_gives_the_number_that_it_says() -> None:
    (mistake,) = warned(examples_compete, W)
    right = -np.mean(np.sum(Y * np.log(softmax(X @ W)), axis=1))
    assert f"{right:.4g}" in mistake.help


# what is right and looks alike
def columns_are_examples(W: Any) -> Any:
    P = softmax(W.T @ X.T, axis=0)
    return -np.mean(np.sum(Y.T * np.log(P), axis=0))


def attention(W: Any) -> Any:
    A = softmax(X @ W @ W.T @ X.T)
    return np.sum(softmax(A @ X) * Y[:, :1])


def soft_labels(W: Any) -> Any:
    return rg.losses.cross_entropy(X @ W, 0.9 * Y + 0.1 / 3)


def weighted_classes(W: Any) -> Any:
    return rg.losses.cross_entropy(X @ W, Y, class_weight=np.array([1.0, 2.0, 0.5]))


def pairwise_distances(V: Any) -> Any:
    p = (X @ V)[:, 0]
    return np.mean((p[:, None] - p) ** 2)


def targets_in_a_column(V: Any) -> Any:
    return np.mean((X @ V - TARGETS[:, None]) ** 2)


def centered_columns(W: Any) -> Any:
    P = softmax(X @ W)
    return np.mean((P - P.mean(axis=1, keepdims=True)) ** 2)


def two_heads(W: Any) -> Any:
    return rg.losses.cross_entropy(X @ W, y) + rg.losses.nll(rg.activations.log_softmax(X @ W), y)


def distillation(W: Any) -> Any:
    teacher = softmax(X @ RNG.normal(size=(4, 3)) * 0.5)
    return -np.mean(np.sum(teacher * np.log(softmax(X @ W)), axis=1))


def shifted_half(W: Any) -> Any:
    Z = HALF @ W.astype(np.float16)
    return np.sum(np.exp(Z - Z.max(axis=1, keepdims=True)))


RIGHT = [
    (columns_are_examples, W),
    (attention, W),
    (soft_labels, W),
    (weighted_classes, W),
    (pairwise_distances, V),
    (targets_in_a_column, V),
    (centered_columns, W),
    (two_heads, W),
    (distillation, W),
    (shifted_half, W),
]


@pytest.mark.parametrize(("f", "argument"), RIGHT, ids=lambda x: getattr(x, "__name__", ""))
def test_no_alarm_where_nothing_is_wrong(f: Any, argument: Any) -> None:
    assert warned(f, argument) == []


def test_one_hot_labels_as_an_index_are_refused() -> None:
    whole = Y.astype(int)
    with pytest.raises(rg.RetrogradError, match="RG201") as caught:
        rg.grad(lambda W: -np.log(softmax(X @ W)[np.arange(6), whole]).mean())(W)
    assert "whole is one-hot (6, 3)" in str(caught.value)
    assert "whole.argmax(axis=1)" in str(caught.value)


def test_labels_that_count_from_one_are_refused_as_an_index_error() -> None:
    labels = y + 1
    with pytest.raises(IndexError, match="RG202") as caught:
        rg.grad(lambda W: -np.log(softmax(X @ W)[np.arange(6), labels]).mean())(W)
    assert "they count from 1" in str(caught.value)
    assert "labels - 1" in str(caught.value)
