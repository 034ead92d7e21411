"""For test suites: a hand-written gradient is right, or the test says what is wrong with it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from retrograd.diagnosis import Diagnosis, diagnose, diagnose_training
from retrograd.errors import GradientError, LikelyMistake


class DiagnosisError(GradientError):
    """Something is wrong with a hand-written gradient or training; the message is the diagnosis.

    Attributes:
        diagnosis: the diagnosis.
    """

    def __init__(self, diagnosis: Diagnosis) -> None:
        self.diagnosis = diagnosis
        first = diagnosis.findings[0]
        super().__init__(first.code, first.message, where=first.where)
        self.args = (str(diagnosis),)

    def __str__(self) -> str:
        return str(self.args[0])

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.diagnosis,)


def assert_gradients(
    loss: Callable[[Any], Any],
    grads: Callable[[Any], Any],
    inputs: Mapping[str, Any] | Callable[..., Mapping[str, Any]],
    *,
    seed: int = 0,
    check: Callable[[Any], Any] | None = None,
) -> None:
    """Fail with the diagnosis unless every gradient is right.

    Args:
        loss: as in `rg.diagnose`.
        grads: as in `rg.diagnose`.
        inputs: as in `rg.diagnose`.
        seed: for the inputs.
        check: your own gradient check, as in `rg.diagnose`.

    Raises:
        DiagnosisError: a gradient is wrong; its code is that of the first finding.
        ArgumentError: RG583 or RG584, as in `rg.diagnose`.

    Warns:
        LikelyMistake: the gradients are right, and the forward pass or your own check has a
            mistake that shows.

    >>> import numpy as np
    >>> assert_gradients(
    ...     lambda i: np.sum(i["x"] ** 2), lambda i: {"dx": 2 * i["x"]}, {"x": np.array([1.0, 2.0])}
    ... )
    """
    diagnosis = diagnose(loss, grads, inputs, seed=seed, check=check)
    if not diagnosis.ok:
        raise DiagnosisError(diagnosis)
    for finding in diagnosis.findings:
        warnings.warn(
            LikelyMistake(
                finding.code,
                finding.message,
                where=finding.where,
                notes=finding.evidence,
                help=finding.fix,
            ),
            stacklevel=2,
        )


def assert_training(
    step: Callable[[Any], Any],
    loss: Callable[[Any], Any],
    inputs: Mapping[str, Any] | Callable[..., Mapping[str, Any]],
    *,
    seed: int = 0,
) -> None:
    """Fail with the diagnosis if a training step has one of the known mistakes.

    Args:
        step: as in `rg.diagnose_training`.
        loss: as in `rg.diagnose_training`.
        inputs: as in `rg.diagnose_training`.
        seed: for the inputs.

    Raises:
        DiagnosisError: there is a finding; its code is that of the first one.
        ArgumentError: RG583 or RG584, as in `rg.diagnose_training`.
    """
    diagnosis = diagnose_training(step, loss, inputs, seed=seed)
    if diagnosis.findings:
        raise DiagnosisError(diagnosis)
