"""diagnose: which mistake is in a hand-written backward pass, and on which line."""

from retrograd.diagnosis.diagnosis import diagnose
from retrograd.diagnosis.finding import Diagnosis, Finding
from retrograd.diagnosis.layer import diagnose_layer
from retrograd.diagnosis.training import diagnose_training

__all__ = ["Diagnosis", "Finding", "diagnose", "diagnose_layer", "diagnose_training"]
