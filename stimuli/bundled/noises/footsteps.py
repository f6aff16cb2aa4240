"""Somebody walks about the house and shuts doors."""

import numpy as np
from numpy.random import Generator

from stimuli.bundled.shaping import (
    RATE_HZ,
    Samples,
    band,
    below,
    db,
    place,
    shaped_noise,
    struck,
    times,
)


def shoes(rng: Generator, seconds: float) -> Samples:
    """Return hard heels on floorboards, doors with a latch, one that slams."""
    return _walk(rng, seconds, pace_s=0.53, click=0.8, scuff=0.05, slam=1.6)


def slippers(rng: Generator, seconds: float) -> Samples:
    """Return slippers that shuffle, a door that creaks, a cupboard."""
    return _walk(rng, seconds, pace_s=0.66, click=0.2, scuff=0.2, slam=0.9)


def _walk(
    rng: Generator,
    seconds: float,
    *,
    pace_s: float,
    click: float,
    scuff: float,
    slam: float,
) -> Samples:
    track = np.zeros(len(times(seconds)))
    at_s, next_door_s = 0.1, rng.uniform(1.5, 3.0)
    while at_s < seconds:
        if at_s > next_door_s:
            door = _door(rng, slam=slam)
            place(track, door, at_s, float(db(rng.uniform(-4, 0))))
            at_s += 1.1
            next_door_s = at_s + rng.uniform(3.0, 5.0)
        step = _step(rng, click=click, scuff=scuff)
        place(track, step, at_s, float(db(rng.uniform(-4, 1))))
        at_s += pace_s * rng.uniform(0.92, 1.08)
    silence = shaped_noise(rng, seconds, lambda f: 1 / (1 + (f / 150) ** 2))
    return track + 0.015 * silence  # a house is never quite silent


def _step(rng: Generator, *, click: float, scuff: float) -> Samples:
    """Return one step: the heel on the board, its click, the sole that follows."""
    track = np.zeros(len(times(0.45)))
    board = np.array([86, 128, 205, 340, 560]) * rng.uniform(0.9, 1.1)
    thump = struck(
        rng,
        modes_hz=board,
        decays_s=[0.06, 0.05, 0.03, 0.02, 0.015],
        gains=[0.35, 0.7, 0.9, 0.8, 0.6],
        contact_s=0.004,
    )
    heel = struck(
        rng,
        modes_hz=rng.uniform(0.9, 1.1, 5) * np.array([850, 1400, 2200, 3300, 4700]),
        decays_s=[0.012, 0.009, 0.007, 0.005, 0.003],
        gains=[1, 0.9, 0.7, 0.5, 0.4],
        contact_s=0.0006,
    )
    place(track, thump, 0.0, 0.5)
    place(track, heel, 0.0, click * rng.uniform(0.6, 1.0))
    place(track, heel, 0.11 * rng.uniform(0.9, 1.2), 0.35 * click)
    t = times(0.3)
    sole = band(rng.standard_normal(len(t)), 500, 3200) * np.sin(np.pi * t / 0.3) ** 2
    place(track, sole, 0.06, scuff * rng.uniform(0.5, 1.0))
    return track


def _door(rng: Generator, *, slam: float) -> Samples:
    """Return a door: it may creak, then it shuts, and the latch falls."""
    track = np.zeros(len(times(1.8)))
    place(track, _creak(rng), 0.0, 0.5 * rng.uniform(0.2, 1.0))
    wood = struck(
        rng,
        modes_hz=np.array([58, 96, 143, 220, 310, 470]) * rng.uniform(0.92, 1.08),
        decays_s=[0.14, 0.11, 0.08, 0.05, 0.04, 0.02],
        gains=[0.35, 0.6, 1, 0.9, 0.7, 0.5],
        contact_s=0.003,
    )
    burst = band(rng.standard_normal(2400), 120, 3000) * np.exp(-np.arange(2400) / 480)
    place(track, wood, 0.75, 0.8 * slam * rng.uniform(0.6, 1.0))
    place(track, burst, 0.75, 0.25 * slam)
    for at_s, gain in ((0.72, 0.5), (0.84, 1.0), (0.885, 0.6)):
        latch = struck(
            rng,
            modes_hz=[1250, 2100, 3400, 5100],
            decays_s=[0.012, 0.010, 0.008, 0.005],
            gains=[1, 0.8, 0.8, 0.5],
            contact_s=0.0003,
        )
        place(track, latch, at_s, 0.5 * gain)
    return track


def _creak(rng: Generator) -> Samples:
    """Return a hinge that sticks and slips: pulses whose rate wanders up and down."""
    t = times(0.65)
    rate_hz = 55 + 60 * np.sin(np.pi * t / 0.65) + 12 * rng.standard_normal()
    phase = np.cumsum(np.maximum(rate_hz, 15) / RATE_HZ)
    slips = np.diff(np.floor(phase), prepend=0.0) * rng.uniform(0.4, 1, len(t))
    hinge = band(slips, 480, 720) + 0.8 * band(slips, 1250, 1880)
    hinge += 0.4 * band(slips, 2500, 3750)
    return np.asarray(4 * below(hinge, 5000) * np.sin(np.pi * t / 0.65))
