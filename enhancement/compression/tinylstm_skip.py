"""The integer TinyLSTM that skips frames, as a system; and which frames it skips."""

from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from enhancement.compression.footprint import footprint_of_skipping
from enhancement.compression.integer_network import Shorts
from enhancement.compression.skipping import SkipNetwork, SkipState, skip_network_of
from enhancement.compression.tinylstm_int8 import Doubles, band_magnitudes, masked
from enhancement.neural.family import tiny_system
from enhancement.neural.levelling import levelled
from enhancement.neural.tinylstm import FRAMING
from enhancement.spectral import SpectralSystem
from enhancement.stft import Spectra, analyse
from enhancement.weights import checked, scores


class SkipMasker:
    """A running network that skips: spectra in, masked spectra out."""

    def __init__(self, skipping: SkipNetwork, least_gain: float = 0.0) -> None:
        self.skipping = skipping
        self.least_gain = least_gain
        self._state: SkipState | None = None

    def process(self, spectra: Spectra) -> Spectra:
        """Take the next frames, shape (..., frames, bins); return as many."""
        return masked(spectra, self._masks, self.least_gain)

    def _masks(self, bands: Doubles) -> Shorts:
        if self._state is None:
            self._state = self.skipping.begin(bands.shape[1])
        masks, _ = self.skipping.run(bands, self._state)
        return masks


def updates(skipping: SkipNetwork, noisy: ArrayLike) -> NDArray[np.bool_]:
    """Return which frames of sound (samples,) are not skipped, shape (frames,).

    Frame m ends with sample 256 (m + 1) - 1; the mean, times the operations of an
    update, is what the network computes for a frame on average.
    """
    spectra = levelled(analyse(noisy, FRAMING), FRAMING)
    x = band_magnitudes(spectra)[:, None]
    _, updated = skipping.run(x, skipping.begin(1))
    return updated[:, 0]


def system(*, slug: str, label: str) -> SpectralSystem:
    """Return the system of the bundled integers called `slug`."""
    file = checked(f"{slug}.safetensors")
    skipping = skip_network_of(file.tensors)
    network = skipping.network
    return tiny_system(
        slug=slug,
        label=label,
        framing=FRAMING,
        masker=partial(SkipMasker, skipping),
        units=(network.lstm1.units, network.lstm2.units),
        dense=len(network.dense.bias),
        cost=footprint_of_skipping(skipping, scores.updated(slug, file.sha256)),
        skips=partial(updates, skipping),
        weights_sha256=file.sha256,
    )
