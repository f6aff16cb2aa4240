"""A float network as an integer one, with the ranges its signals were seen to have; and
back, to be trained on.

Scales: weights of a gate or layer by their largest magnitude, symmetric; activations by
given ranges. Training that knows of quantisation uses the same scales, so that the
integers it ends with are these.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from enhancement.compression.fixed_point import Multiplier
from enhancement.compression.integer_network import (
    GATES,
    IntegerDense,
    IntegerLstm,
    IntegerNetwork,
)
from enhancement.compression.skipping import Gate
from enhancement.neural.tinylstm import FLOOR, POWER, Lstm, Network

ZERO_POINT = -128  # of what is never negative
INPUT_BITS = 31  # a band magnitude b is the integer 2^31 b
PRE_ACTIVATION = 2.0**-12  # Q3.12


@dataclass(frozen=True)
class Ranges:
    """Largest values that are represented; beyond them signals saturate."""

    features: float  # compressed band magnitudes, from 0
    h1: float  # outputs of the first layer, in magnitude
    c1: float  # its cell states, in magnitude
    h2: float
    c2: float
    dense: float  # outputs of the ReLU layer, from 0


def quantised(network: Network, ranges: Ranges) -> IntegerNetwork:
    """Return the integer network of the same structure."""
    s_x, s_d = ranges.features / 255, ranges.dense / 255
    s_1, s_2 = ranges.h1 / 127, ranges.h2 / 127
    integer = IntegerNetwork(
        thresholds(s_x),
        _lstm(network.lstm1, s_x, ZERO_POINT, s_1, ranges.c1),
        _lstm(network.lstm2, s_1, 0, s_2, ranges.c2),
        _dense(network.dense, network.dense_bias, s_2, 0, s_d),
        _dense(network.mask, network.mask_bias, s_d, ZERO_POINT, PRE_ACTIVATION),
    )
    integer.check()
    return integer


def thresholds(scale: float) -> NDArray[np.int64]:
    """Return the 255 band magnitudes, times 2^31, at which the int8 goes up by one."""
    feature = scale * (np.arange(255) + 0.5)
    magnitude = np.maximum(feature ** (1 / POWER) - FLOOR, 0)
    steps: NDArray[np.int64] = np.ceil(magnitude * 2.0**INPUT_BITS).astype(np.int64)
    return steps


def weight_scales(weights: NDArray[np.float32], parts: int) -> NDArray[np.float64]:
    """Return the scale of each of `parts` equal groups of rows, shape (parts,)."""
    largest = np.abs(weights).reshape(parts, -1).max(axis=1).astype(np.float64)
    scales: NDArray[np.float64] = np.maximum(largest, 1e-6) / 127
    return scales


def cell_bits(largest: float) -> int:
    """Return k such that the cell state c / 2^k reaches `largest`."""
    return int(np.clip(15 - np.ceil(np.log2(largest)), 8, 15))


def quantised_gate(
    weights: NDArray[np.float32], bias: float, largest_cell: float
) -> Gate:
    """Return the gate that skips, of float weights (n2,) for cells and a bias."""
    scale = float(weight_scales(weights[:, None], 1)[0])
    cell = 2.0 ** -cell_bits(largest_cell)
    gate = Gate(
        np.clip(np.rint(weights / scale), -127, 127).astype(np.int8),
        int(np.rint(bias / (scale * cell))),
        Multiplier.of(scale * cell / PRE_ACTIVATION),
    )
    gate.check()
    return gate


def restored(integer: IntegerNetwork, ranges: Ranges) -> Network:
    """Return a float network that `quantised`, with these ranges, makes `integer` of.

    ValueError if `integer` was made with other ranges.
    """
    s_x, s_d = ranges.features / 255, ranges.dense / 255
    s_1, s_2 = ranges.h1 / 127, ranges.h2 / 127
    network = Network(
        _restored_lstm(integer.lstm1, s_x, ZERO_POINT, s_1),
        _restored_lstm(integer.lstm2, s_1, 0, s_2),
        *_restored(integer.dense, s_2, 0, s_d),
        *_restored(integer.mask, s_d, ZERO_POINT, PRE_ACTIVATION),
    )
    if _of_ranges(quantised(network, ranges)) != _of_ranges(integer):
        raise ValueError(f"the integers were not made with {ranges}")
    return network


def restored_gate(gate: Gate, largest_cell: float) -> tuple[NDArray[np.float32], float]:
    """Return weights (n2,) and bias that `quantised_gate` makes `gate` of."""
    scale = gate.multiplier.factor[0] * PRE_ACTIVATION
    cell = 2.0 ** -cell_bits(largest_cell)
    return (gate.weights * scale / cell).astype(np.float32), float(gate.bias * scale)


def _of_ranges(integer: IntegerNetwork) -> tuple[object, ...]:
    """Return what does not depend on weights."""
    layers = (integer.lstm1, integer.lstm2)
    outputs = [(*layer.output.m, *layer.output.n) for layer in layers]
    return integer.thresholds.tolist(), *outputs, *(layer.cell_bits for layer in layers)


def _restored_lstm(lstm: IntegerLstm, s_x: float, zero_point: int, s_h: float) -> Lstm:
    weights, bias = _restored(lstm.input, s_x, zero_point, PRE_ACTIVATION)
    recurrent, _ = _restored(lstm.recurrent, s_h, 0, PRE_ACTIVATION)
    return Lstm(weights, recurrent, bias)


def _restored(
    dense: IntegerDense, s_in: float, zero_point: int, s_out: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return weights and bias: `_scaled` undone."""
    scales = dense.multiplier.factor * s_out / s_in
    per_row = np.repeat(scales, len(dense.weights) // len(scales))
    w = dense.weights.astype(np.int64)
    bias = (dense.bias + zero_point * w.sum(axis=1)) * s_in * per_row
    return (w * per_row[:, None]).astype(np.float32), bias.astype(np.float32)


def _lstm(
    lstm: Lstm, s_x: float, zero_point: int, s_h: float, largest_cell: float
) -> IntegerLstm:
    nothing = np.zeros_like(lstm.bias)
    return IntegerLstm(
        _scaled(lstm.input, lstm.bias, s_x, zero_point, PRE_ACTIVATION, GATES),
        _scaled(lstm.recurrent, nothing, s_h, 0, PRE_ACTIVATION, GATES),
        cell_bits(largest_cell),
        Multiplier.of(2.0**-30 / s_h),
    )


def _dense(
    weights: NDArray[np.float32],
    bias: NDArray[np.float32],
    s_in: float,
    zero_point: int,
    s_out: float,
) -> IntegerDense:
    return _scaled(weights, bias, s_in, zero_point, s_out, 1)


def _scaled(
    weights: NDArray[np.float32],
    bias: NDArray[np.float32],
    s_in: float,
    zero_point: int,
    s_out: float,
    parts: int,
) -> IntegerDense:
    scales = weight_scales(weights, parts)
    per_row = np.repeat(scales, len(weights) // parts)
    w = np.clip(np.rint(weights / per_row[:, None]), -127, 127).astype(np.int8)
    b = np.rint(bias / (s_in * per_row)) - zero_point * w.astype(np.int64).sum(axis=1)
    return IntegerDense(w, b.astype(np.int32), Multiplier.of(s_in * scales / s_out))
