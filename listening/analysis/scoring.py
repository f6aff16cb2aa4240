"""From a table of scores to their means, and to differences of systems.

Whoever scores strictly does so throughout, and an easy utterance is easy for everybody:
scores share raters and utterances, so the intervals of means are two-way clustered
(`statistics.clustered`), and kept within the scale. Differences of systems are those of
means over the SNRs at which both were heard, every SNR counting alike, whatever number
of answers it has; what is common to both, as the strictness of raters who heard both,
cancels out of their intervals (`statistics.contrasts`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from listening.analysis.agreements import on_scales
from listening.analysis.results import Analysis, Cell, RaterShare
from listening.analysis.score_models import score_models_of
from listening.analysis.scores import ScoreDifference
from listening.methods.method import BASIC, OVERALL, REACH, SCALES
from listening.methods.mushra import BESIDE
from listening.statistics.clustered import NoInterval
from listening.statistics.contrasts import cell_means, clustered_contrast, difference
from listening.statistics.multiplicity import holm
from listening.statistics.rating import MeanRating, mean_rating

APART = "there is no SNR at which both were heard"


def analyse_scores(table: pd.DataFrame, *, confidence: float) -> Analysis:
    """Analyse a table of scores; versions and other warnings are the caller's."""
    models, told = score_models_of(tested(table), confidence=confidence)
    return Analysis(
        graded=False,
        confidence=confidence,
        n=len(table),
        simulated=int(table["simulated"].sum()) if "simulated" in table else 0,
        utterances=table["utterance"].nunique(),
        cells=cells_of(table, ["scale", "system", "snr_db"], confidence),
        overall=cells_of(table, ["scale", "system"], confidence),
        position=None,
        raters=raters_of(table),
        warnings=tuple(told),
        versions={},
        scales=tuple(s for s in SCALES if s in set(table["scale"])) or (OVERALL,),
        differences=differences_of(table, confidence),
        score_models=models,
        agreements=on_scales(tested(table), confidence=confidence),
    )


def tested(table: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of the systems that a study is about.

    The hidden reference and the anchors are not among them: to hold them against the
    others would cost these their significance, and everybody agrees on them.
    """
    return table[(table["scale"] != BASIC) | ~table["system"].isin(BESIDE)]


def cells_of(table: pd.DataFrame, by: list[str], confidence: float) -> tuple[Cell, ...]:
    """Return the mean score of every system on every scale, at each SNR if `by` it."""
    groups = table.groupby(by)
    return tuple(cell_of(key, rows, confidence) for key, rows in groups)


def cell_of(key: tuple[object, ...], rows: pd.DataFrame, confidence: float) -> Cell:
    scale, system, *snr_db = key
    who, what = (pd.factorize(rows[name])[0] for name in ("rater", "utterance"))
    low, high = REACH[str(scale)]
    score = within_scale(
        mean_rating(
            rows["score"].to_numpy(np.float64),
            who,
            what,
            steps=tuple(range(low, high + 1)),
            confidence=confidence,
        )
    )
    return Cell(
        system=str(system),
        reference="",
        snr_db=float(str(snr_db[0])) if snr_db else None,
        n=len(rows),
        preferred=0,
        ties=0,
        exact=None,
        clustered=None,
        why_none=score.why_none,
        rating=score,
        scale=str(scale),
    )


def within_scale(score: MeanRating) -> MeanRating:
    """Return the mean with no part of its interval where there are no scores."""
    found = score.clustered
    if found is None:
        return score
    low, high = max(found.ci_low, score.steps[0]), min(found.ci_high, score.steps[-1])
    return replace(score, clustered=replace(found, ci_low=low, ci_high=high))


def raters_of(table: pd.DataFrame) -> tuple[RaterShare, ...]:
    found = table.groupby("rater")["score"].agg(["size", "mean"])
    return tuple(
        RaterShare(str(rater), int(row["size"]), 0, mean=float(row["mean"]))
        for rater, row in found.iterrows()
    )


# ---- differences --------------------------------------------------------------------


def differences_of(
    table: pd.DataFrame, confidence: float
) -> tuple[ScoreDifference, ...]:
    """Return the differences of every two systems on every scale, high means first."""
    found: list[ScoreDifference] = []
    for scale, rows in tested(table).groupby("scale"):
        pairs = list(pairs_of(str(scale), rows, confidence))
        p = holm(np.array([one.found.p if one.found else np.nan for one in pairs]))
        found += [
            replace(one, p_holm=float(of)) for one, of in zip(pairs, p, strict=True)
        ]
    return tuple(found)


def pairs_of(
    scale: str, rows: pd.DataFrame, confidence: float
) -> Iterator[ScoreDifference]:
    """Yield every two systems on a scale, those with high means first."""
    system, names = pd.factorize(rows["system"], sort=True)
    snr, snrs = pd.factorize(rows["snr_db"], sort=True)
    who, what = (pd.factorize(rows[name])[0] for name in ("rater", "utterance"))
    cell = system * len(snrs) + snr
    count = len(names) * len(snrs)
    means = cell_means(rows["score"].to_numpy(np.float64), cell, count, who, what)
    heard = means.n.reshape(len(names), len(snrs)) > 0
    mean = rows.groupby(system)["score"].mean().to_numpy()
    for one, other in combinations(np.argsort(-mean, kind="stable"), 2):
        named = ScoreDifference(scale, str(names[one]), str(names[other]), None, APART)
        plus, minus = np.zeros((2, *heard.shape), dtype=bool)
        plus[one] = minus[other] = heard[one] & heard[other]
        if not plus.any():
            yield named
            continue
        try:
            weights = difference(plus.ravel(), minus.ravel())
            found = clustered_contrast(means, weights, confidence=confidence)
            yield replace(named, found=found, why_none="")
        except NoInterval as why:
            yield replace(named, why_none=str(why))
