"""How well two sounds are told apart: d' from the share of correct ABX answers.

The model is the *differencing* one. Each sound of a trial gives an observation that is
normal with variance 1, around 0 for one system and around d' for the other; X is taken
for the member whose observation is nearer to its own. |X - A| < |X - B| holds exactly
if B - A and X - (A + B) / 2 differ in sign. These two are independent, normal with
variances 2 and 3/2, and around d' and d'/2 in size, so that

    p(correct) = F(d'/sqrt 2) F(d'/sqrt 6) + F(-d'/sqrt 2) F(-d'/sqrt 6),

F the normal distribution function. It rises from 1/2 at d' = 0 to 1. It is the model
for material that changes from trial to trial, as utterances do: a rater who has no
fixed idea of either system can only compare what was just heard. The other model of
ABX, independent observations, has F(d'/2) for F(d'/sqrt 6) and gives a smaller d'.

The d' of a share that was pooled over raters and utterances is that of an average
rater; where they differ it is a little below the mean of their own.

Sources
-------
Macmillan, Creelman, "Detection theory: a user's guide", 2nd edition (2005), chapter 9:
both models of ABX; Hautus, Meng, "Decision strategies in the ABX (matching-to-sample)
psychophysical task", Perception & Psychophysics 64 (2002), 89-106. The formula is
derived above, and the tests hold it to a simulation of the decision itself.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

MODEL = "differencing"
LARGEST = 40.0  # beyond it the share is 1 to the last digit of a float
CHANCE = 0.5


@dataclass(frozen=True)
class Sensitivity:
    """d'; infinite where every answer was correct, 0 at chance and below."""

    estimate: float
    ci_low: float
    ci_high: float


def share_correct(d_prime: float) -> float:
    """Return the share of ABX answers that are correct at a `d_prime` >= 0."""
    far, near = d_prime / np.sqrt(2), d_prime / np.sqrt(6)
    return float(norm.cdf(far) * norm.cdf(near) + norm.cdf(-far) * norm.cdf(-near))


def d_prime_of(share: float) -> float:
    """Return the d' at which `share` of the answers are correct.

    0 at chance and below, where nothing is told apart; infinite if all are correct.

    Raises
    ------
    ValueError
        If it is no share.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"{share} is not a share of answers, from 0 to 1")
    if share <= CHANCE:
        return 0.0
    if share >= share_correct(LARGEST):
        return float("inf")
    return float(brentq(lambda d: share_correct(d) - share, 0.0, LARGEST))


def sensitivity(share: float, ci_low: float, ci_high: float) -> Sensitivity:
    """Return the d' of a share of correct answers, with the interval of that share.

    d' rises with the share, so the ends of an interval of one are the ends of an
    interval of the other, with the same coverage: give the clustered interval and d'
    is robust to the same clustering.
    """
    return Sensitivity(d_prime_of(share), d_prime_of(ci_low), d_prime_of(ci_high))
