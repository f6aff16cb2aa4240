"""A road outside, heard through a closed window."""

import numpy as np
from numpy.random import Generator

from stimuli.bundled.shaping import (
    Samples,
    below,
    db,
    equalised,
    place,
    points,
    shaped_noise,
    slow_curve,
    times,
    unit,
)

SOUND_SPEED = 343.0  # m/s


def street(rng: Generator, seconds: float) -> Samples:
    """Return cars that pass, one every few seconds, on a quiet street."""
    far = shaped_noise(rng, seconds, lambda f: points(f, ROAR))
    track = 0.15 * far
    for at_s in np.arange(-2.0, seconds, 3.1) + rng.uniform(0, 1.2):
        speed = rng.uniform(9, 15)
        _pass(rng, track, at_s + rng.uniform(-0.8, 0.8), speed, rng.uniform(6, 11))
    return through_window(track)


def crossing(rng: Generator, seconds: float) -> Samples:
    """Return a crossing: dense traffic, a bus that waits and shakes, a motorcycle."""
    far = shaped_noise(rng, seconds, lambda f: points(f, ROAR))
    track = db(2.0 * slow_curve(rng, seconds, 0.4)) * far
    for at_s in np.arange(-2.0, seconds, 4.7):
        _pass(rng, track, at_s + rng.uniform(-1, 1), rng.uniform(6, 10), 9.0)
    bus = _engine(rng, 11.5 + 0.3 * slow_curve(rng, seconds, 0.8), cylinders=3)
    return through_window(track + 0.9 * bus * db(3 * slow_curve(rng, seconds, 0.15)))


def _pass(
    rng: Generator, track: Samples, at_s: float, speed: float, distance: float
) -> None:
    """Add to `track` a car that is nearest (`distance`, m) at `at_s`.

    Its level falls by the square of the distance and its pitch by Doppler's factor.
    """
    seconds = 9.0
    t = times(seconds) - seconds / 2
    range_m = np.sqrt(distance**2 + (speed * t) ** 2)
    doppler = 1 / (1 + speed**2 * t / range_m / SOUND_SPEED)
    tyres = shaped_noise(rng, seconds, lambda f: points(f, TYRES))
    engine = _engine(rng, rng.uniform(24, 36) * doppler, cylinders=2)
    car = (6.0 / range_m) * (tyres + 0.5 * engine) * np.hanning(len(t))
    start = at_s - seconds / 2
    place(track, car[max(0, round(-start * 16_000)) :], max(0.0, start))


def _engine(rng: Generator, turns_hz: Samples, *, cylinders: int) -> Samples:
    """Return an engine: harmonics of the half turn, strongest where it fires."""
    half_turns = np.pi * np.cumsum(turns_hz) / 16_000
    out = np.zeros(len(turns_hz))
    for k in range(1, 41):
        gain = (3.0 if k % (2 * cylinders) == 0 else 1.0) / k**0.8
        gain *= rng.uniform(0.4, 1.0)
        out += gain * np.sin(k * half_turns + rng.uniform(0, 2 * np.pi))
    return unit(out)


def through_window(x: Samples) -> Samples:
    """Return `x` behind double glazing: mass law, and the gap that resonates."""
    return below(equalised(x, GLAZING), 6000)


ROAR = {30: -8, 63: 0, 125: -2, 500: -6, 1000: -5, 2000: -12, 4000: -22, 8000: -34}
TYRES = {60: -16, 200: -8, 500: -3, 900: 0, 1500: -4, 3000: -14, 8000: -28}
GLAZING = {
    30: -24,
    60: -9,
    100: -3,
    200: 0,
    400: -4,
    800: -9,
    1600: -14,
    3200: -20,
    8000: -30,
}
