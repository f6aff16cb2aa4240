"""The integer engine, against its definition written with Python's own integers."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from enhancement.compression.fixed_point import sigmoid_table, tanh_table
from enhancement.compression.integer_network import (
    IntegerDense,
    IntegerLstm,
    IntegerNetwork,
)
from enhancement.compression.quantising import Ranges, quantised
from enhancement.compression.storage import network_of, tensors_of
from enhancement.weights import WeightsError
from tests.enhancement.neural.networks import random_network

RANGES = Ranges(features=2.5, h1=1.0, c1=8.0, h2=1.0, c2=8.0, dense=8.0)


@pytest.fixture(scope="module")
def small() -> IntegerNetwork:
    return quantised(random_network(1, (6, 5), 7), RANGES)


def bands_of(seed: int, frames: int = 40, sounds: int = 3) -> NDArray[np.float64]:
    """Return band magnitudes as integers over the range of the thresholds."""
    rng = np.random.default_rng(seed)
    return np.floor(2.0**31 * rng.uniform(0, 2.6, (frames, sounds, 128)) ** (1 / 0.3))


def sat(v: int, bits: int) -> int:
    return max(-(1 << (bits - 1)), min((1 << (bits - 1)) - 1, v))


def rounded(v: int, n: int) -> int:
    return (v + (1 << (n - 1))) >> n if n > 0 else v << -n


def table(entries: list[int], z: int) -> int:
    j, r = (z + 32768) >> 7, (z + 32768) & 127
    return entries[j] + rounded((entries[j + 1] - entries[j]) * r, 7)


def sums(dense: IntegerDense, x: list[int]) -> list[int]:
    """Return rescale(W x + b) of one vector, every sum checked to fit 32 bits."""
    m, n = dense.row_multiplier.m.tolist(), dense.row_multiplier.n.tolist()
    y = []
    rows = zip(dense.weights.tolist(), dense.bias.tolist(), m, n, strict=True)
    for row, bias, mr, nr in rows:
        a = sum(w * v for w, v in zip(row, x, strict=True)) + bias
        assert abs(a) < 2**31
        y.append(rounded(a * mr, nr))
    return y


def lstm_step(
    lstm: IntegerLstm, x: list[int], h: list[int], c: list[int]
) -> tuple[list[int], list[int]]:
    n = lstm.units
    u = [sat(v, 16) for v in sums(lstm.input, x)]
    z = [sat(a + b, 16) for a, b in zip(u, sums(lstm.recurrent, h), strict=True)]
    i, f = ([table(sigmoid_table(), v) for v in z[k * n : (k + 1) * n]] for k in (0, 1))
    g = [table(tanh_table(), v) for v in z[2 * n : 3 * n]]
    o = [table(sigmoid_table(), v) for v in z[3 * n :]]
    k = lstm.cell_bits
    c = [
        sat(rounded(f[j] * c[j], 15) + rounded(i[j] * g[j], 30 - k), 16)
        for j in range(n)
    ]
    y = [o[j] * table(tanh_table(), sat(rounded(c[j], k - 12), 16)) for j in range(n)]
    m, shift = int(lstm.output.m[0]), int(lstm.output.n[0])
    return [sat(rounded(v * m, shift), 8) for v in y], c


def by_definition(
    network: IntegerNetwork, frames: NDArray[np.float64]
) -> list[list[int]]:
    """Return the masks of one sound, frame by frame, with Python integers."""
    h1, c1 = [0] * network.lstm1.units, [0] * network.lstm1.units
    h2, c2 = [0] * network.lstm2.units, [0] * network.lstm2.units
    masks = []
    for bands in frames:
        x = [sum(int(t) <= b for t in network.thresholds) - 128 for b in bands]
        h1, c1 = lstm_step(network.lstm1, x, h1, c1)
        h2, c2 = lstm_step(network.lstm2, h1, h2, c2)
        d = [sat(max(v - 128, -128), 8) for v in sums(network.dense, h2)]
        z = [sat(v, 16) for v in sums(network.mask, d)]
        masks.append([table(sigmoid_table(), v) for v in z])
    return masks


def test_it_computes_its_definition(small: IntegerNetwork) -> None:
    bands = bands_of(1)
    mask, _ = small.run(bands, small.begin(3))
    for sound in range(3):
        assert mask[:, sound].tolist() == by_definition(small, bands[:, sound])
    assert len(np.unique(mask)) > 1000


def test_one_frame_at_a_time_and_one_sound_at_a_time_give_the_same_bits(
    small: IntegerNetwork,
) -> None:
    bands = bands_of(2)
    whole, _ = small.run(bands, small.begin(3))
    for sound in range(3):
        state = small.begin(1)
        for t in range(len(bands)):
            mask, state = small.run(bands[t : t + 1, sound : sound + 1], state)
            np.testing.assert_array_equal(mask[0, 0], whole[t, sound])


def test_large_networks_do_too() -> None:
    network = quantised(random_network(3), RANGES)
    bands = bands_of(3, frames=12, sounds=5)
    whole, _ = network.run(bands, network.begin(5))
    alone, _ = network.run(bands[:, 3:4], network.begin(1))
    np.testing.assert_array_equal(alone[:, 0], whole[:, 3])


def test_the_worst_weights_and_inputs_stay_exact() -> None:
    """All weights and inputs at their ends, as wide as a network may be."""
    network = quantised(random_network(4), RANGES)
    wide = IntegerDense(
        np.full((4, 1024), -127, np.int8),
        np.zeros(4, np.int32),
        network.dense.multiplier,
    )
    wide.check("wide")
    assert wide.largest_sum() <= 2**24
    x = np.full((1, 1024), -128, np.float32)
    assert (x @ wide.transposed)[0, 0] == 127 * 128 * 1024


def test_wider_sums_are_refused() -> None:
    dense = IntegerDense(
        np.full((4, 1033), 127, np.int8),
        np.zeros(4, np.int32),
        quantised(random_network(4), RANGES).dense.multiplier,
    )
    with pytest.raises(WeightsError, match=r"2\^24"):
        dense.check("dense")


def test_a_bias_that_could_overflow_is_refused(small: IntegerNetwork) -> None:
    bias = np.full(7, 2**31 - 1, np.int32)
    dense = IntegerDense(small.dense.weights, bias, small.dense.multiplier)
    with pytest.raises(WeightsError, match="overflow"):
        dense.check("dense")


def test_cell_updates_cannot_overflow_32_bits() -> None:
    """The largest products of 16-bit numbers, plus what rounding adds."""
    assert 32768 * 32768 + 2**29 < 2**31
    assert 32767 * 32767 + 2**29 < 2**31


def test_storing_keeps_every_bit(small: IntegerNetwork) -> None:
    bands = bands_of(5)
    again = network_of(tensors_of(small))
    ours, theirs = (n.run(bands, n.begin(3))[0] for n in (small, again))
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("dense", np.zeros((7, 4), np.int8)),
        ("lstm1.recurrent", np.zeros((24, 5), np.int8)),
        ("lstm2.bias", np.zeros(20, np.int16)),
        ("mask.n", np.array([63], np.int8)),
        ("lstm1.cell_bits", np.array([3], np.int8)),
        ("thresholds", np.arange(255)[::-1].copy()),
    ],
)
def test_what_does_not_fit_is_refused(
    small: IntegerNetwork, name: str, tensor: NDArray[Any]
) -> None:
    with pytest.raises(WeightsError):
        network_of(tensors_of(small) | {name: tensor})


def test_a_missing_tensor_is_named(small: IntegerNetwork) -> None:
    tensors = tensors_of(small)
    del tensors["mask.m"]
    with pytest.raises(WeightsError, match=r"no tensor 'mask\.m'"):
        network_of(tensors)
