"""Sounds that tell headphones from loudspeakers, made here from published recipes.

[Mil21] A. E. Milne et al., An online headphone screening test based on dichotic pitch,
        Behavior Research Methods 53, 2021 (`HUGGINS`).
[Woo17] K. J. P. Woods et al., Headphone screening to facilitate web-based auditory
        experiments, Attention, Perception & Psychophysics 79, 2017 (`ANTIPHASE`).

Three intervals of 1 s, one of them odd: of noise, the one with a faint tone, which is
heard only where each ear has a sound of its own; of tones, the softest, which over
loudspeakers is the one whose channels cancel. Whoever guesses is right in one of three:
in 5 of 6 trials or more in 1.8 % of the times.

How the check is used follows both: six trials of a kind, since [Woo17] advises against
fewer, and two attempts, since who put the headphones on too late shall not be lost. The
mark is 5 of 6, that of [Woo17]. [Mil21] demands 6 of 6 of Huggins pitch, and then finds
80 % of those who wear headphones and takes 20 % of those who do not for them: who wants
fewer of these and loses more of those declares 6, or both kinds (7 % are taken then). A
single earphone passes `ANTIPHASE`, which is why `SIDE` is asked as well; it does not
count, since headphones that are worn the wrong way round serve as well.

Sounds have shape (2, samples): left and right.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float64]
Rng = np.random.Generator

RATE_HZ = 48_000
INTERVALS = 3
TRIALS = 6  # of a kind in an attempt
ATTEMPTS = 2
MARK = 5  # right answers of each kind that pass
LOWEST_MARK = 4  # who guesses has as many in one of ten times
INTERVAL_S = 1.0
GAP_S = 0.5
FADE_S = 0.05
PITCH_HZ = 600.0  # [Mil21]; the phase is turned
PITCH_BAND = 0.06  # so far around it, relative
TONE_HZ = 200.0  # [Woo17]
SOFTER_DB = 6.0

HUGGINS, ANTIPHASE, SIDE = "huggins", "antiphase", "side"
LEFT, RIGHT, BOTH = 1, 2, 3  # answers to `SIDE`


def sound(kind: str, seed: int, odd: int, *, level_dbov: float) -> Sound:
    """Return a trial's three intervals with gaps between them.

    Parameters
    ----------
    kind
        `HUGGINS`, `ANTIPHASE`, or `SIDE`: noises in one ear.
    seed
        All that is random comes from it.
    odd
        The right answer, 1 to 3: an interval, or of `SIDE` the ears that hear it.
    level_dbov
        RMS of a channel of the louder intervals, dB re full scale.
    """
    rng = np.random.default_rng(seed)
    intervals = _KINDS[kind](rng, odd - 1)
    gap = np.zeros((2, round(GAP_S * RATE_HZ)))
    parts = [intervals[0], gap, intervals[1], gap, intervals[2]]
    return np.concatenate(parts, axis=1) * 10 ** (level_dbov / 20)


def _huggins(rng: Rng, odd: int) -> list[Sound]:
    """Return noises, alike in both ears; the odd one has a band turned by 180 degrees.

    Turning the phase leaves each ear's spectrum as it was: one ear alone hears nothing.
    """
    count = round(INTERVAL_S * RATE_HZ)
    hz = np.fft.rfftfreq(count, 1 / RATE_HZ)
    band = np.abs(hz - PITCH_HZ) <= PITCH_BAND * PITCH_HZ
    sounds = []
    for i in range(INTERVALS):
        left = rng.standard_normal(count)
        turned = np.where(band & (i == odd), -1, 1) * np.fft.rfft(left)
        sounds.append(_faded(np.stack([left, np.fft.irfft(turned, count)])))
    return sounds


def _antiphase(rng: Rng, odd: int) -> list[Sound]:
    """Return tones: the odd one softer, and of the others one of opposite channels.

    Where the tones begin is random: no two files are equal, so none is known again.
    """
    t = np.arange(round(INTERVAL_S * RATE_HZ)) / RATE_HZ
    tone = np.sqrt(2) * np.sin(2 * np.pi * (TONE_HZ * t + rng.random()))
    others = [i for i in range(INTERVALS) if i != odd]
    opposite = others[int(rng.integers(len(others)))]
    sounds = []
    for i in range(INTERVALS):
        left = tone * (10 ** (-SOFTER_DB / 20) if i == odd else 1)
        sounds.append(_faded(np.stack([left, -left if i == opposite else left])))
    return sounds


def _one_sided(rng: Rng, odd: int) -> list[Sound]:
    """Return noises, in all intervals for the same ears."""
    ears = np.array([[odd + 1 != RIGHT], [odd + 1 != LEFT]], dtype=np.float64)
    count = round(INTERVAL_S * RATE_HZ)
    return [_faded(ears * rng.standard_normal(count)) for _ in range(INTERVALS)]


def _faded(x: Sound) -> Sound:
    n = round(FADE_S * RATE_HZ)
    ramp = np.sin(np.linspace(0, np.pi / 2, n)) ** 2
    x[:, :n] *= ramp
    x[:, -n:] *= ramp[::-1]
    return x


_KINDS: dict[str, Callable[[Rng, int], list[Sound]]] = {
    HUGGINS: _huggins,
    ANTIPHASE: _antiphase,
    SIDE: _one_sided,
}
