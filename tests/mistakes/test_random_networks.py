"""Right backward passes raise no alarm, whatever the network; a wrong entry always does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import retrograd as rg
from mistakes.random_networks import Network

BLOCK = 50


@pytest.mark.parametrize("block", [pytest.param(b, marks=[pytest.mark.slow]) for b in range(20)])
def test_right_networks_raise_no_alarm(block: int) -> None:
    for seed in range(BLOCK * block, BLOCK * (block + 1)):
        network = Network.draw(seed)
        found = rg.diagnose(network.loss, network.grads, network.make_inputs, seed=seed)
        assert found.ok, (network, str(found))
        assert not found.findings, (network, str(found))


@pytest.mark.parametrize("seed", range(1000, 1030))
def test_a_single_wrong_entry_is_seen(seed: int) -> None:
    network = Network.draw(seed)
    rng = np.random.default_rng(seed)
    name = f"dW{rng.integers(1, len(network.sizes))}"

    def off(inputs: Any) -> Any:
        found = network.grads(inputs)
        array = np.array(found[name])
        array.flat[rng.integers(array.size)] += 1e-3 * np.max(np.abs(array))
        return {**found, name: array}

    assert rg.diagnose(network.loss, off, network.make_inputs, seed=seed).wrong == (name,)
