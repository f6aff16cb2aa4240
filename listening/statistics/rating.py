"""The mean of graded answers: of preferences (-3..3), and of scores."""

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

STEPS = (-3, -2, -1, 0, 1, 2, 3)  # 3 strongly prefers the system, -3 the reference


@dataclass(frozen=True)
class MeanRating:
    mean: float
    counts: NDArray[np.int64]  # (steps,): how often each of `steps` was given
    clustered: ClusteredMean | None  # None where there is no interval
    why_none: str = ""
    steps: tuple[int, ...] = STEPS

    @property
    def sd(self) -> float:
        """The standard deviation of the answers; NaN of a single one."""
        n = int(self.counts.sum())
        if n < 2:
            return float("nan")
        squares = (np.array(self.steps) - self.mean) ** 2
        return float(np.sqrt(self.counts @ squares / (n - 1)))

    @property
    def median(self) -> float:
        """The middle answer; of an even number the mean of the two in the middle."""
        given = np.repeat(self.steps, self.counts)
        return float(np.median(given))


def mean_rating(
    ratings: Floats,
    rater: Codes,
    utterance: Codes,
    *,
    steps: tuple[int, ...] = STEPS,
    confidence: float = 0.95,
) -> MeanRating:
    """Return the mean with its two-way cluster-robust interval, tested against 0.

    Parameters
    ----------
    ratings, rater, utterance
        Shape (trials,); ratings are among the steps.
    steps
        The answers that there are, in order.

    Raises
    ------
    ValueError
        If there is no rating, or one that is not among the steps.
    """
    if len(ratings) == 0 or not np.isin(ratings, steps).all():
        reach = f"from {steps[0]} to {steps[-1]}"
        raise ValueError(f"ratings are whole numbers {reach}, at least one")
    counts = np.array([np.count_nonzero(ratings == step) for step in steps])
    mean = float(np.mean(ratings))
    try:
        clustered = clustered_mean(ratings, rater, utterance, confidence=confidence)
    except NoInterval as why:
        return MeanRating(mean, counts, None, str(why), steps)
    return MeanRating(mean, counts, clustered, steps=steps)
