"""Do raters agree with each other? Krippendorff's alpha, and how sure it is.

alpha = 1 - D_o / D_e: observed over expected disagreement of two answers to one unit.
Answers may be missing; units with one answer say nothing. 1 is perfect agreement, 0
that of chance. Among raters who may rightly differ in taste a low alpha is a finding,
not a fault.

A bootstrap draws raters, units, or both anew, with all their answers. A rater drawn
twice agrees with himself, which is not what alpha asks; pairs of one rater's copies are
left out, and the rest of the unit is weighted up. Drawing both is the pigeonhole
bootstrap [Owen]; no bootstrap of crossed factors is exact, and of the one with products
of weights it is known that it errs on the side of too wide [Eckles]. Of alpha, which is
no mean, nobody has shown that.

References
----------
[Krippendorff] K. Krippendorff, "Computing Krippendorff's alpha-reliability" (2011),
    University of Pennsylvania ScholarlyCommons: coincidences, difference functions, and
    the example with missing data that the test repeats.
[Owen] A. B. Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1 (2007),
    386-411.
[Eckles] A. B. Owen, D. Eckles, "Bootstrapping data arrays of arbitrary order", Annals
    of Applied Statistics 6 (2012): "mildly conservative", of the variance of a mean.
[Zapf] A. Zapf and others, "Measuring inter-rater reliability for nominal data: which
    coefficients and confidence intervals are appropriate?", BMC Medical Research
    Methodology 16:93 (2016): bootstrap intervals where data are missing.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from listening.statistics.clustered import Codes, Floats

Level = Literal["nominal", "ordinal", "interval"]
Resample = Literal["raters", "units", "both"]

MOST_AT_ONCE = 4_000_000  # draws times raters, or times units and values


@dataclass(frozen=True)
class Agreement:
    alpha: float  # NaN if nobody ever gave another answer: there is nothing to agree on
    ci_low: float
    ci_high: float
    raters: int
    units: int  # with two answers or more
    answers: int  # to those units
    draws: int  # bootstrap draws in which alpha was defined


@dataclass(frozen=True)
class Ratings:
    """Answers to units that have two or more, with everything numbered from 0 on."""

    value: NDArray[np.intp]  # (answers,): place in `values`
    rater: NDArray[np.intp]
    unit: NDArray[np.intp]
    values: Floats  # (values,), in order
    raters: int
    units: int


def agreement(
    values: Floats,
    rater: Codes,
    unit: Codes,
    *,
    level: Level,
    rng: np.random.Generator,
    resample: Resample = "both",
    draws: int = 1000,
    confidence: float = 0.95,
) -> Agreement:
    """Return alpha with a percentile interval of the cluster bootstrap.

    Parameters
    ----------
    values, rater, unit
        Shape (answers,): NaN where an answer is missing; integer codes. A unit is what
        raters were to agree on: one utterance, system and SNR.
    level
        What counts in a difference: being one, ranks between, or size squared.
    rng
        Draws the resamples.

    Raises
    ------
    ValueError
        If no unit has two answers, or a rater answered the same unit twice.
    """
    given = _ratings(values, rater, unit)
    parts = [
        _alphas(given, *_drawn(given, n, resample, rng), level)
        for n in _portions(given, draws)
    ]
    drawn, low, high = np.concatenate(parts), np.nan, np.nan
    drawn = drawn[~np.isnan(drawn)]
    if len(drawn):
        low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Agreement(
        alpha=_alpha(given, level),
        ci_low=float(low),
        ci_high=float(high),
        raters=given.raters,
        units=given.units,
        answers=len(given.value),
        draws=len(drawn),
    )


def krippendorff_alpha(
    values: Floats, rater: Codes, unit: Codes, *, level: Level
) -> float:
    """Return alpha; see `agreement`."""
    return _alpha(_ratings(values, rater, unit), level)


def _ratings(values: Floats, rater: Codes, unit: Codes) -> Ratings:
    given = ~np.isnan(values)
    if not given.any():
        raise ValueError("no unit has answers of two raters: agreement is unknown")
    number, answers = np.unique(unit[given], return_inverse=True, return_counts=True)[
        1:
    ]
    paired = answers[number] > 1
    if not paired.any():
        raise ValueError("no unit has answers of two raters: agreement is unknown")
    kept = np.flatnonzero(given)[paired]
    seen = np.stack([rater[kept], unit[kept]], axis=1)
    if len(np.unique(seen, axis=0)) < len(seen):
        raise ValueError("a rater answered a unit twice: keep one of the answers")
    names, value = np.unique(values[kept], return_inverse=True)
    raters, r = np.unique(rater[kept], return_inverse=True)
    units, u = np.unique(unit[kept], return_inverse=True)
    return Ratings(value, r, u, names, len(raters), len(units))


def _alpha(of: Ratings, level: Level) -> float:
    (alpha,) = _alphas(of, np.ones((1, of.raters)), np.ones((1, of.units)), level)
    return float(alpha)


def _portions(of: Ratings, draws: int) -> list[int]:
    """Return how many draws to take at once, so that they fit into memory."""
    largest = max(of.raters, of.units * len(of.values))
    at_once = max(1, MOST_AT_ONCE // largest)
    full, rest = divmod(draws, at_once)
    return [at_once] * full + [rest] * (rest > 0)


def _drawn(
    of: Ratings, draws: int, resample: Resample, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return how often each rater and unit is drawn, shape (draws, raters or units)."""

    def times(size: int, *, drawn: bool) -> Floats:
        if not drawn:
            return np.ones((draws, size))
        return rng.multinomial(size, np.full(size, 1 / size), draws).astype(np.float64)

    return (
        times(of.raters, drawn=resample != "units"),
        times(of.units, drawn=resample != "raters"),
    )


def _alphas(of: Ratings, raters: Floats, units: Floats, level: Level) -> Floats:
    """Return alpha with raters and units counted as often as drawn, shape (draws,).

    1. Coincidences within a unit: n_c n_k less the pairs of a rater's own copies, over
       what remains for one answer, so that the unit adds up to its number of answers
       (without copies: over answers - 1 [Krippendorff]).
    2. Their margins, and the differences of values by them.
    """
    size = len(of.values)
    places = (of.rater, of.unit * size + of.value)
    given = coo_array(
        (np.ones(len(of.value)), places), shape=(of.raters, of.units * size)
    ).tocsr()
    counts = (raters @ given).reshape(-1, of.units, size)
    own = (raters**2 @ given).reshape(-1, of.units, size)
    total = counts.sum(axis=2)
    pairs = total**2 - own.sum(axis=2)
    share = np.divide(units * total, pairs, out=np.zeros_like(total), where=pairs > 0)
    coincidence = np.matmul((counts * share[..., None]).transpose(0, 2, 1), counts)  # 1
    alone = np.einsum("du,duc->dc", share, own)
    coincidence -= alone[..., None] * np.eye(size)
    n_c = coincidence.sum(axis=2)
    n = n_c.sum(axis=1)
    difference = _difference(of.values, n_c, level)  # 2
    disagreement = np.einsum("dc,dck,dk->d", n_c, difference, n_c)
    observed = (coincidence * difference).sum(axis=(1, 2))
    none = np.full_like(n, np.nan)
    of_expected = np.divide(
        (n - 1) * observed, disagreement, out=none, where=disagreement > 0
    )
    return np.asarray(1 - of_expected)


def _difference(values: Floats, n_c: Floats, level: Level) -> Floats:
    """Return squared differences of any two values, (draws, values, values)."""
    if level == "nominal":
        apart = 1 - np.eye(len(values))
    elif level == "interval":
        apart = np.subtract.outer(values, values) ** 2
    else:  # c and k differ by what lies between
        middle = np.cumsum(n_c, axis=1) - n_c / 2
        return np.asarray((middle[:, :, None] - middle[:, None, :]) ** 2)
    return np.broadcast_to(apart, (len(n_c), *apart.shape))
