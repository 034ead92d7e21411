"""The lines as LaTeX, and as one line of plain mathematics."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from retrograd.explanation.run import Ran, Row
from retrograd.program import Value

_GRADIENT = re.compile(r"^d([A-Za-z]\w*)$")
_PARTS = re.compile(r"^([A-Za-z]+?)_?(\d+)?$")
_OPERAND = r"(\([^()]*\)|[\w∂/]+)"
_GREEK = {"alpha", "beta", "gamma", "delta", "eta", "theta", "lambda", "mu", "sigma", "phi", "rho"}
_FUNCTIONS = {"exp": r"\exp", "log": r"\log", "tanh": r"\tanh", "sin": r"\sin", "cos": r"\cos"}


def latex(ran: Ran) -> str:
    """All lines, an `align*` environment for each pass."""
    blocks = []
    for backward in (False, True):
        rows = [r for r in ran.rows if r.backward == backward]
        lines = [latex_line(r, ran.written.names, align=True) for r in rows]
        if lines:
            body = " \\\\\n".join(f"  {line}" for line in lines)
            blocks.append(f"\\begin{{align*}}\n{body}\n\\end{{align*}}")
    return "\n\n".join(blocks)


def latex_line(row: Row, names: Mapping[Value, str], *, align: bool = False) -> str:
    """One line as LaTeX."""
    parts: list[str] = []
    for code in row.code:
        statement = ast.parse(code.strip()).body[0]
        equals = " &= " if align and not parts else " = "
        parts.append(_statement(statement, equals))
    return r",\quad ".join(parts)


def math_text(code: str) -> str:
    """A line of code with ∂ for gradients and the signs of mathematics."""
    text = re.sub(r"\bd([A-Za-z]\w*)\b", lambda m: f"∂L/∂{m.group(1)}", code)
    text = re.sub(rf"{_OPERAND}\.sum\(axis=0(?:, keepdims=True)?\)", r"Σ_rows \1", text)
    text = re.sub(rf"{_OPERAND}\.sum\(axis=1(?:, keepdims=True)?\)", r"Σ_columns \1", text)
    text = re.sub(rf"{_OPERAND}\.sum\(\)", r"Σ \1", text)
    text = text.replace("np.", "").replace(".T", "ᵀ").replace("**2", "²").replace(" * ", " · ")
    return text.replace(" @ ", " ").replace(" - ", " − ").replace(" >= ", " ≥ ")


def _statement(statement: ast.stmt, equals: str) -> str:
    if isinstance(statement, ast.Assign):
        return f"{_tex(statement.targets[0])}{equals}{_tex(statement.value)}"
    if isinstance(statement, ast.AugAssign):
        sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: r"\cdot", ast.Div: "/"}
        symbol = sign.get(type(statement.op), "?")
        left, right = _tex(statement.target), _tex(statement.value)
        if isinstance(statement.op, ast.Div):
            return rf"{left}{equals}\frac{{1}}{{{right}}} {left}"
        return f"{left}{equals}{left} {symbol} {right}"
    if isinstance(statement, ast.Expr):
        return _tex(statement.value)
    return r"\texttt{" + ast.unparse(statement).replace("_", r"\_") + "}"


def _name(name: str) -> str:
    gradient = _GRADIENT.match(name)
    if gradient:
        return rf"\frac{{\partial L}}{{\partial {_name(gradient.group(1))}}}"
    found = _PARTS.match(name)
    if found is None:
        return r"\mathrm{" + name.replace("_", r"\_") + "}"
    word, digits = found.groups()
    letter = f"\\{word}" if word in _GREEK else word if len(word) == 1 else rf"\mathrm{{{word}}}"
    return f"{letter}_{{{digits}}}" if digits else letter


_PRECEDENCE = {ast.Add: 1, ast.Sub: 1, ast.Mult: 2, ast.MatMult: 2, ast.Div: 3, ast.Pow: 4}


def _precedence(node: ast.expr) -> int:
    if isinstance(node, ast.BinOp):
        return _PRECEDENCE.get(type(node.op), 2)
    return 2 if isinstance(node, ast.UnaryOp) else 5


def _wrapped(node: ast.expr, at_least: int) -> str:
    text = _tex(node)
    return rf"\left({text}\right)" if _precedence(node) < at_least else text


def _tex(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return _name(node.id)
    if isinstance(node, ast.Constant):
        return f"{node.value:g}" if isinstance(node.value, int | float) else str(node.value)
    if isinstance(node, ast.BinOp):
        return _binary(node)
    if isinstance(node, ast.UnaryOp):
        sign = {ast.USub: "-", ast.Invert: r"\neg ", ast.UAdd: ""}.get(type(node.op), "")
        return f"{sign}{_wrapped(node.operand, 2)}"
    if isinstance(node, ast.Compare):
        signs = {ast.Gt: ">", ast.Lt: "<", ast.GtE: r"\ge", ast.LtE: r"\le", ast.Eq: "="}
        sign = signs.get(type(node.ops[0]), "?")
        return rf"\mathbf{{1}}[{_tex(node.left)} {sign} {_tex(node.comparators[0])}]"
    if isinstance(node, ast.Attribute):
        if node.attr == "T":
            return rf"{_wrapped(node.value, 5)}^{{\top}}"
        return r"\mathrm{" + node.attr.replace("_", r"\_") + "}"
    if isinstance(node, ast.Subscript):
        return _subscript(node)
    if isinstance(node, ast.Call):
        return _call(node)
    if isinstance(node, ast.Tuple | ast.List):
        return ", ".join(_tex(e) for e in node.elts)
    return r"\texttt{" + ast.unparse(node).replace("_", r"\_") + "}"


def _binary(node: ast.BinOp) -> str:
    kind = type(node.op)
    if kind is ast.Div:
        return rf"\frac{{{_tex(node.left)}}}{{{_tex(node.right)}}}"
    if kind is ast.Pow:
        return f"{_wrapped(node.left, 5)}^{{{_tex(node.right)}}}"
    level = _PRECEDENCE.get(kind, 2)
    left, right = _wrapped(node.left, level), _wrapped(node.right, level + (kind is ast.Sub))
    number = isinstance(node.left, ast.Constant) or isinstance(node.right, ast.Constant)
    sign = {ast.Add: "+", ast.Sub: "-", ast.MatMult: r"\,"}.get(
        kind, r"\cdot" if number else r"\odot"
    )
    return f"{left} {sign} {right}"


def _subscript(node: ast.Subscript) -> str:
    key = node.slice
    elements = key.elts if isinstance(key, ast.Tuple) else [key]
    if all(
        (isinstance(e, ast.Constant) and e.value in (None, ...))
        or (isinstance(e, ast.Slice) and e.lower is e.upper is e.step is None)
        for e in elements
    ):
        return _tex(node.value)  # an axis more or all of it: the same numbers
    shown = ", ".join(ast.unparse(e) if isinstance(e, ast.Slice) else _tex(e) for e in elements)
    return f"{{{_wrapped(node.value, 5)}}}_{{{shown}}}"  # in braces: it may have a subscript


def _call(node: ast.Call) -> str:
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)
    of_numpy = isinstance(function, ast.Attribute) and ast.unparse(function.value) == "np"
    keywords = {k.arg or "": ast.unparse(k.value) for k in node.keywords}
    if ast.unparse(function) in ("np.add.at", "np.subtract.at"):
        return r"\texttt{" + ast.unparse(node).replace("_", r"\_") + "}"
    if not of_numpy and isinstance(function, ast.Attribute):
        return _method(function.value, name, keywords, node)
    inside = ", ".join(_tex(a) for a in node.args)
    if name == "exp" and node.args:
        return f"e^{{{inside}}}"
    if name == "sqrt":
        return rf"\sqrt{{{inside}}}"
    if name in ("maximum", "minimum"):
        return rf"\{name[:3]}\left({inside}\right)"
    if name == "outer" and len(node.args) == 2:
        return rf"{_wrapped(node.args[0], 5)} \, {_wrapped(node.args[1], 5)}^{{\top}}"
    return rf"{_FUNCTIONS.get(name, _word(name))}\left({inside}\right)"


def _method(value: ast.expr, name: str, keywords: Mapping[str, str], node: ast.Call) -> str:
    axis = keywords.get("axis", ast.unparse(node.args[0]) if node.args else "")
    words = {"0": "rows", "1": "columns"}
    index = rf"\mathrm{{{words[axis]}}}" if axis in words else ""
    under = f"_{{{index}}}" if index else ""
    inside = _wrapped(value, 2)
    if name == "sum":
        return rf"\sum{under} {inside}"
    if name == "mean":
        return rf"\mathrm{{mean}}{under} {inside}"
    if name in ("max", "min"):
        return rf"\{name}{under} {inside}"
    if name in ("copy", "squeeze", "reshape", "astype"):
        return _tex(value)
    return rf"{_word(name)}\left({_tex(value)}\right)"


def _word(name: str) -> str:
    return r"\mathrm{" + name.replace("_", r"\_") + "}"
