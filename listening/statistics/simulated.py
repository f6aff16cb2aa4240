"""Simulated studies: who hears what, and what raters with given tastes answer.

What is stated of a study is the population-averaged preference P, because that is what
is reported; answers are drawn from the mixed logistic model

    logit P(answer) = eta + b + s x + c + position (first - 1/2),

b, s and c the rater's intercept and slope on the centred SNR x (dB) and the utterance's
intercept, all normal. `conditional_logit` finds the eta that has the wanted P.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import expit

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

FARTHEST = 200.0  # logits; nobody's preference is so sure
NODES = 100  # as in `mixed.marginal`


class ImpossibleStudy(ValueError):
    """No study can be like that; the message says why in words."""


@dataclass(frozen=True)
class StudyDesign:
    """A study of paired comparisons before anybody took part.

    Every utterance is heard at one SNR, as a stimulus set renders it, unless `crossed`.
    A rater hears as many utterances as there are trials, none twice while there are
    enough, SNRs and systems as even as can be.
    """

    raters: int
    trials: int  # of each rater
    utterances: int
    preference: Floats  # (systems, snrs): population-averaged, within 0 and 1
    snrs_db: tuple[float, ...] = (0.0,)
    rater_sd: float = 0.8  # logits
    utterance_sd: float = 0.5  # logits
    slope_sd: float = 0.0  # logits per dB, between raters
    position: float = 0.0  # logits: preference for what is heard first
    crossed: bool = False
    snr_c: Floats = field(init=False)  # (snrs,): SNRs less their mean

    def __post_init__(self) -> None:
        _require_study(self)
        snrs = np.asarray(self.snrs_db, dtype=np.float64)
        object.__setattr__(self, "snr_c", snrs - snrs.mean())

    @property
    def systems(self) -> int:
        return len(self.preference)

    @property
    def snrs(self) -> int:
        return len(self.snrs_db)

    @property
    def rows(self) -> int:
        return self.raters * self.trials


@dataclass(frozen=True)
class SimulatedTrials:
    """One row a trial, raters in order. Shape (trials,) each."""

    rater: Ints
    utterance: Ints
    system: Ints
    snr: Ints  # index into the design's SNRs
    first: Floats  # 1 if the system in question was heard first, else 0
    preferred: Floats  # 1 or 0

    def of_first_raters(self, raters: int) -> "SimulatedTrials":
        """Return the trials of the first raters: a smaller study within this one."""
        stop = int(np.searchsorted(self.rater, raters))
        return SimulatedTrials(
            self.rater[:stop],
            self.utterance[:stop],
            self.system[:stop],
            self.snr[:stop],
            self.first[:stop],
            self.preferred[:stop],
        )


def conditional_logit(
    preference: float, sd: float, *, shifts: ArrayLike = (0.0,)
) -> float:
    """Return eta such that E expit(eta + shift + sd Z) is `preference`.

    Z is standard normal, integrated by Gauss-Hermite quadrature; the shift is drawn
    from `shifts`, each as likely as the others (position, or groups of raters).

    Raises
    ------
    ImpossibleStudy
        If `preference` is not within 0 and 1 or `sd` is negative.
    """
    _require_share(preference)
    if not 0 <= sd <= 20:
        raise ImpossibleStudy(
            f"a standard deviation must be from 0 to 20 logits, not {sd:g}"
        )
    x, w = _rule()
    offsets = sd * x[:, None] + np.asarray(shifts, dtype=np.float64)

    def excess(eta: float) -> float:
        return float(w @ expit(eta + offsets).mean(axis=1)) - preference

    return float(brentq(excess, -FARTHEST, FARTHEST, xtol=1e-12))


def conditional_logits(design: StudyDesign) -> Floats:
    """Return eta of every system and SNR, shape (systems, snrs)."""
    shifts = (-design.position / 2, design.position / 2)
    variance = design.rater_sd**2 + design.utterance_sd**2
    sd = np.sqrt(variance + (design.slope_sd * design.snr_c) ** 2)
    return np.array(
        [
            [
                conditional_logit(float(p), float(s), shifts=shifts)
                for p, s in zip(row, sd, strict=True)
            ]
            for row in design.preference
        ]
    )


def simulate(
    design: StudyDesign,
    eta: Floats,
    rng: np.random.Generator,
    *,
    of_raters: Floats | None = None,
) -> SimulatedTrials:
    """Draw a schedule, tastes and answers.

    `eta` is that of `conditional_logits`; `of_raters`, shape (raters,), adds to each
    rater's taste what no normal distribution says. Equal generators draw equal
    schedules, raters and luck for any `eta` and standard deviations.
    """
    rater, utterance, system, snr, first = _schedule(design, rng)
    b, s = rng.standard_normal((2, design.raters))
    c = rng.standard_normal(design.utterances)
    luck = rng.random(design.rows)
    taste = (
        design.rater_sd * b if of_raters is None else design.rater_sd * b + of_raters
    )
    logit = eta[system, snr] + taste[rater]
    logit += design.slope_sd * s[rater] * design.snr_c[snr]
    logit += design.utterance_sd * c[utterance] + design.position * (first - 0.5)
    preferred = (luck < expit(logit)).astype(np.float64)
    return SimulatedTrials(rater, utterance, system, snr, first, preferred)


def _schedule(
    design: StudyDesign, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    """Return rater, utterance, system, SNR and position of every trial."""
    R, T = design.raters, design.trials
    utterance = _utterances(design, rng)  # (R, T)
    if design.crossed:
        snr = rng.permuted(np.tile(np.arange(T) % design.snrs, (R, 1)), axis=1)
    else:
        snr = utterance % design.snrs
    # Systems take turns along the trials of one SNR, from one drawn for each rater
    along = np.argsort(snr, axis=1, kind="stable")
    utterance = np.take_along_axis(utterance, along, axis=1)
    snr = np.take_along_axis(snr, along, axis=1)
    turn = np.arange(T) + rng.integers(0, design.systems, (R, 1))
    names = rng.permuted(np.tile(np.arange(design.systems), (R, 1)), axis=1)
    system = np.take_along_axis(names, turn % design.systems, axis=1)
    first = rng.permuted(np.tile(np.arange(T) % 2, (R, 1)), axis=1)
    return (
        np.repeat(np.arange(R), T),
        utterance.ravel(),
        system.ravel(),
        snr.ravel(),
        first.ravel().astype(np.float64),
    )


def _utterances(design: StudyDesign, rng: np.random.Generator) -> Ints:
    """Return the utterances of every rater, shape (raters, trials).

    They are ranked by chance within their SNR; the lower ranks are heard, so that every
    SNR comes as often as the others. Beyond the last, all are heard once more.
    """
    R, T, U = design.raters, design.trials, design.utterances
    groups = 1 if design.crossed else design.snrs
    rank = np.empty((R, U))
    for group in range(groups):
        chance = rng.random((R, len(range(group, U, groups))))
        rank[:, group::groups] = chance.argsort(axis=1).argsort(axis=1)
    order = np.argsort(rank + rng.random((R, U)), axis=1)
    return np.take(order, np.arange(T) % U, axis=1)


@lru_cache(maxsize=1)
def _rule() -> tuple[Floats, Floats]:
    x, w = np.polynomial.hermite_e.hermegauss(NODES)
    return x, w / w.sum()


def _require_share(p: float) -> None:
    if not 0 < p < 1:
        raise ImpossibleStudy(
            f"an expected preference must be within 0 and 1, not {p:g}"
        )


def _require_study(design: StudyDesign) -> None:
    least = {"raters": 2, "trials": 1, "utterances": 2}
    for name, minimum in least.items():
        value = getattr(design, name)
        if value < minimum:
            raise ImpossibleStudy(f"{name}: at least {minimum}, not {value}")
    shape = np.shape(design.preference)
    if len(shape) != 2 or shape[0] < 1 or shape[1] != len(design.snrs_db):
        raise ImpossibleStudy("one expected preference is needed per system and SNR")
    for p in np.ravel(design.preference):
        _require_share(float(p))
    if len(set(design.snrs_db)) < len(design.snrs_db):
        raise ImpossibleStudy("every SNR must be given once")
    if not design.crossed and design.utterances < 2 * design.snrs:
        raise ImpossibleStudy(
            f"{design.snrs} SNRs need at least {2 * design.snrs} utterances, "
            f"two for each; there are {design.utterances}"
        )
    if min(design.rater_sd, design.utterance_sd, design.slope_sd) < 0:
        raise ImpossibleStudy("a standard deviation cannot be negative")
