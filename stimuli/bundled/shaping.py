"""What all noises are made of: shaped noise, slow curves, struck things, and places.

Sounds have shape (frames,) at 16 kHz. Every function that draws takes `rng`.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from scipy.signal import butter, sosfilt

RATE_HZ = 16_000
Samples: TypeAlias = NDArray[np.floating]


def times(seconds: float) -> Samples:
    """Return the instants of the samples, in seconds."""
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def db(gain_db: ArrayLike) -> Samples:
    """Return decibels as a factor of amplitude."""
    return np.asarray(10 ** (np.asarray(gain_db, float) / 20))


def shaped_noise(
    rng: Generator, seconds: float, response: Callable[[Samples], Samples]
) -> Samples:
    """Return Gaussian noise of unit RMS whose spectrum follows `response(f_hz)`."""
    spectrum = np.fft.rfft(rng.standard_normal(round(seconds * RATE_HZ)))
    frequencies = np.fft.rfftfreq(round(seconds * RATE_HZ), 1 / RATE_HZ)
    return unit(np.fft.irfft(spectrum * response(frequencies), len(times(seconds))))


def points(f_hz: Samples, curve: Mapping[int, float]) -> Samples:
    """Return the response through points of frequency (Hz) and gain (dB).

    Linear in dB over log frequency between them, constant outside.
    """
    log_f = np.log(np.maximum(f_hz, 1.0))
    return db(np.interp(log_f, np.log(list(curve)), list(curve.values())))


def equalised(x: Samples, curve: Mapping[int, float]) -> Samples:
    """Return `x` with the gains (dB) of `curve` at its frequencies (Hz), no delay."""
    spectrum = np.fft.rfft(x)
    f_hz = np.fft.rfftfreq(len(x), 1 / RATE_HZ)
    return np.asarray(np.fft.irfft(spectrum * points(f_hz, curve), len(x)))


def slow_curve(rng: Generator, seconds: float, cutoff_hz: float) -> Samples:
    """Return a random curve of unit RMS that holds nothing above about `cutoff_hz`."""
    return shaped_noise(rng, seconds, lambda f: np.exp(-((f / cutoff_hz) ** 2)))


def band(x: Samples, low_hz: float, high_hz: float, *, order: int = 2) -> Samples:
    """Return what of `x` lies between two frequencies (Butterworth)."""
    sos = butter(order, [low_hz, high_hz], "bandpass", fs=RATE_HZ, output="sos")
    return np.asarray(sosfilt(sos, x))


def below(x: Samples, cutoff_hz: float, *, order: int = 2) -> Samples:
    """Return what of `x` lies below a frequency (Butterworth)."""
    return np.asarray(sosfilt(butter(order, cutoff_hz, fs=RATE_HZ, output="sos"), x))


def struck(
    rng: Generator,
    *,
    modes_hz: ArrayLike,
    decays_s: ArrayLike,
    gains: ArrayLike,
    contact_s: float,
) -> Samples:
    """Return the ring of something struck: a sum of damped sines.

    The parts fall to 1/e in `decays_s`; the strike lasts `contact_s`, which rounds
    the attack and takes the partials above its inverse away.
    """
    modes, decays, gains = np.broadcast_arrays(modes_hz, decays_s, gains)
    audible = modes < 0.46 * RATE_HZ
    t = times(min(6 * float(decays[audible].max(initial=0.01)), 2.5))[:, None]
    phases = rng.uniform(0, 2 * np.pi, audible.sum())
    ring = np.exp(-t / decays[audible]) * np.sin(
        2 * np.pi * modes[audible] * t + phases
    )
    blow = np.hanning(max(3, round(contact_s * RATE_HZ)) + 2)
    return np.convolve(ring @ gains[audible], blow / blow.sum())


def place(track: Samples, sound: Samples, at_s: float, gain: float = 1.0) -> None:
    """Add `sound` to `track`, the one array here that is changed, from `at_s` on."""
    start = round(at_s * RATE_HZ)
    room = track[start : start + len(sound)]
    room += gain * sound[: len(room)]


def unit(x: Samples) -> Samples:
    """Return `x` at unit RMS."""
    return np.asarray(x / np.sqrt(np.mean(x**2)))


def fade(x: Samples, *, seconds: float = 0.01) -> Samples:
    """Return `x` with raised-cosine ends."""
    n = round(seconds * RATE_HZ)
    ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(n) + 0.5) / n)
    window = np.ones(len(x))
    window[:n], window[-n:] = ramp, ramp[::-1]
    return x * window
