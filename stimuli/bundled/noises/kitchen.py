"""Kitchen clatter: plates, cutlery, pans, a knife on a board, a drawer."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from stimuli.bundled.shaping import (
    Samples,
    band,
    db,
    place,
    shaped_noise,
    struck,
    times,
    unit,
)


def dishes(rng: Generator, seconds: float) -> Samples:
    """Return somebody who lays the table and stacks plates."""
    return _busy(rng, seconds, (plate, plate, cutlery, cutlery, glass, drawer))


def cooking(rng: Generator, seconds: float) -> Samples:
    """Return somebody who chops, stirs and moves pans, something frying meanwhile."""
    scene = _busy(rng, seconds, (pan, chopping, chopping, stirring, plate, pan))
    frying = shaped_noise(rng, seconds, lambda f: np.minimum(1.0, f / 3000))
    crackle = (rng.random(len(scene)) < 60 / 16_000) * rng.exponential(6, len(scene))
    fat = 0.10 * frying + 0.12 * band(crackle, 1500, 7500)
    return np.asarray(unit(scene) + fat)


def _busy(
    rng: Generator, seconds: float, doings: tuple[Callable[[Generator], Samples], ...]
) -> Samples:
    """Return doings one after another, overlapping, with never a long rest."""
    track = np.zeros(len(times(seconds)))
    at_s = 0.05
    while at_s < seconds:
        for i in rng.permutation(len(doings)):
            sound = unit(doings[i](rng))
            place(track, sound, at_s, float(db(rng.uniform(-7, 2))))
            at_s += min(0.75 * len(sound) / 16_000, 1.2) * rng.uniform(0.5, 1.0)
    fridge = shaped_noise(rng, seconds, lambda f: 1 / (1 + (f / 300) ** 2))
    return unit(track) + 0.04 * fridge


def plate(rng: Generator) -> Samples:
    """Return a plate that is set down and settles: blows ever quicker and softer."""
    base = rng.uniform(700, 1500)
    ratios = np.array([1, 1.02, 1.73, 1.77, 2.41, 2.9, 3.2, 3.7, 4.1, 4.8, 5.3, 6.2])
    modes = base * ratios * rng.uniform(0.98, 1.02, len(ratios))
    decays = rng.uniform(0.04, 0.09) / np.arange(1, len(ratios) + 1) ** 0.4
    return _bouncing(rng, modes, decays, first_gap_s=rng.uniform(0.05, 0.14), count=6)


def cutlery(rng: Generator) -> Samples:
    """Return forks and knives that fall together: thin, bright, ringing."""
    track = np.zeros(len(times(1.0)))
    for at_s in np.sort(rng.uniform(0, 0.5, rng.integers(4, 9))):
        modes = rng.uniform(1900, 3200) * np.array([1, 1.47, 2.09, 2.56, 3.1])
        blow = struck(
            rng,
            modes_hz=modes * rng.uniform(0.98, 1.02, 5),
            decays_s=rng.uniform(0.05, 0.22, 5),
            gains=rng.uniform(0.3, 1, 5),
            contact_s=0.0002,
        )
        gain = float(db(rng.uniform(-12, 0)))
        place(track, blow, float(at_s), gain)
        place(track, _contact(rng), float(at_s), 0.4 * gain)
    return track


def glass(rng: Generator) -> Samples:
    """Return two glasses that touch."""
    modes = rng.uniform(1400, 2300) * np.array([1, 2.32, 4.25])
    return _bouncing(rng, modes, np.array([0.2, 0.12, 0.06]), first_gap_s=0.06, count=2)


def pan(rng: Generator) -> Samples:
    """Return a pan that is put on the stove: low, iron, with a lid that rattles."""
    modes = rng.uniform(260, 420) * np.array([1, 1.6, 2.3, 3.4, 4.9, 6.4, 8.8])
    decays = rng.uniform(0.12, 0.3) / np.arange(1, 8) ** 0.4
    return _bouncing(rng, modes, decays, first_gap_s=rng.uniform(0.08, 0.2), count=5)


def chopping(rng: Generator) -> Samples:
    """Return a knife on a wooden board, five to nine cuts at four a second."""
    track = np.zeros(len(times(2.6)))
    for i in range(rng.integers(5, 10)):
        knock = struck(
            rng,
            modes_hz=np.array([310, 640, 1130, 1890, 3050])
            * rng.uniform(0.97, 1.03, 5),
            decays_s=[0.035, 0.025, 0.016, 0.010, 0.006],
            gains=[1, 0.8, 0.6, 0.45, 0.35],
            contact_s=0.0008,
        )
        place(track, knock, 0.25 * i + rng.uniform(0, 0.03), rng.uniform(0.6, 1))
    return track


def stirring(rng: Generator) -> Samples:
    """Return a spoon that goes round in a pot: scraping, with a knock each turn."""
    t = times(2.0)
    scrape = band(rng.standard_normal(len(t)), 900, 5200)
    track = 0.12 * scrape * (0.3 + np.sin(2 * np.pi * 1.4 * t) ** 2)
    for at_s in np.arange(0.1, 1.9, 1 / 2.8):
        knock = struck(
            rng,
            modes_hz=np.array([720, 1510, 2480, 3900]) * rng.uniform(0.98, 1.02, 4),
            decays_s=[0.07, 0.05, 0.04, 0.02],
            gains=[1, 0.7, 0.5, 0.3],
            contact_s=0.0006,
        )
        place(track, knock, at_s + rng.uniform(0, 0.04), rng.uniform(0.3, 0.8))
    return np.asarray(track)


def drawer(rng: Generator) -> Samples:
    """Return a drawer that slides shut, and what is in it."""
    t = times(0.9)
    slide = band(rng.standard_normal(len(t)), 250, 2200)
    track = np.asarray(0.25 * slide * np.sin(np.pi * np.minimum(t / 0.55, 1)) ** 2)
    thud = struck(
        rng,
        modes_hz=[95, 170, 290, 460],
        decays_s=[0.06, 0.05, 0.03, 0.02],
        gains=[1.5, 1, 0.8, 0.5],
        contact_s=0.003,
    )
    place(track, thud, 0.5)
    place(track, cutlery(rng), 0.5, 0.25)
    return track


def _contact(rng: Generator) -> Samples:
    """Return the click of hard things that meet, before either rings."""
    t = times(0.03)
    return np.asarray(
        band(rng.standard_normal(len(t)), 1200, 7000) * np.exp(-t / 0.004)
    )


def _bouncing(
    rng: Generator, modes: Samples, decays: Samples, *, first_gap_s: float, count: int
) -> Samples:
    """Return blows on one thing; each comes sooner and is softer than the last."""
    track = np.zeros(len(times(2.0)))
    at_s, gap_s, gain = 0.0, first_gap_s, 1.0
    for _ in range(count):
        gains = rng.uniform(0.25, 1, len(modes))
        blow = struck(
            rng, modes_hz=modes, decays_s=decays, gains=gains, contact_s=0.0004
        )
        place(track, blow, at_s, gain)
        place(track, _contact(rng), at_s, 0.6 * gain)
        at_s, gap_s, gain = at_s + gap_s, 0.78 * gap_s, 0.68 * gain
    return track
