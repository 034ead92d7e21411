"""What a training run did, epoch by epoch."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Epoch:
    """One pass over the training data.

    Attributes:
        number: from 1.
        loss: the mean of the batches' losses, weighted by their sizes.
        validation_loss: the loss on the validation data after the epoch; None without such data.
        validation_accuracy: the share of right classes there, 0 to 1; None where labels are no
            classes.
        seconds: how long the epoch took, without validation.
    """

    number: int
    loss: float
    validation_loss: float | None
    validation_accuracy: float | None
    seconds: float


@dataclass
class History:
    """The epochs of a run, in order."""

    epochs: list[Epoch] = field(default_factory=list)

    @property
    def losses(self) -> list[float]:
        """The training loss of each epoch."""
        return [epoch.loss for epoch in self.epochs]
