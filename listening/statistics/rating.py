"""The mean of graded answers (-3 strongly prefers the reference .. 3 the enhanced)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from listening.statistics.clustered import (
    ClusteredMean,
    Codes,
    Floats,
    NoInterval,
    clustered_mean,
)

STEPS = (-3, -2, -1, 0, 1, 2, 3)


@dataclass(frozen=True)
class MeanRating:
    mean: float
    counts: NDArray[np.int64]  # (7,): how often each of STEPS was given
    clustered: ClusteredMean | None  # None where there is no interval
    why_none: str = ""


def mean_rating(
    ratings: Floats, rater: Codes, utterance: Codes, *, confidence: float = 0.95
) -> MeanRating:
    """Return the mean with its two-way cluster-robust interval, tested against 0.

    Parameters
    ----------
    ratings, rater, utterance
        Shape (trials,); ratings are whole numbers from -3 to 3.

    Raises
    ------
    ValueError
        If there is no rating, or one that is not among the seven steps.
    """
    if len(ratings) == 0 or not np.isin(ratings, STEPS).all():
        raise ValueError("ratings are whole numbers from -3 to 3, at least one")
    counts = np.array([np.count_nonzero(ratings == step) for step in STEPS])
    mean = float(np.mean(ratings))
    try:
        clustered = clustered_mean(ratings, rater, utterance, confidence=confidence)
    except NoInterval as why:
        return MeanRating(mean, counts, None, str(why))
    return MeanRating(mean, counts, clustered)
