"""The TinyLSTM family in floating point: magnitudes to a mask, frame by frame.

[Fed20] I. Fedorov et al., TinyLSTMs: efficient neural speech enhancement for hearing
        aids, Interspeech 2020.

    |X|, 257 bins -> 128 bands, to the power 0.3 -> LSTM -> LSTM -> dense, ReLU
        -> dense, sigmoid: a mask of 128 bands -> 257 bins, times X

The noisy phase is kept. [Fed20] is silent on the window, the shape of the bands and
the order of gates; ours: root-Hann of 512 samples every 256, `bands`, and i, f, g, o.
One bias a gate, as in TensorFlow: with layers of 256, 256 and 128 these are the 968,960
parameters and, the biases counted as products with 1, the 1.94 million operations a
frame that are published. A pruned network has smaller layers and nothing else of its
own.

Shapes: B sounds, T frames.
"""

from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from enhancement.neural import bands
from enhancement.stft import Framing, Spectra
from enhancement.weights import Tensors, WeightsError

Floats = NDArray[np.float32]
State = tuple[Floats, Floats, Floats, Floats]  # outputs and cells of both layers

FRAMING = Framing(window=512, hop=256, fft=512)
SINGLE = replace(FRAMING, single=True)  # enough in front of a network of 32-bit floats
POWER = 0.3
FLOOR = 1e-8  # added to band magnitudes before the power


@dataclass(frozen=True)
class Lstm:
    """One layer; rows are the gates input, forget, candidate, output, n units each."""

    input: Floats  # (4 n, inputs)
    recurrent: Floats  # (4 n, n)
    bias: Floats  # (4 n,)

    @property
    def units(self) -> int:
        return int(self.recurrent.shape[1])

    @cached_property
    def halved(self) -> tuple[Floats, Floats, Floats]:
        """The transposed matrices and the bias, halved where the gate is a sigmoid.

        As sigmoid(z) = (1 + tanh(z / 2)) / 2, one tanh then serves all four gates.
        """
        scale = np.repeat(np.array([0.5, 0.5, 1, 0.5], np.float32), self.units)
        w, r = self.input.T * scale, self.recurrent.T * scale
        return np.ascontiguousarray(w), np.ascontiguousarray(r), self.bias * scale

    def run(self, x: Floats, h: Floats, c: Floats) -> tuple[Floats, Floats, Floats]:
        """Run over (T, B, inputs) from state (B, n); return outputs and last state."""
        n = self.units
        w, r, bias = self.halved
        z = (x.reshape(-1, x.shape[-1]) @ w + bias).reshape(*x.shape[:2], 4 * n)
        y = np.empty((*x.shape[:2], n), np.float32)
        for t, gates in enumerate(z):
            gates += h @ r
            np.tanh(gates, out=gates)
            g = gates[:, 2 * n : 3 * n].copy()
            gates += 1
            gates *= 0.5
            c = gates[:, n : 2 * n] * c + gates[:, :n] * g
            h = y[t] = gates[:, 3 * n :] * np.tanh(c)
        return y, h, c


@dataclass(frozen=True)
class Network:
    lstm1: Lstm
    lstm2: Lstm
    dense: Floats  # (neurons, n2)
    dense_bias: Floats  # (neurons,)
    mask: Floats  # (bands, neurons)
    mask_bias: Floats  # (bands,)

    @classmethod
    def of(cls, tensors: Tensors) -> Self:
        """Take the network out of named tensors; `WeightsError` if one does not fit."""
        network = cls(
            _lstm(tensors, "lstm1"),
            _lstm(tensors, "lstm2"),
            *(_tensor(tensors, f.name.replace("_", ".")) for f in fields(cls)[2:]),
        )
        network._check()
        return network

    def tensors(self) -> Tensors:
        """Return the network as named tensors, as `of` takes it."""
        named: Tensors = {}
        for layer in ("lstm1", "lstm2"):
            lstm: Lstm = getattr(self, layer)
            for f in fields(lstm):
                named[f"{layer}.{f.name}"] = getattr(lstm, f.name)
        for f in fields(self)[2:]:
            named[f.name.replace("_", ".")] = getattr(self, f.name)
        return named

    @property
    def parameters(self) -> int:
        return sum(int(t.size) for t in self.tensors().values())

    @property
    def operations_per_frame(self) -> int:
        """Multiplications and additions, biases as products with 1; no functions."""
        return 2 * self.parameters

    def begin(self, sounds: int) -> State:
        """Return the state before the first frame."""
        n1, n2 = self.lstm1.units, self.lstm2.units
        h1, c1, h2, c2 = (np.zeros((sounds, n), np.float32) for n in (n1, n1, n2, n2))
        return h1, c1, h2, c2

    def run(self, features: Floats, state: State) -> tuple[Floats, State]:
        """Return the masks of features, both (T, B, bands), and the new state."""
        h1, c1, h2, c2 = state
        y, h1, c1 = self.lstm1.run(features, h1, c1)
        y, h2, c2 = self.lstm2.run(y, h2, c2)
        y = np.maximum(y @ self.dense.T + self.dense_bias, 0)
        z = y @ self.mask.T + self.mask_bias
        masks: Floats = 0.5 + 0.5 * np.tanh(0.5 * z)
        return masks, (h1, c1, h2, c2)

    def _check(self) -> None:
        n1, n2 = self.lstm1.units, self.lstm2.units
        neurons = self.dense.shape[0]
        wanted = {
            "lstm1.input": (4 * n1, bands.BANDS),
            "lstm1.recurrent": (4 * n1, n1),
            "lstm1.bias": (4 * n1,),
            "lstm2.input": (4 * n2, n1),
            "lstm2.recurrent": (4 * n2, n2),
            "lstm2.bias": (4 * n2,),
            "dense": (neurons, n2),
            "dense.bias": (neurons,),
            "mask": (bands.BANDS, neurons),
            "mask.bias": (bands.BANDS,),
        }
        for name, tensor in self.tensors().items():
            if tensor.shape != wanted[name]:
                raise WeightsError(
                    f"{name} has shape {tensor.shape}; {wanted[name]} would fit"
                )


def _lstm(tensors: Tensors, name: str) -> Lstm:
    return Lstm(*(_tensor(tensors, f"{name}.{f.name}") for f in fields(Lstm)))


def _tensor(tensors: Tensors, name: str) -> Floats:
    if name not in tensors:
        raise WeightsError(f"there is no tensor {name!r}, only {sorted(tensors)}")
    tensor = tensors[name]
    if tensor.dtype != np.float32 or tensor.ndim not in (1, 2):
        raise WeightsError(f"{name} is {tensor.dtype} {tensor.shape}: not of a network")
    if not np.isfinite(tensor).all():
        raise WeightsError(f"{name} holds NaN or infinity")
    return tensor


@cache
def _matrices() -> tuple[Floats, Floats]:
    """Return what takes magnitudes to bands, and masks of bands to bins."""
    averages = np.ascontiguousarray(bands.averages().T, np.float32)
    return averages, bands.triangles().astype(np.float32)


class Runs(Protocol):
    """What runs a network: `Network` itself, or faster, as `runtime.OnnxNetwork`."""

    def begin(self, sounds: int) -> State: ...

    def run(self, features: Floats, state: State) -> tuple[Floats, State]: ...


class Masker:
    """A running network: spectra in, masked spectra out (a `FrameProcessor`).

    A mask of 0 leaves `least_gain`, one of 1 still changes nothing.
    """

    def __init__(self, network: Runs, least_gain: float = 0.0) -> None:
        self.network = network
        self.least_gain = np.float32(least_gain)
        self._state: State | None = None
        self._averages, self._triangles = _matrices()

    def process(self, spectra: Spectra) -> Spectra:
        """Take the next frames, shape (..., frames, bins); return as many."""
        *batch, frames, bins = spectra.shape
        magnitudes = np.abs(spectra).astype(np.float32, copy=False)
        sounds = magnitudes.reshape(-1, frames, bins)
        mask = self._mask(np.swapaxes(sounds, 0, 1))  # (T, B, bins)
        return spectra * np.swapaxes(mask, 0, 1).reshape(*batch, frames, bins)

    def _mask(self, magnitudes: Floats) -> Floats:
        # As matrices: of three axes, NumPy would multiply frame by frame
        frames, sounds, bins = magnitudes.shape
        energies = magnitudes.reshape(-1, bins) @ self._averages
        features = (energies + np.float32(FLOOR)) ** POWER
        state = self._state or self.network.begin(sounds)
        masks, self._state = self.network.run(
            features.reshape(frames, sounds, -1), state
        )
        masks = self.least_gain + (1 - self.least_gain) * masks
        mask: Floats = masks.reshape(frames * sounds, -1) @ self._triangles
        return mask.reshape(frames, sounds, bins)
