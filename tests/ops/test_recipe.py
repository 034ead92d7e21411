"""CONTRIBUTING's recipe for an operation, followed: one block in one file, and nothing else."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.special
from checking import check_samples

import retrograd as rg
from retrograd.ops import TABLE
from retrograd.ops.calls import unruled

CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"
IMPORTS = """from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special

from retrograd.ops.samples import inside, unary
from retrograd.ops.spelling import call
from retrograd.ops.table import op


"""


@pytest.fixture
def added(tmp_path: Path) -> Iterator[Any]:
    """The table with the recipe's operation in it, from a temporary module."""
    (block,) = re.findall(r"```python\n(@op\(.*?)```", CONTRIBUTING.read_text(), re.DOTALL)
    file = tmp_path / "added_by_the_recipe.py"
    file.write_text(IMPORTS + block)
    spec = importlib.util.spec_from_file_location("added_by_the_recipe", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module.erfinv
    TABLE.remove("erfinv")


def loss(x: Any) -> Any:
    return np.sum(scipy.special.erfinv(x) ** 2)


def test_without_it_the_function_has_no_rule() -> None:
    assert unruled(scipy.special.erfinv, {}).derivative == "missing"
    with pytest.raises(rg.RetrogradError, match="RG402"):
        rg.grad(loss)(np.array([0.1, -0.5]))


def test_with_it_gradients_of_every_order_work_and_are_written(added: Any) -> None:
    check_samples(added)
    x = np.array([0.1, -0.5, 0.8])
    h = 1e-6
    numeric = (scipy.special.erfinv(x + h) ** 2 - scipy.special.erfinv(x - h) ** 2) / (2 * h)
    first = rg.grad(loss)
    np.testing.assert_allclose(first(x), numeric, rtol=1e-8)
    second = rg.grad(lambda x: np.sum(first(x)))(x)
    np.testing.assert_allclose(second, (first(x + h) - first(x - h)) / (2 * h), rtol=1e-7)
    source = rg.value_and_grad(loss).source(x)
    assert "import scipy.special" in source
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    np.testing.assert_array_equal(namespace["value_and_grad_of_loss"](x)[1], first(x))


def test_it_touches_no_other_file(added: Any) -> None:
    assert TABLE.find(scipy.special.erfinv) is added
    assert added.home == "added_by_the_recipe"
