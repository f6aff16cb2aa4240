"""How one rater answered: as chance, attention or habit would have it.

Everything is exact, for few answers of one person. What is measured here says nothing
of *what* a rater prefers: raters are not to be judged by their taste.

Sources
-------
Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological
Measurement 20 (1960); weights: Psychological Bulletin 70 (1968).
Schilling, "The longest run of heads", College Mathematics Journal 21 (1990): the
recursion, and why a run of either side in n is a run of repetitions in n - 1.
ITU-T P.808 (2021), Naderi and Cutler, "An open source implementation of ITU-T
Recommendation P.808 with validation" (2020): gold and trapping questions, patterns of
answers.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from listening.statistics.binomial import BinomialTest, exact_test
from listening.statistics.clustered import Floats

Weights = Literal["none", "linear", "quadratic"]


@dataclass(frozen=True)
class Consistency:
    """Answers to trials that came twice."""

    exact: BinomialTest  # successes: the same answer again
    kappa: float  # NaN if only one answer was ever given


@dataclass(frozen=True)
class PlaceboBias:
    """Trials whose members are the same sound."""

    trials: int
    ties: int  # "no preference", where that may be answered: rightly
    exact: BinomialTest | None  # successes: A was chosen; None if neither ever was


@dataclass(frozen=True)
class GoldResult:
    """Trials whose answer is known."""

    trials: int
    failed: int
    p_guessing: float  # that a guesser fails no more than that

    @property
    def share(self) -> float:
        return self.failed / self.trials


@dataclass(frozen=True)
class LongestRun:
    """The same side chosen again and again."""

    trials: int
    length: int
    p: float  # of a run as long, on either side, if each side comes as a coin falls


@dataclass(frozen=True)
class TimeSummary:
    """Seconds, robustly: a few breaks do not count."""

    n: int
    median: float
    lower: float  # quartiles
    upper: float
    below: float  # share shorter than what was said to be too short


def repeat_consistency(
    before: Floats, again: Floats, *, chance: float = 0.5, weights: Weights = "none"
) -> Consistency:
    """Compare answers to the same trials heard twice, in terms of what was preferred.

    Parameters
    ----------
    before, again
        Shape (repeats,): the first and the second answer.
    chance
        How often a guesser would repeat himself: 0.5 with two possible answers.
    weights
        Of disagreement in kappa: any, or by (squared) distance, for graded answers.

    Raises
    ------
    ValueError
        If nothing was repeated.
    """
    if len(before) != len(again) or not len(before):
        raise ValueError("consistency needs trials that were answered twice")
    same = int((before == again).sum())
    exact = exact_test(same, len(before), null=chance)
    return Consistency(exact, cohens_kappa(before, again, weights=weights))


def cohens_kappa(one: Floats, other: Floats, *, weights: Weights = "none") -> float:
    """Return agreement beyond what both margins give by chance; NaN if all are alike.

    Shape (answers,) each.
    """
    values = np.unique([one, other])
    table = np.zeros((len(values), len(values)))
    np.add.at(table, (np.searchsorted(values, one), np.searchsorted(values, other)), 1)
    table /= len(one)
    distance = np.abs(np.subtract.outer(values, values))
    power = {"none": 0, "linear": 1, "quadratic": 2}[weights]
    cost = np.where(distance > 0, distance**power, 0.0)
    expected = float(table.sum(axis=1) @ cost @ table.sum(axis=0))
    return 1 - float((table * cost).sum()) / expected if expected else float("nan")


def placebo_bias(side: Floats) -> PlaceboBias:
    """Test whether A was chosen as often as B where there was nothing to choose.

    `side`, shape (placebos,): 1 for A, -1 for B, 0 for no preference.
    """
    a, b = int((side > 0).sum()), int((side < 0).sum())
    exact = exact_test(a, a + b) if a + b else None
    return PlaceboBias(len(side), len(side) - a - b, exact)


def gold_result(answer: Floats, expected: Floats, *, guess: float = 0.5) -> GoldResult:
    """Count failures in trials whose answer is known; no preference fails as well.

    Parameters
    ----------
    answer, expected
        Shape (golds,), of which only signs count: of the side, or of the preference.
    guess
        How often a guesser would be right.

    Raises
    ------
    ValueError
        If there is no trial.
    """
    if not len(answer):
        raise ValueError("there are no gold trials")
    failed = int((np.sign(answer) != np.sign(expected)).sum())
    p = float(stats.binom.cdf(failed, len(answer), 1 - guess))
    return GoldResult(len(answer), failed, p)


def longest_run(side: Floats) -> LongestRun:
    """Return the longest run of one side, and its exact chance with a fair coin.

    `side`, shape (trials,) in order of presentation: 1 for A, -1 for B; 0, no
    preference, ends a run and counts as a trial.

    Raters who answer in earnest run less than a coin where the enhanced member changes
    sides by design, so the chance is on their side.
    """
    length = run = 0
    for i, chosen in enumerate(side):
        run = 0 if chosen == 0 else run + 1 if i and chosen == side[i - 1] else 1
        length = max(length, run)
    return LongestRun(len(side), length, chance_of_run(length, len(side)))


def chance_of_run(length: int, trials: int) -> float:
    """Return P(a run of `length` or more, on either side, in so many fair tosses).

    Tosses that repeat the one before are themselves fair tosses, `trials` - 1 of them:
    a run of L is L - 1 repetitions in a row. Sequences without k repetitions in a row
    are counted by where their first toss that does not repeat stands:
    a(n) = a(n - 1) + ... + a(n - k), in whole numbers.
    """
    if length <= 1:
        return 1.0 if trials >= length else 0.0
    k = length - 1
    without = [1 << n for n in range(k)]
    while len(without) < trials:
        without.append(sum(without[-k:]))
    tosses = max(trials - 1, 0)
    return ((1 << tosses) - without[tosses]) / (1 << tosses)


def time_summary(seconds: Floats, *, too_short: float) -> TimeSummary:
    """Summarise times, shape (trials,); NaN, where nothing was measured, is left out.

    Raises
    ------
    ValueError
        If nothing was measured.
    """
    known = seconds[~np.isnan(seconds)]
    if not len(known):
        raise ValueError("no times were measured")
    lower, median, upper = (float(q) for q in np.quantile(known, [0.25, 0.5, 0.75]))
    below = float(np.mean(known < too_short))
    return TimeSummary(len(known), median, lower, upper, below)
