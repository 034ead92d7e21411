"""explain: what it says is so, its numbers are those of the run, and it fits the terminal."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import retrograd as rg
from retrograd.explanation.entry import Entries
from retrograd.explanation.numbers import glance, number, vector

R = np.random.default_rng(0)


def softmax(z: Any) -> Any:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def loss(X: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    A = X @ W1 + b1
    H = np.maximum(A, 0)
    Z = H @ W2 + b2
    P = softmax(Z)
    return -np.log(P[np.arange(len(y)), y]).mean()


ARGS = (
    R.normal(size=(6, 2)),
    np.array([0, 1, 2, 0, 1, 2]),
    R.normal(size=(2, 4)),
    R.normal(size=4),
    R.normal(size=(4, 3)),
    R.normal(size=3),
)
EXPLAINED = rg.explain(loss, *ARGS)


def columns(W1: Any, b1: Any, W2: Any, x: Any, y: Any) -> Any:
    a1 = np.tanh(W1 @ x + b1)
    z2 = W2 @ a1
    e = np.exp(z2 - z2.max(axis=0))
    return -np.sum(y * np.log(e / e.sum(axis=0))) / x.shape[1]


def logistic(w: Any, b: Any, X: Any, t: Any) -> Any:
    p = 1 / (1 + np.exp(-(X @ w + b)))
    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))


def squared(W: Any, x: Any, y: Any) -> Any:
    p = softmax(x @ W)
    return np.mean((p - y) ** 2)


def recurrent(Wx: Any, Wh: Any, x: Any) -> Any:
    h = np.zeros((4, 3))
    for t in range(3):
        h[t + 1] = np.tanh(Wx @ x[t] + Wh @ h[t])
    return np.sum(h[-1] ** 2)


NETWORKS = {
    "two layers": (loss, ARGS),
    "columns": (
        columns,
        (
            R.normal(size=(4, 2)), R.normal(size=(4, 1)), R.normal(size=(3, 4)),
            R.normal(size=(2, 5)), np.eye(3)[[0, 1, 2, 0, 1]].T,
        ),
    ),
    "logistic": (
        logistic, (R.normal(size=3), 0.5, R.normal(size=(7, 3)), (R.random(7) < 0.5) * 1.0)
    ),
    "softmax and squares": (
        squared, (R.normal(size=(3, 4)), R.normal(size=(6, 3)), np.eye(4)[[0, 1, 2, 3, 0, 1]])
    ),
    "recurrent": (
        recurrent, (R.normal(size=(3, 2)), R.normal(size=(3, 3)), R.normal(size=(3, 2)))
    ),
    "numbers": (lambda a, b: a**2 * b + np.sin(a), (1.5, 2.0)),
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_everything_fits_into_80_columns_and_into_ascii(name: str) -> None:
    f, args = NETWORKS[name]
    explained = rg.explain(f, *args)
    texts = [explained.text(80), explained.text(80, ascii_only=True)]
    for row in explained.ran.rows:
        texts.append(explained.line(row.label, width=80))
        texts.append(explained.line(row.label, width=80, ascii_only=True))
    for number_, text in enumerate(texts):
        code = [row.code for row in explained.ran.rows]
        for line in text.splitlines():
            own = any(c in line for group in code for c in group if len(c) > 70)
            assert len(line) <= 80 or own, line
        if number_ % 2:
            assert text.isascii()


@pytest.mark.parametrize("name", NETWORKS)
def test_entries_written_with_numbers_come_to_what_the_run_gave(name: str) -> None:
    f, args = NETWORKS[name]
    ran = rg.explain(f, *args).ran
    checked = 0
    for row in ran.rows:
        shape = row.value.shape
        place = [n - 1 for n in shape]
        text = Entries(ran, row).with_numbers(row.value, place)
        if "…" in text or not evaluable(text):
            continue
        expected = float(np.asarray(row.result)[tuple(place)])
        found = evaluated(text)
        assert found == pytest.approx(expected, abs=0.02, rel=0.05), (row, text)
        checked += 1
    assert checked >= 3


def evaluable(text: str) -> bool:
    words = set(re.findall(r"[A-Za-z_]\w*", text)) - {"if", "else", "max", "exp", "log", "tanh"}
    return not (words - {"e", "sin", "cos", "n"})


def evaluated(text: str) -> float:
    """The numbers of an entry, computed by Python."""
    code = text.replace("−", "-").replace("·", "*").replace("²", "**2").replace("^", "**")
    code = re.sub(r"1\{(.*?)\}", lambda m: f"float({m[1].replace(' = ', ' == ')})", code)
    code = re.sub(r"(\w) = (\w)", r"\1 == \2", code)
    code = re.sub(r"\[.*?\]", lambda m: m[0].replace(" ", ", "), code)
    names = {"exp": np.exp, "log": np.log, "tanh": np.tanh, "sin": np.sin, "cos": np.cos}
    return float(eval(code, {"max": max, "float": float, **names}))


def test_the_overview_says_where_things_come_from() -> None:
    text = EXPLAINED.text(80)
    assert "N=6 examples  D=2 inputs  K=4 hidden  C=3 classes" in text
    assert re.search(r"backward agrees with differences: worst \d", text)
    lines = text.splitlines()
    after_dz = " ".join(lines[next(i for i, s in enumerate(lines) if "dZ /= N" in s) :][:3])
    assert "softmax and cross-entropy at once" in after_dz
    assert "the labels y and 1/N enter here" in " ".join(after_dz.split())
    assert text.count("the labels") == 1 and text.count("1/N") == 1
    assert "b2 was added to all N rows, so its slopes add up" in text
    assert "entry by entry" in text


def test_a_line_in_full_has_the_formula_one_entry_and_the_numbers() -> None:
    text = EXPLAINED.line("dZ", entry=0)
    assert "∂L/∂Z[n,c] = (P[n,c] − 1{c = y[n]}) / N" in text
    p = softmax(np.maximum(ARGS[0] @ ARGS[2] + ARGS[3], 0) @ ARGS[4] + ARGS[5])[0]
    assert vector(p) in text
    dz = (p - np.eye(3)[0]) / 6
    assert f"= {vector(dz)}" in text
    assert "J[i,j] = p[i]·(1 − p[i]) where i = j" in text.replace("\n     ", " ")
    assert number((np.diag(p) - np.outer(p, p))[0, 1]) in text  # the Jacobian of the example
    diagonal = p * (1 - p) * (-np.eye(3)[0] / p / 6)
    assert vector(diagonal) in text and "2 of 3 would be wrong" in " ".join(text.split())
    assert r"\frac{\partial L}{\partial Z}" in text


def test_an_activation_has_a_diagonal_matrix() -> None:
    text = EXPLAINED.line("dA", entry=1)
    assert "why it is entry by entry" in text
    assert "∂L/∂H[n,k] · 1{A[n,k] > 0}" in text


def test_a_sum_over_the_examples_is_written_as_one() -> None:
    assert "∂L/∂W2[k,c] = Σ_n H[n,k]·∂L/∂Z[n,c]" in EXPLAINED.line("dW2")
    assert "∂L/∂b2[c] = Σ_n ∂L/∂Z[n,c]" in EXPLAINED.line("db2")


def test_a_gradient_without_a_line_of_its_own_is_said() -> None:
    def single(W: Any, b: Any, x: Any) -> Any:
        z = W @ x + b
        return np.sum(np.tanh(z) ** 2)

    text = rg.explain(single, ARGS[2].T, np.ones(4), ARGS[0][0]).text(80)
    assert "db = dz" in text


def test_a_softmax_spans_lines() -> None:
    assert "through lines 4 to 9: softmax and cross-entropy" in EXPLAINED.text(80)


def test_captured_arrays_are_the_parameters_of_a_function_of_the_data() -> None:
    W = R.normal(size=(2, 3))

    def captured(X: Any) -> Any:
        return np.mean((X @ W) ** 2)

    assert "dW = X.T @ " in rg.explain(captured, ARGS[0]).text(80)


def test_dead_units_are_said() -> None:
    b1 = np.full(4, -100.0)
    text = rg.explain(loss, *ARGS[:3], b1, *ARGS[4:]).text(80)
    assert "in H row 0, 1, 2, 3, 4 is zero throughout" in text.replace("\n", " ")


def test_latex_has_balanced_braces_and_single_subscripts() -> None:
    for f, args in NETWORKS.values():
        text = rg.explain(f, *args).latex()
        assert text.count("{") == text.count("}")
        assert text.count(r"\begin{align*}") == text.count(r"\end{align*}") >= 1
        assert not re.search(r"_\{[^{}]*\}_", text), "a double subscript"


def test_what_is_not_there() -> None:
    with pytest.raises(rg.RetrogradError, match="RG410"):
        EXPLAINED.line("dv")
    with pytest.raises(rg.RetrogradError, match="RG410"):
        EXPLAINED.line("dZ", entry=6)
    with pytest.raises(rg.RetrogradError, match="RG410"):
        EXPLAINED.line("dZ", entry=(0, 0, 0))


def test_numbers_in_a_few_characters() -> None:
    assert [number(v) for v in (0, 1.0, -0.5, 1e-9, 123456.0, np.inf, True)] == [
        "0", "1.000", "-0.500", "1.00e-09", "1.23e+05", "inf", "1"
    ]  # fmt: skip
    assert vector([1.0, 0.0]) == "[1 0]"
    assert glance(np.array([1, 2, 3])) == "[1 2 3]"
    assert glance(np.full((2, 2), 0.5)) == "rows sum to 1"
    assert glance(np.array([[1.0, np.nan], [2, 3]])) == "1 of 4 not finite"
    assert glance(np.zeros((2, 3))) == "all 0"
    assert glance(np.zeros((0, 3))) == "empty"


def test_a_network_of_windows_is_explained_with_its_loop() -> None:
    def loss(w: Any, b: Any, x: Any, y: Any) -> Any:
        z = rg.conv2d(x, w, b, padding=1)
        p = rg.max_pool2d(np.maximum(z, 0), 2)
        return rg.losses.cross_entropy(p.reshape(len(x), -1), y)

    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(4, 1, 4, 4)), rng.normal(size=(2, 1, 3, 3))
    text = str(rg.explain(loss, w, np.zeros(2), x, np.arange(4), wrt=["w", "b"]))
    assert "for i, j in np.ndindex(2, 2):" in text
    assert "4×2×2×2" in text
    assert "backward agrees with differences" in text
