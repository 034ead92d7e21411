"""docs/agreement.md says how many samples agree, and why the others are none of ours."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
import test_error_inputs
import test_op_db
from peer import OPINFOS

import retrograd as rg

pytestmark = pytest.mark.filterwarnings("ignore")
PAGE = Path(rg.__file__).parents[2] / "docs" / "agreement.md"


def page() -> str:
    """The page, from the walks of the other tests in this folder."""
    rows, agree, all_samples, reasons = [], 0, 0, Counter[str]()
    for name in sorted(test_op_db.ALL):
        for number, info in enumerate(OPINFOS[name]):
            found = test_op_db.agreement(name, number)
            count = found.agree + sum(found.others.values()) + len(found.wrong)
            agree, all_samples = agree + found.agree, all_samples + count
            reasons.update(found.others)
            title = " ".join(filter(None, (name, info.variant_test_name)))
            why = "; ".join(sorted(found.others))
            rows.append(f"| `{title}` | {found.agree} of {count} | {why} |")
    errors = [o for c in test_error_inputs.CASES for o in test_error_inputs.outcomes(*c.values)]
    refused, other = errors.count("refused"), sum(o.startswith("other") for o in errors)
    lines = [
        "# Agreement with PyTorch",
        "",
        "Made by `tests/against_torch/test_agreement_page.py` from PyTorch's own test samples",
        "(`torch.testing._internal`, torch 2.13.0) in float64: values to 1e-9, gradients to 1e-7.",
        "",
        f"- {agree} of {all_samples} samples of {len(rows)} operations agree; the others are calls",
        "  that NumPy's function, or ours, does not have: the reason stands beside each.",
        f"- Of {len(errors)} inputs that PyTorch refuses, {refused} are refused here, with a code;",
        f"  the other {other} are about tensors that NumPy does not have, or that NumPy takes.",
        "- Layers: every module of `module_db` that has a layer of ours, `test_module_db.py`.",
        "- Optimizers: every configuration of `optim_db`, 20 steps, `test_optim_db.py`.",
        "- ONNX: `tests/against_onnx/test_node_cases.py`.",
        "",
        "| operation | samples | the others |",
        "|---|---|---|",
        *rows,
        "",
    ]
    return "\n".join(lines)


def test_the_page_says_what_the_walks_found() -> None:
    expected = page()
    if os.environ.get("RETROGRAD_UPDATE"):
        PAGE.write_text(expected, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == expected
