"""What flows through the library: values, steps and programs, all frozen."""

from retrograd.program.book import SizeBook, SizeCheck
from retrograd.program.expression import Derived, Dim, Expression, derive
from retrograd.program.program import (
    Constant,
    Input,
    Note,
    Operand,
    Parameter,
    Program,
    SizeOperand,
    Step,
    Value,
    needed_for,
)
from retrograd.program.recording import current_book, opened
from retrograd.program.size import Size, expression_of, is_size, plain
from retrograd.program.tree import Leaf, Tree, is_float, tree_of
from retrograd.report import Position

__all__ = [
    "Constant",
    "Derived",
    "Dim",
    "Expression",
    "Input",
    "Leaf",
    "Note",
    "Operand",
    "Parameter",
    "Position",
    "Program",
    "Size",
    "SizeBook",
    "SizeCheck",
    "SizeOperand",
    "Step",
    "Tree",
    "Value",
    "current_book",
    "derive",
    "expression_of",
    "is_float",
    "is_size",
    "needed_for",
    "opened",
    "plain",
    "tree_of",
]
