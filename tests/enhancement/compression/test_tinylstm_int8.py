"""The integer system: the same bits in blocks and side by side; near the float."""

import numpy as np
import pytest

from enhancement.compression.quantising import quantised
from enhancement.compression.tinylstm_int8 import (
    IntegerMasker,
    averages,
    band_magnitudes,
    spread,
)
from enhancement.neural.tinylstm import Masker
from enhancement.spectral import SpectralSystem
from enhancement.system import Samples
from tests.enhancement.compression.test_integer_network import RANGES
from tests.enhancement.neural.networks import random_network, system_of


@pytest.fixture(scope="module")
def system() -> SpectralSystem:
    network = quantised(random_network(), RANGES)
    return system_of(lambda: IntegerMasker(network))


@pytest.fixture(scope="module")
def noise() -> Samples:
    return 0.1 * np.random.default_rng(0).standard_normal((3, 12_000))


@pytest.mark.parametrize("block", [100, 256, 1023])
def test_its_stream_gives_the_whole_to_the_bit(
    system: SpectralSystem, noise: Samples, block: int
) -> None:
    stream, latency = system.stream(), system.latency
    padded = np.append(noise[0], np.zeros(latency))
    y = [stream.process(padded[i : i + block]) for i in range(0, len(padded), block)]
    np.testing.assert_array_equal(np.concatenate(y)[latency:], system.enhance(noise[0]))


def test_sounds_side_by_side_give_the_same_bits(
    system: SpectralSystem, noise: Samples
) -> None:
    together = system.enhance(noise)
    for one, x in zip(together, noise, strict=True):
        np.testing.assert_array_equal(one, system.enhance(x))


def test_it_is_near_the_float_network(system: SpectralSystem, noise: Samples) -> None:
    """Eight bits of random, not trained, weights: 15 dB below the float output."""
    network = random_network()
    y = system_of(lambda: Masker(network)).enhance(noise)
    error = system.enhance(noise) - y
    assert 10 * np.log10(np.sum(y**2) / np.sum(error**2)) > 15


def test_band_sums_are_exact() -> None:
    """The largest sums of the front end stay below 2^53."""
    assert (2**31 - 1) * averages().sum(axis=0).max() < 2**53
    loud = np.full((1, 257), 1e9 + 0j)
    assert band_magnitudes(loud).max() <= (2**31 - 1) * averages().sum(axis=0).max()


def test_an_open_mask_changes_nothing() -> None:
    for least_gain in (0.0, 0.02):
        gains = spread(np.full((1, 128), 32767, np.int16), least_gain)
        np.testing.assert_allclose(gains, 1, atol=1e-4)


def test_a_closed_mask_leaves_the_least_gain() -> None:
    gains = spread(np.zeros((1, 128), np.int16), 0.02)
    np.testing.assert_array_equal(gains, 0.02)


@pytest.mark.parametrize("x", [np.zeros(3000), np.ones(3000), np.ones(1)])
def test_odd_sound_comes_out_finite(system: SpectralSystem, x: Samples) -> None:
    y = system.enhance(x)
    assert y.shape == x.shape
    assert np.isfinite(y).all()
