"""What cannot be recorded or differentiated stops with a code, the user's line, and a way out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import retrograd as rg

X = np.array([1.0, 2.0, 3.0])
HERE = Path(__file__).name


def branch(x: Any) -> Any:
    if x.sum() > 0:  # HERE
        return x.sum()
    return -x.sum()


def swallowed(x: Any) -> Any:
    try:
        return x.sum() * int(x.sum())  # HERE
    except Exception:
        return np.sum(0 * x)


def no_rule(x: Any) -> Any:
    return np.sum(np.unwrap(x) ** 2)  # HERE


def no_rule_for_an_argument(x: Any) -> Any:
    return np.max(x, initial=1.0)  # HERE


def jumps(x: Any) -> Any:
    return np.mean(x.argmax() == 2) * np.sum(x)  # HERE


def jumps_into_the_result(x: Any) -> Any:
    best = x.argmax()  # HERE
    return np.sum(x) + best * 1.0


def truth_value_as_index(x: Any) -> Any:
    return x[1 > 0].mean()  # HERE


def number_beside_an_array(x: Any) -> Any:
    return np.sum(x * float(x.sum()))  # HERE


def write(x: Any) -> Any:
    out = np.array([0, 0, 0])
    out[0] = x[0]  # HERE
    return np.sum(out)


def read_only(x: Any) -> Any:
    out = np.broadcast_to(x, (2, 3))
    out[0] = 1.0  # HERE
    return np.sum(out)


def too_large(x: Any) -> Any:
    x += np.ones((2, 3))  # HERE
    return np.sum(x)


def iterate_while(x: Any) -> Any:
    total = x.sum()
    while total > 1:  # HERE
        total = total / 2
    return total


def index_of_a_value(x: Any) -> Any:
    return np.sum(x[: int(x.max())])  # HERE


def shapes(x: Any) -> Any:
    W = np.ones((4, 2))
    return np.sum(x @ W)  # HERE


def broadcast(x: Any) -> Any:
    b = np.ones(2)
    return np.sum(x + b)  # HERE


def reshaped(x: Any) -> Any:
    return np.sum(x.reshape(2, 2))  # HERE


def not_scalar(x: Any) -> Any:
    return x * 2  # HERE


def complex_numbers(x: Any) -> Any:
    return np.sum(np.abs(x * 1j))  # HERE


def a_dictionary_as_operand(x: Any) -> Any:
    return np.sum(x + {})  # HERE


def method_without_rule(x: Any) -> Any:
    return x.dumps()  # HERE


CASES = [
    (branch, "RG403", "np.where"),
    (swallowed, "RG403", "int()"),
    (number_beside_an_array, "RG403", "float()"),
    (no_rule, "RG402", "np.unwrap"),
    (no_rule_for_an_argument, "RG402", "initial="),
    (jumps_into_the_result, "RG401", "np.argmax"),
    (truth_value_as_index, "RG405", "truth value"),
    (write, "RG207", "cuts them off"),
    (read_only, "RG404", "build the result"),
    (too_large, "RG102", "does not fit"),
    (iterate_while, "RG403", "truth"),
    (index_of_a_value, "RG403", "int()"),
    (shapes, "RG101", "3 columns meet 4 rows"),
    (broadcast, "RG102", "(3,) and (2,)"),
    (reshaped, "RG110", "reshape"),
    (not_scalar, "RG407", "shape (3,)"),
    (complex_numbers, "RG206", "complex"),
    (a_dictionary_as_operand, "RG404", "dict"),
    (method_without_rule, "RG402", "dumps"),
]


@pytest.mark.parametrize(("f", "code", "words"), CASES, ids=lambda c: getattr(c, "__name__", ""))
def test_the_message_has_the_code_the_line_and_a_way_out(f: Any, code: str, words: str) -> None:
    with pytest.raises(rg.RetrogradError) as caught:
        rg.grad(f)(X)
    error, text = caught.value, str(caught.value)
    assert error.code == code
    assert text.startswith(f"error[{code}]: ")
    assert words in text
    assert error.where is not None and Path(error.where.file).name == HERE
    shown = re.search(r"^\d+ \| (.*)$", text, flags=re.MULTILINE)
    assert shown is not None and shown.group(1).endswith("# HERE"), text
    assert "^" in text


def test_a_jump_that_only_chooses_a_place_is_fine() -> None:
    np.testing.assert_array_equal(rg.grad(lambda x: x[x.argmax()] ** 2)(X), [0, 0, 6.0])


def test_a_jump_through_a_comparison_is_no_silent_zero() -> None:
    with pytest.raises(rg.RetrogradError, match="RG401"):
        rg.grad(jumps)(X)


def test_shapes_are_named_with_their_origin() -> None:
    def loss(x: Any, W1: Any, W2: Any) -> Any:
        hidden = np.tanh(x @ W1)
        return np.sum(hidden @ W2)

    with pytest.raises(rg.RetrogradError) as caught:
        rg.grad(loss, "W2")(np.ones((6, 2)), np.ones((2, 4)), np.ones((3, 4)))
    text = str(caught.value)
    assert "hidden @ W2 cannot be multiplied: 4 columns meet 3 rows" in text
    assert "hidden has shape (6, 4), made by `np.tanh(x @ W1)`" in text
    assert "W2 has shape (3, 4), as given" in text
    assert "W2.T has shape (4, 3) and would fit" in text


def test_whole_numbers_are_refused_as_parameters() -> None:
    for x in (np.arange(3), np.array([True]), 3, True, "x", [1, 2]):
        with pytest.raises(rg.RetrogradError, match="RG205"):
            rg.grad(lambda x: np.sum(x) * 1.0 if not isinstance(x, str | list) else 1.0)(x)


def test_without_source_the_place_is_still_said() -> None:
    namespace: dict[str, Any] = {"np": np}
    exec("def f(x):\n    if x.sum() > 0:\n        return x.sum()\n    return -x.sum()\n", namespace)
    with pytest.raises(rg.RetrogradError, match=r"<string>:2:8 in f"):
        rg.grad(namespace["f"])(X)


def test_names_come_without_source_too() -> None:
    namespace: dict[str, Any] = {"np": np}
    exec("def f(x):\n    hidden = np.tanh(x)\n    return np.sum(hidden ** 2)\n", namespace)
    assert "hidden = np.tanh(x)" in rg.value_and_grad(namespace["f"]).source(X)


def test_a_symbol_that_outlives_its_recording() -> None:
    kept: list[Any] = []
    append = kept.append

    def f(x: Any) -> Any:
        append(x)
        return np.sum(x)

    rg.grad(f)(X)
    with pytest.raises(rg.RetrogradError, match="RG406"):
        np.sum(kept[0] * 2)


def test_unusual_functions() -> None:
    def generator(x: Any) -> Any:
        yield np.sum(x)

    async def asynchronous(x: Any) -> Any:
        return np.sum(x)

    for f in (generator, asynchronous):
        with pytest.raises(rg.RetrogradError, match="RG404"):
            rg.grad(f)(X)
    np.testing.assert_array_equal(rg.grad(np.sum)(X), np.ones(3))
    np.testing.assert_allclose(rg.grad(np.mean)(X), np.full(3, 1 / 3))


def test_errors_can_be_pickled_and_are_value_errors() -> None:
    import pickle

    with pytest.raises(ValueError) as caught:
        rg.grad(shapes)(X)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value) and again.code == "RG101"
