"""The cost of networks, against the published numbers of TinyLSTMs."""

import pytest

from enhancement.compression.footprint import footprint
from enhancement.compression.quantising import quantised
from tests.enhancement.compression.test_integer_network import RANGES
from tests.enhancement.neural.networks import random_network


def test_the_unpruned_network_takes_the_published_time_and_does_not_fit() -> None:
    """1.94 million operations, 12.5 ms: above the limit of 1.55 million."""
    cost = footprint(quantised(random_network(), RANGES))
    assert cost.parameters == 968_960
    assert cost.latency_ms == pytest.approx(12.5, abs=0.05)
    assert not cost.fits


def test_a_network_of_the_published_small_size_fits() -> None:
    """0.33 million parameters: 0.31 MiB, 0.66 million operations, 4.26 ms."""
    cost = footprint(quantised(random_network(0, (128, 128), 128), RANGES))
    assert cost.operations <= 0.66e6
    assert cost.stored / 2**20 == pytest.approx(0.31, abs=0.03)
    assert cost.latency_ms < 4.3
    assert cost.fits


def test_memory_is_far_below_the_limit() -> None:
    cost = footprint(quantised(random_network(), RANGES))
    assert 8_000 < cost.memory < 16_000
