"""Is a system as good as another, as far as anybody would care?

That a difference is not significant shows nothing: too few raters do not make systems
equal. What shows it is the test of two one-sided hypotheses: the truth lies below the
lower limit; it lies above the upper one. Where both are rejected at level alpha, which
is where the 1 - 2 alpha interval lies strictly between the limits, the systems are
*equivalent*; where the first is, *non-inferior*. The limits are a margin that must have
been declared before the answers were seen.

A share of 0.5 is no difference when the two systems were heard against each other; a
difference of 0 is where each was heard against a third (mostly, against unprocessed).

Sources
-------
Schuirmann, "A comparison of the two one-sided tests procedure and the power approach
for assessing the equivalence of average bioavailability", Journal of Pharmacokinetics
and Biopharmaceutics 15 (1987); SAS/STAT User's Guide, "TTEST: TOST Equivalence Test",
on the interval and the p value, the larger of the two.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy import stats
from scipy.special import expit, logit, stdtr, stdtrit

from listening.statistics.binomial import INTERVALS
from listening.statistics.clustered import ClusteredMean, Codes, Floats, clustered_share
from listening.statistics.contrasts import ClusteredContrast
from listening.statistics.mixed import Contrast, Preference

# What of a result is on the scale of its estimate.
SCALED: tuple[str, ...] = ("estimate", "low", "high", "null")
SCALED += ("ci_low", "ci_high", "wide_low", "wide_high")


class Verdict(StrEnum):
    """What may be said; the first of these that holds."""

    EQUIVALENT = "equivalent"
    DIFFERENT = "different"  # two-sided at alpha, in either direction
    NON_INFERIOR = "non-inferior"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Equivalence:
    """Both one-sided tests. Larger is better for the system that is examined."""

    estimate: float
    low: float  # the limits of what is declared not to matter
    high: float
    null: float  # where there is no difference at all
    p_low: float  # one-sided, of "the truth is `low` or less"
    p_high: float  # one-sided, of "the truth is `high` or more"
    p_different: float  # two-sided, of `null`
    ci_low: float  # 1 - 2 alpha: 90 % for alpha = 0.05
    ci_high: float
    wide_low: float  # 1 - alpha
    wide_high: float
    df: float
    alpha: float

    @property
    def p(self) -> float:
        """Of equivalence: the larger one-sided p."""
        return max(self.p_low, self.p_high)

    @property
    def equivalent(self) -> bool:
        return self.p < self.alpha

    @property
    def non_inferior(self) -> bool:
        return self.p_low < self.alpha

    @property
    def different(self) -> bool:
        """Whether there is a difference, however small; it may still be equivalent."""
        return self.p_different < self.alpha

    @property
    def verdict(self) -> Verdict:
        if self.equivalent:
            return Verdict.EQUIVALENT
        if self.different:
            return Verdict.DIFFERENT
        if self.non_inferior:
            return Verdict.NON_INFERIOR
        return Verdict.INCONCLUSIVE


def equivalence(
    estimate: float,
    se: float,
    df: float,
    *,
    low: float,
    high: float,
    null: float = 0.0,
    alpha: float = 0.05,
) -> Equivalence:
    """Test an estimate against both limits by Student's t.

    Parameters
    ----------
    estimate, se, df
        On the scale of the limits; df may be infinite.
    alpha
        Level of each one-sided test. Confirmatory trials of non-inferiority in medicine
        use 0.025.

    Raises
    ------
    ValueError
        Unless low < null < high, se > 0, df > 0 and 0 < alpha < 0.5.
    """
    _check_limits(low, null, high, alpha)
    if not (se > 0 and df > 0):
        raise ValueError("an estimate without standard error cannot be tested")
    t_low, t_high, t_null = ((estimate - at) / se for at in (low, high, null))
    narrow, wide = (float(stdtrit(df, 1 - a)) * se for a in (alpha, alpha / 2))
    return Equivalence(
        estimate=estimate,
        low=low,
        high=high,
        null=null,
        p_low=float(stdtr(df, -t_low)),
        p_high=float(stdtr(df, t_high)),
        p_different=float(2 * stdtr(df, -abs(t_null))),
        ci_low=estimate - narrow,
        ci_high=estimate + narrow,
        wide_low=estimate - wide,
        wide_high=estimate + wide,
        df=df,
        alpha=alpha,
    )


# ---- heard against each other -------------------------------------------------------


def share_equivalence(
    preferred: Floats,
    rater: Codes,
    utterance: Codes,
    *,
    margin: float,
    alpha: float = 0.05,
) -> Equivalence:
    """Test whether a share is 0.5 within a margin, by its two-way clustered t.

    Where all answers are alike, both tests are the exact binomial ones for
    min(raters, utterances) answers, as in `clustered_share`.

    Parameters
    ----------
    preferred, rater, utterance
        Shape (trials,): 1 where the examined system was preferred, 0 where the other
        was; integer codes.
    margin
        In shares: 0.05 for 0.45 to 0.55.

    Raises
    ------
    NoInterval
        With fewer than two raters or two utterances.
    """
    found = clustered_share(preferred, rater, utterance)
    low, high = 0.5 - margin, 0.5 + margin
    if found.se == 0:
        return _exact(found, low, high, alpha)
    plain = equivalence(
        found.estimate, found.se, found.df, low=low, high=high, null=0.5, alpha=alpha
    )
    return replace(
        plain,
        ci_low=max(plain.ci_low, 0.0),
        ci_high=min(plain.ci_high, 1.0),
        wide_low=max(plain.wide_low, 0.0),
        wide_high=min(plain.wide_high, 1.0),
    )


def _exact(found: ClusteredMean, low: float, high: float, alpha: float) -> Equivalence:
    _check_limits(low, 0.5, high, alpha)
    n = min(found.raters, found.utterances)
    successes = round(found.estimate * n)
    narrow = INTERVALS["clopper-pearson"](successes, n, 1 - 2 * alpha)
    wide = INTERVALS["clopper-pearson"](successes, n, 1 - alpha)
    return Equivalence(
        estimate=found.estimate,
        low=low,
        high=high,
        null=0.5,
        p_low=float(stats.binom.sf(successes - 1, n, low)),
        p_high=float(stats.binom.cdf(successes, n, high)),
        p_different=found.p,
        ci_low=narrow[0],
        ci_high=narrow[1],
        wide_low=wide[0],
        wide_high=wide[1],
        df=found.df,
        alpha=alpha,
    )


def preference_equivalence(
    of: Preference, row: int = 0, *, margin: float, alpha: float = 0.05
) -> Equivalence:
    """Test whether a preference of the mixed model is 0.5 within a margin.

    It is tested on the logit scale, where the estimate is nearer to normal; everything
    in the result but p values is given back as a share.
    """
    if not 0 < margin < 0.5:
        raise ValueError(f"{margin:g} is no margin of a share: between 0 and 0.5")
    reach = float(logit(0.5 + margin))
    found = equivalence(
        float(of.logit[row]),
        float(of.se[row]),
        of.df,
        low=-reach,
        high=reach,
        alpha=alpha,
    )
    shares = {name: float(expit(getattr(found, name))) for name in SCALED}
    return replace(found, **shares)


# ---- each heard against a third -----------------------------------------------------


def difference_equivalence(
    of: ClusteredContrast | Contrast,
    index: int = 0,
    *,
    margin: float,
    alpha: float = 0.05,
) -> Equivalence:
    """Test whether a difference is 0 within a margin.

    `of` is a difference of clustered means, or of population-averaged preferences (then
    its entry `index`): examined system less the other, both against the same third. The
    margin is in the same unit: shares, or steps of the rating scale.
    """
    estimate, se = (
        float(np.atleast_1d(value)[index]) for value in (of.estimate, of.se)
    )
    return equivalence(estimate, se, of.df, low=-margin, high=margin, alpha=alpha)


def _check_limits(low: float, null: float, high: float, alpha: float) -> None:
    if not low < null < high:
        raise ValueError(f"limits {low:g} and {high:g} must enclose {null:g}")
    if not 0 < alpha < 0.5:
        raise ValueError("alpha must be between 0 and 0.5")
