"""The exact test of a share and its intervals, for trials that are independent.

Answers of one rater are alike, and so are answers to one utterance: on rater x
utterance data this test rejects a true null hypothesis several times too often. It is
reported because readers expect it, with `ASSUMPTION` beside it, never alone.

Sources
-------
Clopper, Pearson, "The use of confidence or fiducial limits", Biometrika 26 (1934).
Brown, Cai, DasGupta, "Interval estimation for a binomial proportion", Statistical
Science 16 (2001): Wilson's and Jeffreys' intervals, the latter closed at 0 and at 1.
"""

from collections.abc import Callable
from dataclasses import dataclass

from scipy import stats
from statsmodels.stats.proportion import proportion_confint

ASSUMPTION = "assumes independent trials"


@dataclass(frozen=True)
class BinomialTest:
    successes: int
    trials: int
    estimate: float
    ci_low: float
    ci_high: float
    p: float  # exact, two-sided


def exact_test(
    successes: int, trials: int, *, null: float = 0.5, confidence: float = 0.95
) -> BinomialTest:
    """Test a share against `null` exactly, with the Clopper-Pearson interval.

    The two-sided p is the probability of all outcomes that are no likelier than the
    one observed, as R's `binom.test` has it.

    Raises
    ------
    ValueError
        If there is no trial, or not 0 <= successes <= trials.
    """
    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"{successes} successes of {trials} trials: not a share")
    low, high = INTERVALS["clopper-pearson"](successes, trials, confidence)
    p = float(stats.binomtest(successes, trials, null).pvalue)
    return BinomialTest(successes, trials, successes / trials, low, high, p)


def clopper_pearson(
    successes: int, trials: int, confidence: float
) -> tuple[float, float]:
    """Return the interval that covers at least as often as it says."""
    return _interval(successes, trials, confidence, "beta")


def wilson(successes: int, trials: int, confidence: float) -> tuple[float, float]:
    """Return the interval of the score test: right on average, and shorter."""
    return _interval(successes, trials, confidence, "wilson")


def jeffreys(successes: int, trials: int, confidence: float) -> tuple[float, float]:
    """Return the equal-tailed interval of Jeffreys' prior, closed at 0 and at 1."""
    low, high = _interval(successes, trials, confidence, "jeffreys")
    return (0.0 if successes == 0 else low), (1.0 if successes == trials else high)


def _interval(
    successes: int, trials: int, confidence: float, method: str
) -> tuple[float, float]:
    low, high = proportion_confint(
        successes, trials, alpha=1 - confidence, method=method
    )
    return float(max(low, 0.0)), float(min(high, 1.0))


Interval = Callable[[int, int, float], tuple[float, float]]

INTERVALS: dict[str, Interval] = {
    "clopper-pearson": clopper_pearson,
    "wilson": wilson,
    "jeffreys": jeffreys,
}
