"""Music made from nothing: chords, melody, bass and drums of random sounds.

Real music is scarce among free recordings, and to a network that listens through the
short-time spectrum its steady harmonics, onsets and beats are what matters.
"""

import numpy as np
from numpy.typing import NDArray

Rng = np.random.Generator
Sound = NDArray[np.float32]

SCALES = (
    (0, 2, 4, 5, 7, 9, 11),
    (0, 2, 3, 5, 7, 8, 10),
    (0, 2, 4, 7, 9),
    (0, 3, 5, 7, 10),
)


def music(rng: Rng, seconds: float, rate_hz: int) -> Sound:
    """Return a piece of music drawn from `rng`, shape (samples,), of RMS 1."""
    n = round(seconds * rate_hz)
    beat = round(60 / rng.uniform(60, 160) * rate_hz)
    root_hz = 440 * 2 ** (rng.integers(-24, 0) / 12)
    scale = SCALES[rng.integers(len(SCALES))]
    mix = np.zeros(n, np.float32)
    for voice, probability in (
        (_chords, 0.8),
        (_melody, 0.8),
        (_bass, 0.6),
        (_drums, 0.5),
    ):
        if rng.random() < probability:
            mix += rng.uniform(0.2, 1) * _unit(
                voice(rng, n, beat, root_hz, scale, rate_hz)
            )
    return _unit(mix if mix.any() else _chords(rng, n, beat, root_hz, scale, rate_hz))


def _unit(x: Sound) -> Sound:
    return x / max(float(np.sqrt(np.mean(x**2))), 1e-6)


def _chords(
    rng: Rng, n: int, beat: int, root_hz: float, scale: tuple[int, ...], rate_hz: int
) -> Sound:
    x = np.zeros(n, np.float32)
    timbre = _timbre(rng)
    for start in range(0, n, 4 * beat):
        degree = int(rng.integers(len(scale)))
        for step in (0, 2, 4):
            hz = root_hz * _pitch(scale, degree + step)
            _add(x, start, _note(rng, hz, 4 * beat, timbre, rate_hz))
    return x


def _melody(
    rng: Rng, n: int, beat: int, root_hz: float, scale: tuple[int, ...], rate_hz: int
) -> Sound:
    x, start, degree = np.zeros(n, np.float32), 0, len(scale)
    timbre = _timbre(rng)
    while start < n:
        length = int(beat * rng.choice([0.25, 0.5, 0.5, 1, 1, 2]))
        degree = int(np.clip(degree + rng.integers(-2, 3), 0, 2 * len(scale)))
        if rng.random() < 0.85:
            hz = root_hz * _pitch(scale, degree)
            _add(x, start, _note(rng, hz, int(1.2 * length), timbre, rate_hz))
        start += length
    return x


def _bass(
    rng: Rng, n: int, beat: int, root_hz: float, scale: tuple[int, ...], rate_hz: int
) -> Sound:
    return _melody(rng, n, 2 * beat, root_hz / 4, scale[:3], rate_hz)


def _drums(
    rng: Rng, n: int, beat: int, root_hz: float, scale: tuple[int, ...], rate_hz: int
) -> Sound:
    """Return a bar of hits, repeated: falling sines (drums) and bursts (cymbals)."""
    x = np.zeros(n, np.float32)
    length = beat // 2
    t = np.arange(length, dtype=np.float32) / rate_hz
    kick = np.sin(2 * np.pi * (50 * t + 6 * (1 - np.exp(-30 * t)))) * np.exp(-9 * t)
    noise = rng.standard_normal(length).astype(np.float32)
    hat = 0.3 * np.diff(noise, prepend=0).astype(np.float32) * np.exp(-50 * t)
    snare = 0.5 * noise * np.exp(-18 * t)
    bar = rng.choice(4, size=8, p=[0.3, 0.3, 0.15, 0.25])
    hits = [kick, hat, snare, np.zeros_like(t)]
    for i, start in enumerate(range(0, n, length)):
        _add(x, start, hits[bar[i % 8]])
    return x


def _timbre(rng: Rng) -> tuple[NDArray[np.float64], float, float]:
    """Return amplitudes of harmonics, decay per second, and seconds of attack."""
    order = np.arange(1, 1 + rng.integers(3, 16))
    amplitudes = order ** -rng.uniform(0.6, 2.2) * rng.uniform(0.3, 1, len(order))
    return amplitudes, rng.choice([0.3, 1.0, 3.0, 8.0]), rng.choice([0.003, 0.02, 0.1])


def _pitch(scale: tuple[int, ...], degree: int) -> float:
    octave, step = divmod(degree, len(scale))
    return float(2 ** (octave + scale[step] / 12))


def _note(
    rng: Rng,
    hz: float,
    length: int,
    timbre: tuple[NDArray[np.float64], float, float],
    rate_hz: int,
) -> Sound:
    amplitudes, decay, attack_s = timbre
    t = np.arange(length, dtype=np.float32) / rate_hz
    vibrato = rng.choice([0, 0.003]) * np.sin(2 * np.pi * 5.5 * t) / 5.5
    phase = (2 * np.pi * hz * (t + vibrato)).astype(np.float32)
    x = np.zeros(length, np.float32)
    for k, a in enumerate(amplitudes, start=1):
        if k * hz < 0.45 * rate_hz:
            x += np.float32(a) * np.sin(k * phase + np.float32(rng.uniform(0, 6.28)))
    release = np.minimum(1, (length / rate_hz - t) / 0.02)
    return x * np.minimum(1, t / attack_s) * np.exp(-decay * t) * release


def _add(x: Sound, start: int, part: Sound) -> None:
    end = min(len(x), start + len(part))
    x[start:end] += part[: end - start]
