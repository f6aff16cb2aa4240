"""Answers of raters to utterances in several cells, for tests of clustered numbers."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Crossed(NamedTuple):
    values: NDArray[np.float64]
    cell: NDArray[np.intp]
    cells: int
    rater: NDArray[np.intp]
    utterance: NDArray[np.intp]


def crossed(
    rng: np.random.Generator,
    *,
    raters: int = 12,
    trials: int = 24,
    utterances: int = 30,
    shift: tuple[float, ...] = (0.0, 0.0, 0.0),
    spread: float = 0.6,
) -> Crossed:
    """Draw preferences whose logit is a cell's shift, raters', utterances', and both's.

    Raters differ from each other in each cell, too, so that differences are clustered.
    """
    rater = np.repeat(np.arange(raters), trials)
    utterance = np.concatenate(
        [rng.permutation(utterances)[:trials] for _ in range(raters)]
    )
    cell = rng.permutation(np.arange(raters * trials) % len(shift))
    own = rng.normal(0, spread, (raters, len(shift)))
    latent = np.array(shift)[cell] + own[rater, cell]
    latent += rng.normal(0, spread, (utterances, len(shift)))[utterance, cell]
    latent += rng.logistic(size=len(rater))
    return Crossed((latent > 0).astype(float), cell, len(shift), rater, utterance)
