"""The TinyLSTM in integers, as a system: spectra to bands, network, mask, spectra."""

from collections.abc import Callable
from functools import cache, partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from enhancement.compression.footprint import footprint
from enhancement.compression.integer_network import IntegerNetwork, State
from enhancement.compression.storage import network_of
from enhancement.footprint import Footprint
from enhancement.neural import bands
from enhancement.neural.tinylstm import FRAMING
from enhancement.spectral import SpectralSystem, Updates
from enhancement.stft import FrameProcessor, Spectra
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


def spread(mask: NDArray[np.int16]) -> Doubles:
    """Return the gain of each bin, shape (..., bins), from masks of Q0.15."""
    return mask.astype(np.float64) @ triangles() / 2.0**30


class IntegerMasker:
    """A running integer network: spectra in, masked spectra out."""

    def __init__(self, network: IntegerNetwork) -> None:
        self.network = network
        self._state: State | None = None

    def process(self, spectra: Spectra) -> Spectra:
        """Take the next frames, shape (..., frames, bins); return as many."""
        shape = spectra.shape
        x = np.swapaxes(band_magnitudes(spectra.reshape(-1, *shape[-2:])), 0, 1)
        state = self._state or self.network.begin(x.shape[1])
        mask, self._state = self.network.run(x, state)
        return spectra * spread(np.swapaxes(mask, 0, 1)).reshape(shape)


def system(*, slug: str, label: str) -> SpectralSystem:
    """Return the system of the bundled integers called `slug`."""
    file = checked(f"{slug}.safetensors")
    network = network_of(file.tensors)
    return tiny_system(
        slug=slug,
        label=label,
        processor=partial(IntegerMasker, network),
        network=network,
        cost=footprint(network),
        weights_sha256=file.sha256,
    )


def tiny_system(
    *,
    slug: str,
    label: str,
    processor: Callable[[], FrameProcessor],
    network: IntegerNetwork,
    cost: Footprint,
    weights_sha256: str,
    skips: Callable[[ArrayLike], Updates] | None = None,
) -> SpectralSystem:
    """Return a system that runs `network` by `processor`."""
    return SpectralSystem(
        slug=slug,
        label=label,
        hop=FRAMING.hop,
        latency=FRAMING.latency,
        framing=FRAMING,
        processor=processor,
        parameters={
            "window": FRAMING.window,
            "hop": FRAMING.hop,
            "lstm": [network.lstm1.units, network.lstm2.units],
            "dense": len(network.dense.bias),
            "operations_per_frame": cost.operations,
        },
        weights_sha256=weights_sha256,
        footprint=cost,
        skips=skips,
    )
