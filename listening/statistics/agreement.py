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

from listening.statistics.clustered import Codes, Floats

Level = Literal["nominal", "ordinal", "interval"]
Resample = Literal["raters", "units", "both"]


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
    point = _alpha(given, np.ones(given.raters), np.ones(given.units), level)
    drawn = np.full(draws, np.nan)
    for i in range(draws):
        of_raters, of_units = np.ones(given.raters), np.ones(given.units)
        if resample != "units":
            of_raters = _multiplicity(given.raters, rng)
        if resample != "raters":
            of_units = _multiplicity(given.units, rng)
        drawn[i] = _alpha(given, of_raters, of_units, level)
    drawn, low, high = drawn[~np.isnan(drawn)], np.nan, np.nan
    if len(drawn):
        low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Agreement(
        alpha=point,
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
    given = _ratings(values, rater, unit)
    return _alpha(given, np.ones(given.raters), np.ones(given.units), level)


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


def _alpha(of: Ratings, raters: Floats, units: Floats, level: Level) -> float:
    """Return alpha with every rater and unit counted as often as drawn.

    1. Coincidences within a unit: n_c n_k less the pairs of a rater's own copies, over
       what remains for one answer, so that the unit adds up to its number of answers
       (without copies: over answers - 1 [Krippendorff]).
    2. Their margins, and the differences of values by them.
    """
    size = len(of.values)
    w = raters[of.rater]
    cells = of.unit * size + of.value
    counts = np.bincount(cells, w, of.units * size).reshape(of.units, size)
    own = np.bincount(cells, w * w, of.units * size).reshape(of.units, size)
    total = counts.sum(axis=1)
    pairs = total**2 - own.sum(axis=1)
    share = np.divide(units * total, pairs, out=np.zeros_like(total), where=pairs > 0)
    coincidence = (counts * share[:, None]).T @ counts - np.diag(share @ own)  # 1
    n_c = coincidence.sum(axis=1)
    n = n_c.sum()
    difference = _difference(of.values, n_c, level)  # 2
    disagreement = float(n_c @ difference @ n_c)
    if not disagreement > 0:
        return float("nan")
    observed = float((coincidence * difference).sum())
    return 1 - float(n - 1) * observed / disagreement


def _difference(values: Floats, n_c: Floats, level: Level) -> Floats:
    """Return the squared differences of any two values, shape (values, values)."""
    if level == "nominal":
        return 1 - np.eye(len(values))
    if level == "interval":
        return np.asarray(np.subtract.outer(values, values) ** 2)
    middle = np.cumsum(n_c) - n_c / 2  # so that c and k differ by what lies between
    return np.asarray(np.subtract.outer(middle, middle) ** 2)


def _multiplicity(size: int, rng: np.random.Generator) -> Floats:
    return np.bincount(rng.integers(size, size=size), minlength=size).astype(float)
