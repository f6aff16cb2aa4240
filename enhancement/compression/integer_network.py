"""The integer network: its numbers, what they must hold, and running it.

The definition of every step is the docstring of `enhancement.compression`. Matrices are
multiplied by float32 BLAS: all sums are integers below 2^24, so each is exact whatever
the order of additions, and results do not depend on batch, blocks or machine.

Shapes: B sounds, T frames.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from enhancement.compression.fixed_point import (
    HIGHEST,
    LOWEST,
    Multiplier,
    both_functions,
    limited,
    saturate8,
    shift,
)
from enhancement.weights import WeightsError

Bytes = NDArray[np.int8]
Shorts = NDArray[np.int16]
Words = NDArray[np.int32]
Floats = NDArray[np.float32]
Places = NDArray[np.int64]

GATES = 4
EXACT = 1 << 24  # integers up to here are exact in float32
SIGMOID, TANH = 1 << 15, (1 << 15) + (1 << 16)  # places of z = 0 in both_functions


@dataclass(frozen=True)
class IntegerDense:
    """Sums of int8 by int8 and what scales them; `run` gives 64-bit integers."""

    weights: Bytes  # (outputs, inputs)
    bias: Words  # (outputs,), zero point of the input folded in
    multiplier: Multiplier  # of one factor, or of one a gate

    @cached_property
    def transposed(self) -> Floats:
        return np.ascontiguousarray(self.weights.T.astype(np.float32))

    @cached_property
    def row_multiplier(self) -> Multiplier:
        return self.multiplier.repeated(len(self.bias) // self.multiplier.m.size)

    def run(self, x: Floats) -> NDArray[np.int64]:
        """Return rescale(weights x + bias) of int8 values x, shape (..., inputs)."""
        sums = (x @ self.transposed).astype(np.int64)
        sums += self.bias
        return self.row_multiplier.rescale(sums)

    def check(self, name: str) -> None:
        """Raise `WeightsError` if a sum could be inexact or overflow its 32 bits.

        Any sum of a part of the products is at most 128 sum |weights| in magnitude.
        """
        if self.weights.dtype != np.int8 or self.bias.dtype != np.int32:
            raise WeightsError(f"{name}: weights must be int8 and biases int32")
        if self.weights.ndim != 2 or self.bias.shape != self.weights.shape[:1]:
            raise WeightsError(
                f"{name}: weights {self.weights.shape}, biases {self.bias.shape}"
            )
        if self.multiplier.m.size not in (1, GATES):
            raise WeightsError(f"{name}: wants a multiplier for all or one a gate")
        if self.largest_sum() > EXACT:
            raise WeightsError(f"{name}: sums could pass 2^24 and be inexact")
        if self.largest_sum() + int(np.abs(self.bias.astype(np.int64)).max()) >= 2**31:
            raise WeightsError(f"{name}: sums could overflow 32 bits")

    def largest_sum(self) -> int:
        rows = np.abs(self.weights.astype(np.int64)).sum(axis=1)
        return 128 * int(rows.max(initial=0))


@dataclass(frozen=True)
class IntegerLstm:
    """One layer; rows are the gates i, f, g, o of n units, multipliers one a gate."""

    input: IntegerDense
    recurrent: IntegerDense  # its bias is 0
    cell_bits: int  # the cell state stands for c / 2^cell_bits
    output: Multiplier  # from Q0.30 to the scale of h

    @property
    def units(self) -> int:
        return int(self.recurrent.weights.shape[1])

    @cached_property
    def _zeros(self) -> Places:
        """Where `both_functions` has the zero of each gate's function, shape (4 n,)."""
        gates = np.array([SIGMOID, SIGMOID, TANH, SIGMOID], np.int64)
        return np.repeat(gates, self.units)

    @cached_property
    def _ends(self) -> tuple[Places, Places]:
        """Where it has the lowest and the highest number of each gate's function."""
        return self._zeros + LOWEST, self._zeros + HIGHEST

    @cached_property
    def _tanh(self) -> Words:
        """tanh of every cell state c, at place c + 32768, shape (65536,)."""
        cells = np.arange(LOWEST, HIGHEST + 1)
        pre = limited(shift(cells, self.cell_bits - 12), LOWEST, HIGHEST)
        return both_functions().take(pre + TANH)

    def run(self, x: Floats, h: Floats, c: Words) -> tuple[Floats, Floats, Words]:
        """Run over (T, B, inputs) of int8 values from state h, c of shape (B, n).

        What is int8 is carried in float32, ready to be multiplied.
        """
        y = np.empty((*x.shape[:2], self.units), np.float32)
        for t, u in enumerate(self.places(x)):
            h, c = self.step(u, h, c)
            y[t] = h
        return y, h, c

    def places(self, x: Floats) -> Places:
        """Return u of inputs (..., inputs), as places of `both_functions`: (..., 4 n).

        A network that has all its frames at once finds u of all of them at once.
        """
        return limited(self.input.run(x), LOWEST, HIGHEST) + self._zeros

    def step(self, u: Places, h: Floats, c: Words) -> tuple[Floats, Words]:
        """Return the state after a frame, h as float32, of its places (B, 4 n)."""
        n, recurrent = self.units, self.recurrent
        sums = (h @ recurrent.transposed).astype(np.int64)
        z = limited(u + recurrent.row_multiplier.rescale(sums), *self._ends)
        gates = both_functions().take(z)
        i, f, g, o = (gates[:, k * n : (k + 1) * n] for k in range(GATES))
        new = shift(f * c, 15) + shift(i * g, 30 - self.cell_bits)
        c = limited(new, LOWEST, HIGHEST)
        product = o * self._tanh.take(c - LOWEST)
        h = limited(self.output.rescale(product), -128, 127).astype(np.float32)
        return h, c

    def check(self, name: str) -> None:
        """Raise `WeightsError` if shapes do not fit or a sum could overflow."""
        self.input.check(f"{name}.input")
        self.recurrent.check(f"{name}.recurrent")
        if self.recurrent.weights.shape[0] != GATES * self.units:
            raise WeightsError(f"{name}: {self.recurrent.weights.shape} is no layer")
        if self.input.weights.shape[0] != GATES * self.units:
            raise WeightsError(f"{name}: input and recurrent rows differ")
        if self.recurrent.bias.any():
            raise WeightsError(f"{name}: there is one bias, and it is the input's")
        if not 8 <= self.cell_bits <= 15:
            raise WeightsError(f"{name}: cell_bits is {self.cell_bits}, not 8..15")


State = tuple[Floats, Words, Floats, Words]


@dataclass(frozen=True)
class IntegerNetwork:
    thresholds: NDArray[np.int64]  # (255,), ascending
    lstm1: IntegerLstm
    lstm2: IntegerLstm
    dense: IntegerDense
    mask: IntegerDense

    def begin(self, sounds: int) -> State:
        """Return the state before the first frame."""
        n1, n2 = self.lstm1.units, self.lstm2.units
        return (
            np.zeros((sounds, n1), np.float32),
            np.zeros((sounds, n1), np.int32),
            np.zeros((sounds, n2), np.float32),
            np.zeros((sounds, n2), np.int32),
        )

    def run(self, bands: NDArray[np.float64], state: State) -> tuple[Shorts, State]:
        """Return the mask, Q0.15, of band magnitudes (T, B, bands), and the new state.

        Bands are the integers B of the definition, carried in float64.
        """
        x = self.compressed(bands).astype(np.float32)
        h1, c1, h2, c2 = state
        y, h1, c1 = self.lstm1.run(x, h1, c1)
        y, h2, c2 = self.lstm2.run(y, h2, c2)
        return self.masks(y), (h1, c1, h2, c2)

    def masks(self, y: Floats) -> Shorts:
        """Return the masks (..., bands) of outputs (..., n2) of the second layer."""
        d = saturate8(np.maximum(self.dense.run(y) - 128, -128)).astype(np.float32)
        z = limited(self.mask.run(d), LOWEST, HIGHEST)
        return both_functions().take(z + SIGMOID).astype(np.int16)

    def compressed(self, bands: NDArray[np.float64]) -> Bytes:
        """Return the int8 that the table of thresholds gives each band."""
        reached = np.searchsorted(self.thresholds, bands, side="right")
        return (reached - 128).astype(np.int8)

    def check(self) -> None:
        """Raise `WeightsError` unless all fits and no sum can be wrong."""
        if self.thresholds.shape != (255,) or np.any(np.diff(self.thresholds) < 0):
            raise WeightsError("thresholds must be 255 that ascend")
        self.lstm1.check("lstm1")
        self.lstm2.check("lstm2")
        self.dense.check("dense")
        self.mask.check("mask")
        widths = [
            ("lstm2", self.lstm2.input.weights.shape[1], self.lstm1.units),
            ("dense", self.dense.weights.shape[1], self.lstm2.units),
            ("mask", self.mask.weights.shape[1], self.dense.weights.shape[0]),
        ]
        for name, inputs, offered in widths:
            if inputs != offered:
                raise WeightsError(f"{name} wants {inputs} inputs and gets {offered}")

    @property
    def parameters(self) -> int:
        """Weights and biases that were learned, not what scales them."""
        dense = (self.lstm1.input, self.lstm2.input, self.dense, self.mask)
        biases = sum(part.bias.size for part in dense)
        return biases + sum(part.weights.size for part in self._matrices())

    def _matrices(self) -> list[IntegerDense]:
        layers = (self.lstm1, self.lstm2)
        gates = [part for layer in layers for part in (layer.input, layer.recurrent)]
        return [*gates, self.dense, self.mask]
