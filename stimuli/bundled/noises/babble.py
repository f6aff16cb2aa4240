"""Guests who talk at the same time, each without end."""

import numpy as np
from numpy.random import Generator

from stimuli.bundled.sentences import BABBLE
from stimuli.bundled.shaping import RATE_HZ, Samples, below, db, times, unit
from stimuli.bundled.voices import GUESTS, MARGIN_S, Voice, speak


def few(rng: Generator, seconds: float) -> Samples:
    """Return three talkers near by: single words can be made out."""
    return _table(rng, seconds, guests=GUESTS[:3], spread_db=1.5)


def many(rng: Generator, seconds: float) -> Samples:
    """Return eight talkers, nearer and farther: a hum of voices."""
    return _table(rng, seconds, guests=GUESTS, spread_db=4.0)


def _table(
    rng: Generator, seconds: float, *, guests: tuple[Voice, ...], spread_db: float
) -> Samples:
    """Return all `guests` at once; who sits farther away sounds duller."""
    table = np.zeros(len(times(seconds)))
    for voice in guests:
        gain_db = rng.uniform(-spread_db, spread_db)
        talk = unit(_talk(rng, seconds, voice))
        table += db(gain_db) * below(talk, 6000 + 300 * gain_db)
    return table


def _talk(rng: Generator, seconds: float, voice: Voice) -> Samples:
    """Return one guest who says our sentences in an order of his own."""
    margin = round(MARGIN_S * RATE_HZ)
    said: list[Samples] = []
    for i in rng.permutation(len(BABBLE)):
        pause = np.zeros(round(rng.uniform(0.1, 0.7) * RATE_HZ))
        sentence = speak(BABBLE[i], voice)[margin:-margin]
        said += [sentence * db(rng.uniform(-2, 2)), pause]
        if sum(map(len, said)) > (seconds + 2) * RATE_HZ:
            break
    # Nobody waits for the recording to begin: cut into the first sentence.
    return np.concatenate(said)[RATE_HZ:][: len(times(seconds))]
