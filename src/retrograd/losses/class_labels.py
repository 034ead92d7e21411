"""What the losses of class labels share: rows of logits, and the loss of their labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.errors import LabelError, ShapeError
from retrograd.losses.reduction import check_reduction, reduced, weights_of
from retrograd.ops.arithmetic import weighted
from retrograd.ops.check_values import labels_within


def in_rows(name: str, what: str, logits: Any, y: Any) -> tuple[Any, Any, tuple[Any, ...]]:
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


def check_class_weight(class_weight: Any, logits: Any) -> None:
    """Refuse weights that are not one for each class (RG107)."""
    if class_weight is not None and np.shape(class_weight) != np.shape(logits)[1:]:
        raise ShapeError(
            "RG107",
            f"class_weight has shape {np.shape(class_weight)}, and there are "
            f"{np.shape(logits)[1]} classes",
        )


def loss_of_classes(
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
    own = y if ignore_index is None else np.where(y == ignore_index, 0, y)
    rows = np.arange(N)
    losses = -log_p[rows, own]  # (N,)
    weights = None if class_weight is None else class_weight[own]  # (N,)
    if weights is not None:
        losses = weights * losses
    if label_smoothing:
        every = -np.sum(log_p if class_weight is None else class_weight * log_p, axis=1) / C
        losses = (1 - label_smoothing) * losses + label_smoothing * every
    if ignore_index is not None:
        kept = (y != ignore_index).astype(log_p.dtype)
        losses = np.where(y == ignore_index, 0, losses)
        weights = kept if weights is None else kept * weights
    if sample_weight is not None:
        sample_weight = weights_of(shape, sample_weight)
        if len(shape) > 1:  # the losses of pixels stand in one row
            sample_weight = np.broadcast_to(sample_weight, shape).reshape(-1)
        losses = sample_weight * losses
        weights = sample_weight if weights is None else sample_weight * weights
    if reduction == "none":
        return losses if len(shape) == 1 else losses.reshape(shape)
    if reduction == "sum":
        return np.sum(losses)
    return np.mean(losses) if weights is None else np.sum(losses) / np.sum(weights)


def loss_of_shares(
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
    return reduced(losses, reduction, sample_weight)


def check_labels(y: Any, classes: int) -> None:
    """Refuse class numbers that have no column.

    Raises:
        LabelError: RG202, with the values found.
    """
    y = np.asarray(y)
    if y.ndim == 1 and y.dtype.kind in "iu":
        labels_within.body(y, None, classes)  # type: ignore[attr-defined]
