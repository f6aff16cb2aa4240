"""Sounds whose properties are known, for the tests of signal processing."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Samples = NDArray[np.float64]

RATE_HZ = 16_000


def noise(seconds: float, *, seed: int, rate_hz: int = RATE_HZ) -> Samples:
    """Return white Gaussian noise of standard deviation 0.1."""
    rng = np.random.default_rng(seed)
    return 0.1 * rng.standard_normal(round(seconds * rate_hz))


def sine(
    seconds: float, frequency_hz: float, *, rate_hz: int = RATE_HZ, phase: float = 0.0
) -> Samples:
    """Return a sine of amplitude 1."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    return np.sin(2 * np.pi * frequency_hz * t + phase)


def speech_like(seconds: float, *, seed: int) -> Samples:
    """Return voiced syllables: a gliding pulse train through formants, with pauses.

    Half a second of silence comes first, as in most recordings.
    """
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE_HZ)
    t = np.arange(n) / RATE_HZ
    pitch_hz = 120 + 30 * np.sin(2 * np.pi * 0.7 * t + rng.uniform(0, 2 * np.pi))
    pulses = np.diff(np.floor(np.cumsum(pitch_hz) / RATE_HZ), prepend=0.0)
    voice = pulses + 0.01 * rng.standard_normal(n)
    for formant_hz, width_hz in [(600, 80), (1400, 100), (2600, 150)]:
        r = np.exp(-np.pi * width_hz / RATE_HZ)
        a = [1, -2 * r * np.cos(2 * np.pi * formant_hz / RATE_HZ), r * r]
        voice = lfilter([1 - r], a, voice)
    syllables = np.maximum(np.sin(2 * np.pi * 2.5 * t), 0) ** 0.5
    x = voice * syllables * ((t > 0.5) & (t % 2 < 1.6))
    scaled: Samples = 0.3 * x / np.abs(x).max()
    return scaled
