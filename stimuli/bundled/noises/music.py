"""A tune nobody knows, drawn from a seed: chords, bass, a plucked line, drums."""

import numpy as np
from numpy.random import Generator

from stimuli.bundled.shaping import (
    RATE_HZ,
    Samples,
    band,
    place,
    times,
)

# Steps of the major scale on which the chords of four bars stand.
PROGRESSIONS = ((0, 4, 5, 3), (0, 5, 3, 4), (5, 3, 0, 4))
SCALE = np.array([0, 2, 4, 5, 7, 9, 11])
TONIC_HZ = 196.0


def tune(
    rng: Generator, seconds: float, *, beats_per_minute: float, drums: float
) -> Samples:
    """Return `seconds` of music, four beats a bar."""
    track = np.zeros(len(times(seconds)))
    beat_s = 60 / beats_per_minute
    roots = PROGRESSIONS[rng.integers(len(PROGRESSIONS))]
    step = int(rng.integers(4, 9))
    for beat in range(int(seconds / beat_s)):
        at_s, root = beat * beat_s, roots[beat // 4 % 4]
        if beat % 4 == 0:
            _chord(track, at_s, root, 4 * beat_s)
        place(track, note(hz(root - 7), beat_s, 0.25, partials=5), at_s, 0.5)
        step = _line(rng, track, at_s, beat_s, step)
        _drums(rng, track, at_s, beat, beat_s, drums)
    return track


def hz(step: int) -> float:
    """Return the pitch of a step of the scale; 7 steps are an octave."""
    return float(TONIC_HZ * 2 ** (step // 7 + SCALE[step % 7] / 12))


def note(f_hz: float, seconds: float, decay_s: float, *, partials: int) -> Samples:
    """Return a plucked note: higher partials are softer and die sooner."""
    t = times(seconds)
    k = np.arange(1, partials + 1)
    k = k[k * f_hz < 0.45 * RATE_HZ]
    ring = np.exp(-t[:, None] * k**0.6 / decay_s) / k**1.2
    wave = (ring * np.sin(2 * np.pi * f_hz * t[:, None] * k)).sum(axis=1)
    return np.asarray(wave * np.minimum(1, t / 0.004) * np.minimum(1, t[::-1] / 0.02))


def _chord(track: Samples, at_s: float, root: int, seconds: float) -> None:
    for third in (0, 2, 4):
        for detune in (0.997, 1.003):
            pad = note(hz(root + third) * detune, seconds, 2.5, partials=8)
            place(track, pad, at_s, 0.18)


def _line(rng: Generator, track: Samples, at_s: float, beat_s: float, step: int) -> int:
    """Add one or two notes of the melody; return where it has wandered to."""
    for half in range(rng.integers(1, 3)):
        step = int(np.clip(step + rng.integers(-2, 3), 3, 13))
        place(
            track,
            note(hz(step), beat_s, 0.35, partials=10),
            at_s + half * beat_s / 2,
            0.5,
        )
    return step


def _drums(
    rng: Generator, track: Samples, at_s: float, beat: int, beat_s: float, gain: float
) -> None:
    t = times(0.18)
    kick = np.sin(2 * np.pi * (50 * t - 6 * np.exp(-t / 0.02))) * np.exp(-t / 0.06)
    hiss = rng.standard_normal(len(t))
    snare = band(hiss, 400, 5500) * np.exp(-t / 0.05)
    hat = band(hiss, 5500, 7900) * np.exp(-t / 0.02)
    place(track, kick if beat % 2 == 0 else snare, at_s, 0.7 * gain)
    place(track, hat, at_s, 0.4 * gain)
    place(track, hat, at_s + beat_s / 2, 0.3 * gain)
