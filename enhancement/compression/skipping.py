"""The integer network that skips frames: section 6 of the definition.

[Cam18] V. Campos et al., Skip RNN: learning to skip state updates in recurrent neural
        networks, ICLR 2018. One gate, fed by the cells of the upper layer, for both
        layers: their state is copied together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from enhancement.compression.fixed_point import (
    Multiplier,
    both_functions,
    saturate16,
)
from enhancement.compression.integer_network import (
    SIGMOID,
    Bytes,
    Floats,
    IntegerNetwork,
    Places,
    Shorts,
    State,
    Words,
)
from enhancement.compression.storage import (
    multiplier_of,
    network_of,
    taken,
    tensors_of,
)
from enhancement.weights import Tensors, WeightsError

ONE = 1 << 15  # Q0.15
UPDATE = 1 << 14  # from here on a frame is not skipped


@dataclass(frozen=True)
class Gate:
    weights: Bytes  # (n2,)
    bias: int
    multiplier: Multiplier

    def run(self, cells: Words) -> Words:
        """Return d, shape (B,), of the cells (B, n2) of the second layer."""
        sums = cells.astype(np.int64) @ self.weights.astype(np.int64) + self.bias
        z = saturate16(self.multiplier.rescale(sums)).astype(np.int32)
        return both_functions().take(z + SIGMOID)

    @property
    def nbytes(self) -> int:
        """Bytes of its numbers as stored."""
        return sum(tensor.nbytes for tensor in gate_tensors_of(self).values())

    def check(self) -> None:
        """Raise `WeightsError` if a sum could overflow 32 bits."""
        largest = ONE * int(np.abs(self.weights.astype(np.int64)).sum())
        if largest + abs(self.bias) >= 2**31:
            raise WeightsError("gate: sums could overflow 32 bits")


@dataclass
class SkipState:
    """What goes from frame to frame, for B sounds."""

    layers: State
    mask: Shorts  # (B, bands), of the last update
    v: Words  # (B,)
    d: Words  # (B,)


@dataclass(frozen=True)
class SkipNetwork:
    network: IntegerNetwork
    gate: Gate

    def begin(self, sounds: int) -> SkipState:
        """Return the state before the first frame."""
        bands = len(self.network.mask.bias)
        return SkipState(
            self.network.begin(sounds),
            np.zeros((sounds, bands), np.int16),
            np.full(sounds, ONE, np.int32),
            np.zeros(sounds, np.int32),
        )

    def run(
        self, bands: NDArray[np.float64], state: SkipState
    ) -> tuple[Shorts, NDArray[np.bool_]]:
        """Return masks (T, B, bands) and which frames (T, B) were not skipped.

        `state` is changed.
        """
        inputs = self.network.compressed(bands).astype(np.float32)
        places = self.network.lstm1.places(inputs)
        y = np.empty((*bands.shape[:2], self.network.lstm2.units), np.float32)
        updates = np.empty(bands.shape[:2], np.bool_)
        for t, u in enumerate(places):
            updates[t] = state.v >= UPDATE
            waiting = state.v + np.minimum(state.d, ONE - state.v)
            if updates[t].any():
                self._update(u, updates[t], state)
            state.v = np.where(updates[t], state.d, waiting)
            y[t] = state.layers[2]
        return self._masks(y, updates, state), updates

    def _update(self, u: Places, at: NDArray[np.bool_], state: SkipState) -> None:
        """Run the layers and the gate for those sounds that are not skipped."""
        rows = slice(None) if at.all() else at
        h1, c1, h2, c2 = state.layers
        lstm1, lstm2 = self.network.lstm1, self.network.lstm2
        h1[rows], c1[rows] = lstm1.step(u[rows], h1[rows], c1[rows])
        places = lstm2.places(h1[rows])
        h2[rows], c2[rows] = lstm2.step(places, h2[rows], c2[rows])
        state.d[rows] = self.gate.run(c2[rows])

    def _masks(self, y: Floats, updates: NDArray[np.bool_], state: SkipState) -> Shorts:
        """Return the masks, (T, B, bands): a frame that is skipped holds the last."""
        frames, sounds = updates.shape
        found = np.empty((1 + frames, sounds, state.mask.shape[1]), np.int16)
        found[0] = state.mask
        found[1:][updates] = self.network.masks(y[updates])
        last = np.where(updates, np.arange(1, 1 + frames)[:, None], 0)
        masks = found[np.maximum.accumulate(last), np.arange(sounds)]
        state.mask = masks[-1].copy()
        return masks


def skip_tensors_of(skipping: SkipNetwork) -> Tensors:
    """Return the tensors of the network and of its gate."""
    return tensors_of(skipping.network) | gate_tensors_of(skipping.gate)


def gate_tensors_of(gate: Gate) -> Tensors:
    """Return the tensors `gate`, `gate.bias`, `gate.m` and `gate.n`."""
    return {
        "gate": gate.weights,
        "gate.bias": np.array([gate.bias], np.int32),
        "gate.m": gate.multiplier.m,
        "gate.n": gate.multiplier.n,
    }


def skip_network_of(tensors: Tensors) -> SkipNetwork:
    """Return the network that is stored; `WeightsError` if anything is amiss."""
    network = network_of(tensors)
    gate = Gate(
        taken(tensors, "gate", np.int8, 1),
        int(taken(tensors, "gate.bias", np.int32, 1)[0]),
        multiplier_of(tensors, "gate", 1),
    )
    if len(gate.weights) != network.lstm2.units:
        raise WeightsError(f"gate: {len(gate.weights)} weights do not fit lstm2")
    gate.check()
    return SkipNetwork(network, gate)
