"""Training: the loop, its history, and saved models."""

from retrograd.train.checkpoint import check_writable, load_model, save_model
from retrograd.train.history import Epoch, History
from retrograd.train.score import Score, evaluate
from retrograd.train.trainer import Trainer

__all__ = [
    "Epoch",
    "History",
    "Score",
    "Trainer",
    "check_writable",
    "evaluate",
    "load_model",
    "save_model",
]
