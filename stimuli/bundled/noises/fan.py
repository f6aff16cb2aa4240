"""Things that turn: a desk fan that swings, an extractor hood that drones."""

import numpy as np
from numpy.random import Generator

from stimuli.bundled.shaping import (
    Samples,
    db,
    points,
    shaped_noise,
    slow_curve,
    times,
)


def desk(rng: Generator, seconds: float) -> Samples:
    """Return a fan of five blades at 21 turns a second that looks left and right."""
    air = shaped_noise(rng, seconds, lambda f: points(f, DESK_AIR))
    hiss = shaped_noise(rng, seconds, lambda f: points(f, DESK_HISS))
    turn = _turning(rng, seconds, hz=21.0, wobble=0.004)
    # Swinging towards us it is louder, and its high frequencies more so.
    swing = np.sin(2 * np.pi * (0.11 * times(seconds) + rng.uniform()))
    chop = 1 + 0.25 * np.cos(5 * turn) + 0.1 * np.cos(turn)
    blades = _harmonics(rng, 5 * turn, gains=0.20 / np.arange(1, 9) ** 1.1)
    hum = _harmonics(rng, 2 * np.pi * 100 * times(seconds), gains=[0.12, 0.05, 0.03])
    return db(1.5 * swing) * (air * chop + blades) + 0.35 * db(4 * swing) * hiss + hum


def hood(rng: Generator, seconds: float) -> Samples:
    """Return a hood over a stove: nine blades, a duct that resonates, a whine."""
    air = shaped_noise(rng, seconds, lambda f: points(f, HOOD_AIR))
    turn = _turning(rng, seconds, hz=41.0, wobble=0.002)
    gust = db(1.2 * slow_curve(rng, seconds, 1.5))
    whine = _harmonics(rng, 9 * turn, gains=[0.22, 0.09, 0.05, 0.02])
    rattle = _harmonics(rng, turn, gains=[0.12, 0.06, 0.05, 0.03])
    return gust * air + whine + rattle


def _turning(rng: Generator, seconds: float, *, hz: float, wobble: float) -> Samples:
    """Return the angle of a shaft, rad, whose speed drifts by `wobble` (RMS)."""
    speed = hz * (1 + wobble * slow_curve(rng, seconds, 0.5))
    return np.asarray(2 * np.pi * np.cumsum(speed) / 16_000)


def _harmonics(rng: Generator, angle: Samples, *, gains: object) -> Samples:
    parts = np.asarray(gains, float)
    phases = rng.uniform(0, 2 * np.pi, len(parts))
    waves = [
        gain * np.sin(k * angle + phase)
        for k, (gain, phase) in enumerate(zip(parts, phases, strict=True), start=1)
    ]
    return np.asarray(np.sum(waves, axis=0))


DESK_AIR = {40: -14, 90: 0, 400: -3, 1000: -10, 2500: -22, 5000: -36, 8000: -50}
DESK_HISS = {500: -40, 1200: -12, 2500: 0, 4500: -3, 8000: -14}
HOOD_AIR = {
    50: -20, 120: -6, 200: 2, 260: -5, 420: 1, 520: -5, 900: -4, 1100: 0,
    1300: -5, 2200: -9, 4000: -19, 8000: -34,
}  # fmt: skip
