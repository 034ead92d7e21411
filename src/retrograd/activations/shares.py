"""Activations along an axis: softmax and its relatives, and gates."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.errors import ShapeError
from retrograd.ops import softmax as softmaxes
from retrograd.ops.sigmoid import sigmoid


def softmax(z: Any, axis: Any = -1) -> Any:
    """e**z over its sum along an axis, without overflow.

    Not needed in front of `losses.cross_entropy`, which takes logits and does this itself.

    Args:
        z: logits of any shape; -inf masks one out.
        axis: the axis along which the result sums to 1: that of the classes.

    Returns:
        Probabilities in the shape of z; NaN where all of z along the axis is -inf.

    Source: Bridle, "Probabilistic Interpretation of Feedforward Classification Network Outputs"
    (1990); its Jacobian: Goodfellow, Bengio and Courville, Deep Learning (2016), 6.2.2.3.

    >>> softmax(np.array([[0.0, np.log(3.0)]])).round(3).tolist()
    [[0.25, 0.75]]
    """
    return softmaxes.softmax(z, axis=axis)


def log_softmax(z: Any, axis: Any = -1) -> Any:
    """log(softmax(z)) along an axis, exact where softmax underflows.

    Args:
        z: logits of any shape; -inf masks one out.
        axis: the axis along which softmax sums to 1.

    Returns:
        Log-probabilities in the shape of z, 0 or less.

    >>> log_softmax(np.array([[0.0, 1000.0]])).tolist()
    [[-1000.0, 0.0]]
    """
    return softmaxes.log_softmax(z, axis=axis)


def softmin(z: Any, axis: Any = -1) -> Any:
    """softmax(-z) along an axis: the smallest gets the largest share.

    Args:
        z: numbers of any shape.
        axis: the axis along which the result sums to 1.

    Returns:
        Shares in the shape of z.

    >>> softmin(np.array([[0.0, np.log(3.0)]])).round(3).tolist()
    [[0.75, 0.25]]
    """
    return softmaxes.softmax(-z, axis=axis)


def glu(z: Any, axis: int = -1) -> Any:
    """a * sigmoid(b), of the two halves a and b along an axis: a gated linear unit.

    Args:
        z: numbers of any shape, of even length along the axis.
        axis: the axis that is halved.

    Returns:
        An array in the shape of z with half of the axis.

    Raises:
        ShapeError: RG107, an odd length, or no axis.

    Source: Dauphin et al., "Language Modeling with Gated Convolutional Networks" (2016), eq. 1.

    >>> glu(np.array([[2.0, 0.0]])).tolist()
    [[1.0]]
    """
    if np.ndim(z) == 0 or np.shape(z)[axis] % 2:
        raise ShapeError(
            "RG107", f"glu halves axis {axis}, and z of shape {np.shape(z)} cannot be halved there"
        )
    a, b = np.split(z, 2, axis=axis)
    return a * sigmoid(b)
