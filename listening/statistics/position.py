"""Do raters favour the member that is called A, whatever it is?"""

from dataclasses import dataclass

import numpy as np

from listening.statistics.binomial import BinomialTest, exact_test
from listening.statistics.clustered import (
    ClusteredMean,
    Codes,
    Floats,
    NoInterval,
    clustered_share,
)


@dataclass(frozen=True)
class PositionBias:
    exact: BinomialTest  # successes: A was chosen
    clustered: ClusteredMean | None  # None where there is no interval
    enhanced_first: float  # share of trials in which A was the enhanced member


def position_bias(
    preferred: Floats,
    enhanced_first: Floats,
    rater: Codes,
    utterance: Codes,
    *,
    confidence: float = 0.95,
) -> PositionBias:
    """Test whether A was chosen as often as B.

    It is a test of position only as far as the enhanced member was A in half of the
    trials: that share is returned as well.

    Parameters
    ----------
    preferred, enhanced_first
        Shape (trials,): 1 if the enhanced member was preferred; 1 if it was A.

    Raises
    ------
    ValueError
        If there is no trial.
    """
    chose_a = (preferred == enhanced_first).astype(np.float64)
    exact = exact_test(int(chose_a.sum()), len(chose_a), confidence=confidence)
    try:
        clustered = clustered_share(chose_a, rater, utterance, confidence=confidence)
    except NoInterval:
        clustered = None
    return PositionBias(exact, clustered, float(np.mean(enhanced_first)))
