"""The TinyLSTM in integers, as a system: spectra to bands, network, mask, spectra."""

from collections.abc import Callable
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from enhancement.compression.footprint import footprint
from enhancement.compression.integer_network import IntegerNetwork, Shorts, State
from enhancement.compression.storage import network_of
from enhancement.neural import bands
from enhancement.neural.family import tiny_system
from enhancement.neural.tinylstm import FRAMING
from enhancement.spectral import SpectralSystem
from enhancement.stft import Spectra
from enhancement.weights import checked

Doubles = NDArray[np.float64]

MAGNITUDE_BITS = 16  # a magnitude m is the integer 2^16 m,
LARGEST_MAGNITUDE = 2.0**31 - 1  # at most


@cache
def averages() -> Doubles:
    """Return the integers A of Q0.15, shape (bins, bands), carried in float64."""
    return np.rint(bands.averages().T * 2**15)


@cache
def triangles() -> Doubles:
    """Return the integers P of Q0.15, shape (bands, bins), carried in float64."""
    return np.rint(bands.triangles() * 2**15)


def band_magnitudes(spectra: Spectra) -> Doubles:
    """Return the integers B of the definition, shape (..., bands).

    Sums stay below 2^31 (2^15 + 128) < 2^53: exact in float64.
    """
    m = np.minimum(np.rint(np.abs(spectra) * 2**MAGNITUDE_BITS), LARGEST_MAGNITUDE)
    sums: Doubles = m @ averages()
    return sums


def spread(mask: NDArray[np.int16], least_gain: float = 0.0) -> Doubles:
    """Return the gain of each bin, shape (..., bins), from masks of Q0.15.

    A mask of 0 gives `least_gain`, one of 1 gives 1. The sums are exact integers.
    """
    sums = mask.astype(np.float64) @ triangles()
    sums *= (1 - least_gain) / 2.0**30
    return least_gain + sums


def masked(
    spectra: Spectra, masks_of: Callable[[Doubles], Shorts], least_gain: float
) -> Spectra:
    """Return spectra (..., frames, bins) times the masks that belong to their bands.

    `masks_of` takes bands and returns masks, both of shape (T, B, bands); of what they
    close `least_gain` is left.
    """
    shape = spectra.shape
    x = np.swapaxes(band_magnitudes(spectra.reshape(-1, *shape[-2:])), 0, 1)
    gains = spread(np.swapaxes(masks_of(x), 0, 1), least_gain)
    return spectra * gains.reshape(shape)


class IntegerMasker:
    """A running integer network: spectra in, masked spectra out."""

    def __init__(self, network: IntegerNetwork, least_gain: float = 0.0) -> None:
        self.network = network
        self.least_gain = least_gain
        self._state: State | None = None

    def process(self, spectra: Spectra) -> Spectra:
        """Take the next frames, shape (..., frames, bins); return as many."""
        return masked(spectra, self._masks, self.least_gain)

    def _masks(self, bands: Doubles) -> Shorts:
        state = self._state or self.network.begin(bands.shape[1])
        masks, self._state = self.network.run(bands, state)
        return masks


def system(*, slug: str, label: str) -> SpectralSystem:
    """Return the system of the bundled integers called `slug`."""
    file = checked(f"{slug}.safetensors")
    network = network_of(file.tensors)
    return tiny_system(
        slug=slug,
        label=label,
        framing=FRAMING,
        masker=partial(IntegerMasker, network),
        units=(network.lstm1.units, network.lstm2.units),
        dense=len(network.dense.bias),
        cost=footprint(network),
        weights_sha256=file.sha256,
    )
