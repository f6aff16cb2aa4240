"""Skipped updates, against the equations of [Cam18] in Python's own integers."""

import numpy as np
import pytest
from numpy.typing import NDArray

from enhancement.compression.fixed_point import sigmoid_table
from enhancement.compression.quantising import quantised, quantised_gate
from enhancement.compression.skipping import (
    SkipNetwork,
    skip_network_of,
    skip_tensors_of,
)
from enhancement.compression.tinylstm_skip import SkipMasker, updates
from enhancement.weights import WeightsError
from tests.enhancement.compression.test_integer_network import (
    RANGES,
    bands_of,
    rounded,
    sat,
    table,
)
from tests.enhancement.neural.networks import random_network, system_of
from tests.enhancement.signals import noise


@pytest.fixture(scope="module")
def skipping() -> SkipNetwork:
    network = quantised(random_network(1, (6, 5), 7), RANGES)
    weights = np.array([0.5, -0.4, 0.3, 0.6, -0.2], np.float32)
    return SkipNetwork(network, quantised_gate(weights, -1.0, RANGES.c2))


def by_definition(
    skipping: SkipNetwork, bands: NDArray[np.float64]
) -> tuple[list[bool], list[list[int]]]:
    """Return which frames of one sound are updated, and its masks."""
    gate, network = skipping.gate, skipping.network
    m, n = int(gate.multiplier.m[0]), int(gate.multiplier.n[0])
    v, d, layers = 32768, 0, network.begin(1)
    mask: list[int] = []
    updates: list[bool] = []
    masks: list[list[int]] = []
    for frame in bands:
        updates.append(v >= 16384)
        if updates[-1]:
            new, layers = network.run(frame[None, None], layers)
            mask = new[0, 0].tolist()
            cells = layers[3][0].tolist()
            pairs = zip(gate.weights.tolist(), cells, strict=True)
            total = sum(w * c for w, c in pairs) + gate.bias
            assert abs(total) < 2**31
            v = d = table(sigmoid_table(), sat(rounded(total * m, n), 16))
        else:
            v += min(d, 32768 - v)
        masks.append(mask)
    return updates, masks


def test_it_skips_and_holds_as_defined(skipping: SkipNetwork) -> None:
    bands = bands_of(7, frames=60)
    masks, updates = skipping.run(bands, skipping.begin(3))
    for sound in range(3):
        wanted, wanted_masks = by_definition(skipping, bands[:, sound])
        assert updates[:, sound].tolist() == wanted
        assert masks[:, sound].tolist() == wanted_masks
    assert updates[0].all()
    assert 0.1 < updates.mean() < 0.9


def test_one_frame_and_one_sound_at_a_time_give_the_same_bits(
    skipping: SkipNetwork,
) -> None:
    bands = bands_of(8)
    whole, _ = skipping.run(bands, skipping.begin(3))
    for sound in range(3):
        state = skipping.begin(1)
        for t in range(len(bands)):
            part, _ = skipping.run(bands[t : t + 1, sound : sound + 1], state)
            np.testing.assert_array_equal(part[0, 0], whole[t, sound])


def test_its_stream_gives_the_whole_to_the_bit(skipping: SkipNetwork) -> None:
    system = system_of(lambda: SkipMasker(skipping))
    x = noise(1, seed=4)[:9_000] * 0.1
    stream, latency = system.stream(), system.latency
    padded = np.append(x, np.zeros(latency))
    y = [stream.process(padded[i : i + 300]) for i in range(0, len(padded), 300)]
    np.testing.assert_array_equal(np.concatenate(y)[latency:], system.enhance(x))


def test_the_pattern_has_a_value_for_every_frame(skipping: SkipNetwork) -> None:
    pattern = updates(skipping, 0.1 * noise(1, seed=5)[:10_000])
    assert pattern.shape == (-(-10_256 // 256),)
    assert pattern[0]
    assert not pattern.all()


def test_storing_keeps_every_bit(skipping: SkipNetwork) -> None:
    bands = bands_of(9)
    again = skip_network_of(skip_tensors_of(skipping))
    ours, theirs = (s.run(bands, s.begin(3))[0] for s in (skipping, again))
    np.testing.assert_array_equal(ours, theirs)


def test_a_gate_that_does_not_fit_is_refused(skipping: SkipNetwork) -> None:
    tensors = skip_tensors_of(skipping) | {"gate": np.zeros(4, np.int8)}
    with pytest.raises(WeightsError, match="gate"):
        skip_network_of(tensors)


def test_a_gate_that_could_overflow_is_refused(skipping: SkipNetwork) -> None:
    tensors = skip_tensors_of(skipping)
    tensors["gate.bias"] = np.array([2**31 - 1], np.int32)
    with pytest.raises(WeightsError, match="overflow"):
        skip_network_of(tensors)
