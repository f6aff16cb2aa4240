"""A television in the corner: small loudspeakers, levelled speech, music."""

import numpy as np
from numpy.random import Generator
from scipy.signal import fftconvolve

from stimuli.bundled.noises.music import tune
from stimuli.bundled.sentences import NEWS, SHOW
from stimuli.bundled.shaping import (
    RATE_HZ,
    Samples,
    band,
    equalised,
    place,
    times,
    unit,
)
from stimuli.bundled.voices import ANCHOR, HOST, Voice, speak


def news(rng: Generator, seconds: float) -> Samples:
    """Return the news: a jingle that makes way for somebody who reads."""
    speech = _read(NEWS, (ANCHOR, HOST), seconds, start_s=1.8, gap_s=0.15)
    ducked = _ducked(tune(rng, seconds, beats_per_minute=126, drums=0.5), speech)
    return loudspeaker(compressed(speech + 0.5 * ducked))


def show(rng: Generator, seconds: float) -> Samples:
    """Return a quiz: a band plays, a host talks over it, people clap."""
    speech = _read(SHOW, (HOST, ANCHOR), seconds, start_s=4.0, gap_s=0.9)
    ducked = _ducked(tune(rng, seconds, beats_per_minute=104, drums=1.0), speech)
    mixed = speech + 1.1 * ducked
    place(mixed, _applause(rng, 3.5), min(13.5, 0.65 * seconds), 0.8)
    return loudspeaker(compressed(mixed))


def _read(
    lines: tuple[str, ...],
    voices: tuple[Voice, Voice],
    seconds: float,
    *,
    start_s: float,
    gap_s: float,
) -> Samples:
    """Return two who read in turn, at unit RMS while they speak."""
    track = np.zeros(len(times(seconds)))
    at_s = start_s
    for i, line in enumerate(lines):
        if at_s < seconds:
            spoken = unit(speak(line, voices[i % 2]))
            place(track, spoken, at_s)
            at_s += len(spoken) / RATE_HZ + gap_s
    return track


def _ducked(music: Samples, speech: Samples) -> Samples:
    """Return the music 10 dB lower wherever somebody speaks."""
    speaking = shape_of(np.minimum(1.0, 4 * abs(speech)), 1.5)
    return np.asarray(unit(music) * (1 - 0.7 * np.clip(1.6 * speaking, 0, 1)))


def _applause(rng: Generator, seconds: float) -> Samples:
    """Return a studio audience: 90 claps a second, each its own."""
    t = times(seconds)
    claps = (rng.random(len(t)) < 90 / RATE_HZ) * rng.exponential(1.0, len(t))
    hands = np.convolve(claps, np.exp(-np.arange(160) / 35))[: len(t)]
    clapping = band(hands * rng.standard_normal(len(t)), 700, 4200)
    swell = np.minimum(1, t / 0.4) * np.minimum(1, (seconds - t) / 1.6)
    return np.asarray(unit(clapping) * swell)


def shape_of(x: Samples, cutoff_hz: float) -> Samples:
    """Return the slow shape of `x`, which does not lag behind it."""
    size = 2 * round(0.4 * RATE_HZ / cutoff_hz) + 1
    window = np.hanning(size)
    return np.asarray(fftconvolve(x, window / window.sum(), mode="same"))


def compressed(x: Samples, *, ratio: float = 3.0) -> Samples:
    """Return `x` as broadcast: its slow level pressed together."""
    power = shape_of(x**2, 6.0)
    envelope = np.sqrt(np.maximum(power, 0.02 * power.max()))
    return np.asarray(x * envelope ** (1 / ratio - 1))


def loudspeaker(x: Samples) -> Samples:
    """Return `x` from a small flat box: no bass, a nasal resonance, dull on top."""
    return equalised(x, BOX)


BOX = {
    60: -40, 110: -18, 180: -3, 300: 1, 450: -2, 900: 2, 1300: -1, 2600: 2, 4000: -2,
    6000: -8, 8000: -20,
}  # fmt: skip
