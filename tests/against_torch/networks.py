"""Activations, losses and layers as functions: ours, called with PyTorch's arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

NETWORKS: dict[str, Callable[..., Any]] = {}
