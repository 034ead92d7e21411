"""Training: the loop, its history, and saved models."""

from retrograd.train.checkpoint import load_model, save_model
from retrograd.train.history import Epoch, History
from retrograd.train.trainer import Score, Trainer, evaluate

__all__ = ["Epoch", "History", "Score", "Trainer", "evaluate", "load_model", "save_model"]
