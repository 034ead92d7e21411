"""Softmax and cross-entropy in one, and the negative log-likelihood of log-probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.errors import ArgumentError, LabelError, ShapeError
from retrograd.losses.reduction import check_number, check_reduction, reduced
from retrograd.ops.arithmetic import weighted
from retrograd.ops.check_values import labels_within
from retrograd.ops.softmax import log_softmax


def cross_entropy(
    logits: Any,
    y: Any,
    *,
    class_weight: Any = None,
    label_smoothing: float = 0.0,
    ignore_index: int | None = None,
    reduction: str = "mean",
    sample_weight: Any = None,
) -> Any:
    """The mean over examples of -log softmax(logits) at the labels.

    Args:
        logits: (N, C), any real numbers: what the last layer returns, without softmax; -inf masks
            a class out. Or (N, C, ...), as pixels have it, and y accordingly.
        y: labels: whole numbers from 0 to C - 1, shape (N,); or a row of weights for each example,
            shape (N, C): one-hot, or soft labels.
        class_weight: (C,), what the loss of each class counts; None for 1. As in PyTorch the mean
            over class numbers is divided by the sum of their weights, that over soft labels by N.
        label_smoothing: from 0 to 1: this share of a label is spread over all classes.
        ignore_index: a class number whose examples do not count.
        reduction: "mean" over examples, "sum", or "none" for one loss for each example.
        sample_weight: (N,), or None; see `losses.reduction.reduced`.

    Returns:
        A scalar: -sum(y * log p) / N. Its gradient is (p * sum(y) - y) / N, which is (p - y) / N
        where each row of y sums to one.

    Raises:
        ShapeError: RG107, shapes other than these.
        LabelError: RG201, class numbers of a float dtype; RG202, one below 0 or above C - 1;
            RG208, all of them are ignored.
        ArgumentError: RG601, a number out of its range, or another reduction.

    Sources: Goodfellow, Bengio and Courville, Deep Learning (2016), 6.2.2.3; label smoothing:
    Szegedy et al., "Rethinking the Inception Architecture" (2015), section 7.

    >>> z = np.log(np.array([[1.0, 3.0], [1.0, 1.0]]))
    >>> round(float(cross_entropy(z, np.array([1, 0]))), 4)  # (-log 0.75 - log 0.5) / 2
    0.4904
    """
    logits, y = np.asarray(logits), np.asarray(y)
    check_number("label_smoothing", label_smoothing, 0, 1)
    logits, y, shape = _in_rows("cross_entropy", "logits", logits, y)
    _check_class_weight(class_weight, logits)
    log_p = log_softmax(logits, axis=1)  # (N, C)
    if np.ndim(y) == 2:
        if ignore_index is not None:
            raise ArgumentError("RG601", "ignore_index is a class number; y holds a row for each")
        loss = _of_shares(log_p, y, class_weight, label_smoothing, reduction, sample_weight, shape)
        return loss
    loss = _of_classes(
        log_p, y, class_weight, label_smoothing, ignore_index, reduction, sample_weight, shape
    )
    return loss


def nll(
    log_p: Any,
    y: Any,
    *,
    class_weight: Any = None,
    ignore_index: int | None = None,
    reduction: str = "mean",
    sample_weight: Any = None,
) -> Any:
    """The mean over examples of -log_p at the labels: of log-probabilities, such as log_softmax's.

    Args:
        log_p: (N, C), logarithms of probabilities; or (N, C, ...), and y accordingly.
        y: whole numbers from 0 to C - 1, shape (N,).
        class_weight: (C,), what the loss of each class counts; the mean is divided by their sum.
        ignore_index: a class number whose examples do not count.
        reduction: "mean" over examples, "sum", or "none" for one loss for each example.
        sample_weight: (N,), or None; see `losses.reduction.reduced`.

    Returns:
        A scalar. Its gradient is -1 / N at the labels, 0 elsewhere.

    Raises:
        ShapeError: RG107, shapes other than these.
        LabelError: RG201, class numbers of a float dtype; RG202, one below 0 or above C - 1;
            RG208, all of them are ignored.
        ArgumentError: RG601, another reduction.

    >>> round(float(nll(np.log(np.array([[0.25, 0.75]])), np.array([1]))), 4)
    0.2877
    """
    log_p, y = np.asarray(log_p), np.asarray(y)
    log_p, y, shape = _in_rows("nll", "log_p", log_p, y)
    if np.ndim(y) != 1:
        raise ShapeError("RG107", f"nll takes class numbers (N,), and y has shape {np.shape(y)}")
    _check_class_weight(class_weight, log_p)
    loss = _of_classes(log_p, y, class_weight, 0.0, ignore_index, reduction, sample_weight, shape)
    return loss


def _in_rows(name: str, what: str, logits: Any, y: Any) -> tuple[Any, Any, tuple[Any, ...]]:
    """Logits (N, C) and y (N,) or (N, C), and the shape of one loss for each example."""
    given, labels = np.shape(logits), np.shape(y)
    if len(given) == 2 and labels in (given[:1], given):
        return logits, y, given[:1]
    if len(given) > 2 and labels in (given, given[:1] + given[2:]):
        C = given[1]
        rows = np.moveaxis(logits, 1, -1).reshape(-1, C)
        y = np.moveaxis(y, 1, -1).reshape(-1, C) if labels == given else y.reshape(-1)
        return rows, y, given[:1] + given[2:]
    raise ShapeError(
        "RG107",
        f"{name} takes {what} (N, C) and y (N,) or (N, C), and got {given} and {labels}",
        help=_way_out(given, labels, what),
    )


def _way_out(given: tuple[Any, ...], labels: tuple[Any, ...], what: str) -> str:
    if len(given) == 1:
        return f"one example alone: {what}[None], y[None]"
    if len(given) == 2 and labels == (given[0], 1):
        return "y.ravel(): class numbers have shape (N,)"
    if len(given) == 2 and len(labels) == 2 and labels[::-1] == given:
        return "y.T: examples are rows"
    return ""


def _check_class_weight(class_weight: Any, logits: Any) -> None:
    if class_weight is not None and np.shape(class_weight) != np.shape(logits)[1:]:
        raise ShapeError(
            "RG107",
            f"class_weight has shape {np.shape(class_weight)}, and there are "
            f"{np.shape(logits)[1]} classes",
        )


def _of_classes(
    log_p: Any,
    y: Any,
    class_weight: Any,
    label_smoothing: float,
    ignore_index: int | None,
    reduction: str,
    sample_weight: Any,
    shape: tuple[Any, ...],
) -> Any:
    """The loss of class numbers, each of which counts what its class does."""
    check_reduction(reduction)
    if y.dtype.kind not in "iu":
        raise LabelError(
            "RG201",
            f"y has shape {np.shape(y)}, so it holds class numbers, but its dtype is {y.dtype}",
            help="y.astype(int)",
        )
    N, C = log_p.shape
    labels_within(y, log_p, C, ignore_index)
    counts = None if class_weight is None else class_weight
    own = y if ignore_index is None else np.where(y == ignore_index, 0, y)
    rows = np.arange(N)
    losses = -log_p[rows, own]  # (N,)
    weights = None if counts is None else counts[own]  # (N,)
    if weights is not None:
        losses = weights * losses
    if label_smoothing:
        every = -np.sum(log_p if counts is None else counts * log_p, axis=1) / C  # (N,)
        losses = (1 - label_smoothing) * losses + label_smoothing * every
    if ignore_index is not None:
        kept = (y != ignore_index).astype(log_p.dtype)
        losses = np.where(y == ignore_index, 0, losses)
        weights = kept if weights is None else kept * weights
    if sample_weight is not None:
        sample_weight = (
            np.reshape(sample_weight, (-1,)) if np.ndim(sample_weight) else sample_weight
        )
        if np.shape(sample_weight) != np.shape(losses):
            raise ShapeError(
                "RG107",
                f"sample_weight has shape {np.shape(sample_weight)}, and there are "
                f"{np.shape(losses)[0]} examples",
            )
        losses = sample_weight * losses
        weights = sample_weight if weights is None else sample_weight * weights
    if reduction == "none":
        return losses if len(shape) == 1 else losses.reshape(shape)
    if reduction == "sum":
        return np.sum(losses)
    return np.mean(losses) if weights is None else np.sum(losses) / np.sum(weights)


def _of_shares(
    log_p: Any,
    y: Any,
    class_weight: Any,
    label_smoothing: float,
    reduction: str,
    sample_weight: Any,
    shape: tuple[Any, ...],
) -> Any:
    """The loss of a row of weights for each example."""
    if label_smoothing:
        y = (1 - label_smoothing) * y + label_smoothing / y.shape[1]
    if class_weight is not None:
        y = class_weight * y
    losses = -np.sum(weighted(y, log_p), axis=1)  # (N,)
    if len(shape) > 1:
        losses = losses.reshape(shape)
    if len(shape) > 1 and reduction == "mean" and sample_weight is None:
        return np.mean(losses)
    return reduced(losses, reduction, sample_weight)


def check_labels(y: Any, classes: int) -> None:
    """Refuse class numbers that have no column.

    Raises:
        LabelError: RG202, with the values found.
    """
    y = np.asarray(y)
    if y.ndim == 1 and y.dtype.kind in "iu":
        labels_within.body(y, None, classes)  # type: ignore[attr-defined]
