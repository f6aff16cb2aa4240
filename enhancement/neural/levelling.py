"""Quiet sound, raised for a network to the levels that it learned on.

Networks of the family learned on sound of -38 to -14 dBFS, and take what is 20 dB below
that for noise. An automatic gain control in front of the network, and out of what is
heard: a mask is found for louder spectra, and belongs to the spectra as they came.

    P_t    level of frame t in dBFS: mean square under the window
    L_t  = max over s <= t of P_s - FALL (t - s)          the level, held at its peaks
    W_t  = max(0, min(LOWEST - L_t, MOST))                the gain that is wanted, in dB
    G_t  = min over s <= t of W_s + RISE (t - s)          the gain; 0 before the sound

A gain falls at once and rises slowly. Sound whose peaks are above LOWEST has a gain of
exactly 1. Constants are of our own choice, by SI-SDR of held-out mixtures at -26 to -70
dBFS.

Shapes: (..., frames, bins) for spectra, (..., frames) for levels and gains.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from enhancement.stft import FrameProcessor, Framing, Spectra

Decibels = NDArray[np.float64]
Factors = NDArray[np.float64]

SILENCE = 1e-12  # mean square, -120 dBFS: below 16 bits
SAMPLE_RATE_HZ = 16_000


@dataclass(frozen=True)
class Law:
    """How levels become gains."""

    lowest_dbfs: float = -32.0
    most_db: float = 30.0
    fall_db_per_s: float = 0.5
    rise_db_per_s: float = 120.0


LAW = Law()


class Levelling:
    """A running gain control."""

    def __init__(self, framing: Framing, law: Law = LAW) -> None:
        self.framing = framing
        self.law = law
        seconds = framing.hop / SAMPLE_RATE_HZ
        self._fall = law.fall_db_per_s * seconds
        self._rise = law.rise_db_per_s * seconds
        self._frames = 0  # so far
        self._held: Decibels | float = -np.inf  # L + FALL t, of the last frame
        self._least: Decibels | float = 0.0  # G - RISE t, of the last frame

    def factors(self, spectra: Spectra) -> Factors:
        """Take the next frames; return by what to multiply them.

        Counted from the first frame on, so that blocks give the bits of the whole.
        """
        law, levels = self.law, levels_dbfs(spectra, self.framing)
        t = self._frames + np.arange(1, levels.shape[-1] + 1)
        held = levels + self._fall * t
        held[..., 0] = np.maximum(held[..., 0], self._held)
        held = np.maximum.accumulate(held, axis=-1)
        lacking = law.lowest_dbfs - (held - self._fall * t)
        wanted = np.minimum(np.maximum(lacking, 0), law.most_db)
        least = wanted - self._rise * t
        least[..., 0] = np.minimum(least[..., 0], self._least)
        least = np.minimum.accumulate(least, axis=-1)
        self._frames += levels.shape[-1]
        self._held, self._least = held[..., -1], least[..., -1]
        factors: Factors = 10 ** ((least + self._rise * t) / 20)
        return factors


class Levelled:
    """A processor of frames that is given quiet sound louder, and gives it back so."""

    def __init__(self, processor: FrameProcessor, framing: Framing) -> None:
        self.processor = processor
        self._levelling = Levelling(framing)

    def process(self, spectra: Spectra) -> Spectra:
        """Take the next frames; return as many."""
        factors = self._levelling.factors(spectra)[..., None]
        if (factors == 1).all():  # mostly so: two passes over the spectra less
            return self.processor.process(spectra)
        factors = factors.astype(spectra.real.dtype, copy=False)
        return self.processor.process(spectra * factors) / factors


def levelled(spectra: Spectra, framing: Framing) -> Spectra:
    """Return the spectra of a whole sound as the network is given them."""
    return spectra * Levelling(framing).factors(spectra)[..., None]


def levels_dbfs(spectra: Spectra, framing: Framing) -> Decibels:
    """Return the mean square of each frame under the window, at least -120 dBFS.

    By Parseval's theorem, of one-sided spectra, without their first and last bin: an
    offset is not sound. A full-scale sine is at -3.01 dBFS.
    """
    inner = spectra[..., 1:-1]
    energy = 2 * np.vecdot(inner, inner).real
    mean = energy / (framing.fft * framing.energy)
    levels: Decibels = 10 * np.log10(np.maximum(mean, SILENCE))
    return levels
