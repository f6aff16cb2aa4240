"""A cumulative-link mixed model of scores, beside their means, on each scale.

`score ~ snr_c * system + (1|rater) + (1|utterance)` takes the steps of a scale in their
order only, not as equally wide, and raters as strict or mild. What is told is the log
odds of a higher score for each system against unprocessed speech, from the same rater
for the same utterance, as a mean over the SNRs at which both were heard. Scores that
are not steps, as those from 0 to 100, have their means alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from listening.analysis.equivalences import UNPROCESSED
from listening.analysis.modelled import Estimate, Json, ordered_as_json
from listening.analysis.modelled_quantities import linear_sum
from listening.analysis.modelling import (
    NotFitted,
    dropped_warnings,
    fitted,
    require_levels,
)
from listening.analysis.trial_matrix import Floats, Matrix, Trials
from listening.statistics.mixed import MixedFit, fit_ordinal
from listening.statistics.multiplicity import holm

MOST_STEPS = 10


@dataclass(frozen=True)
class ScoreContrast:
    """How much higher than unprocessed speech a system is scored, in log odds."""

    system: str
    found: Estimate

    def as_json(self) -> Json:
        return {"system": self.system, "other": UNPROCESSED} | self.found.as_json()


@dataclass(frozen=True)
class ScoreModel:
    scale: str
    fit: MixedFit
    steps: tuple[float, ...]  # scores in use, rising
    contrasts: tuple[ScoreContrast, ...]  # as large as they are

    def as_json(self) -> Json:
        return {
            "scale": self.scale,
            "unit": "log odds of a higher score",
            "contrasts": [one.as_json() for one in self.contrasts],
            **ordered_as_json(self.fit, self.steps),
        }


def score_models_of(
    table: pd.DataFrame, *, confidence: float
) -> tuple[tuple[ScoreModel, ...], list[str]]:
    """Return the model of each scale, and why there is none where there is none."""
    models, told = [], []
    for scale, rows in table.groupby("scale"):
        if rows["score"].nunique() > MOST_STEPS:
            continue
        try:
            models.append(fit_scale(str(scale), rows, confidence))
        except NotFitted as reason:
            told.append(f"No mixed model of scores ({scale}): {reason}.")
    return tuple(models), told


def fit_scale(scale: str, rows: pd.DataFrame, confidence: float) -> ScoreModel:
    steps = np.unique(rows["score"].to_numpy(np.float64))
    if len(steps) < 3:
        raise NotFitted("there are fewer than three different scores")
    if UNPROCESSED not in set(rows["system"]):
        raise NotFitted(f"{UNPROCESSED} speech was not scored")
    centre = float(np.mean(rows["snr_db"].unique()))
    scores = rows["score"].to_numpy(np.float64)
    trials = Trials.of(rows, scores, centre=centre, position=False)
    require_levels(trials)
    matrix = trials.trend(intercept=False)
    if dropped_warnings(trials, matrix):
        raise NotFitted("not every system was scored at enough SNRs")
    if not matrix.terms:
        raise NotFitted("there is one system at one SNR")
    fit = fitted(fit_ordinal, trials, matrix)
    contrasts = contrasts_of(trials, fit, matrix, confidence)
    return ScoreModel(scale, fit, tuple(steps.tolist()), contrasts)


def contrasts_of(
    trials: Trials, fit: MixedFit, matrix: Matrix, confidence: float
) -> tuple[ScoreContrast, ...]:
    """Return the systems against unprocessed speech, p adjusted over them by Holm."""
    found = [
        ScoreContrast(system, linear_sum(fit, weights, confidence))
        for system, weights in against_unprocessed(trials, matrix)
    ]
    adjusted = holm(np.array([one.found.p for one in found]))
    held = [
        replace(one, found=replace(one.found, p_holm=float(p)))
        for one, p in zip(found, adjusted, strict=True)
    ]
    return tuple(sorted(held, key=lambda one: -one.found.estimate))


def against_unprocessed(trials: Trials, matrix: Matrix) -> Iterator[tuple[str, Floats]]:
    """Yield each system and weights of coefficients: every shared SNR counts alike."""
    row = dict(zip(trials.places, matrix.rows, strict=True))
    for system in trials.systems:
        apart = [
            row[system, snr] - row[UNPROCESSED, snr]
            for snr in trials.snrs.tolist()
            if {(system, snr), (UNPROCESSED, snr)} <= set(row)
        ]
        if system != UNPROCESSED and apart:
            yield system, np.asarray(np.mean(apart, axis=0))
