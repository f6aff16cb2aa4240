"""The sound by which a rater sets the volume: made here, and nobody's speech.

Noise with the long-term spectrum of speech (flat to 500 Hz, then 9 dB an octave down;
the average of Byrne et al. 1994 is within a few dB of that) that comes and goes in the
rhythm of syllables, at the level at which the studies' speech is.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from listening import wav

RATE_HZ = 48_000
SECONDS = 4.0
SYLLABLES_HZ = 4.0


@lru_cache(maxsize=8)
def test_sound(level_dbov: float) -> bytes:
    """Return the sound as a WAV file whose active part has `level_dbov`."""
    return wav.encode(signal(level_dbov)[None], rate_hz=RATE_HZ)


def signal(level_dbov: float) -> NDArray[np.float64]:
    """Return the samples, shape (samples,); their RMS is `level_dbov` re full scale."""
    n = int(RATE_HZ * SECONDS)
    spectrum = np.fft.rfft(np.random.default_rng(1).standard_normal(n))
    hz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    fall = np.maximum(hz, 500) / 500
    band = (hz > 100) & (hz < 8000)
    noise = np.fft.irfft(spectrum * band * fall**-1.5, n)
    t = np.arange(n) / RATE_HZ
    swell = np.sin(np.pi * SYLLABLES_HZ * t) ** 2  # begins and ends in silence
    sound: NDArray[np.float64] = noise * swell
    gain = 10 ** (level_dbov / 20) / float(np.sqrt(np.mean(sound**2)))
    return sound * gain
