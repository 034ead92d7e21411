"""Error messages as text."""

from retrograd.report.frame import Position, code_frame, source_segment, statements_of

__all__ = ["Position", "code_frame", "source_segment", "statements_of"]
