"""Are two systems rated as highly as each other? On the mean of graded answers.

Directly, the mean rating of one system against the other; indirectly, the difference
of the mean ratings that both had against the same third. The SNRs at which both were
heard count alike, however many answers each of them has, so that a difference is one of
systems and not of SNRs. Standard errors are two-way clustered (`contrasts.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from listening.analysis.equivalences import UNPROCESSED, Compared, at, pairs_of
from listening.analysis.modelling import MOST_CELLS
from listening.analysis.trial_matrix import Floats, Ints
from listening.statistics.clustered import NoInterval
from listening.statistics.contrasts import cell_means, clustered_contrast, difference
from listening.statistics.equivalence import Equivalence, difference_equivalence

APART = "there is no SNR at which both were heard"


def rating_equivalences(
    table: pd.DataFrame,
    ratings: Floats,
    *,
    margin: float,
    alpha: float,
    declared: bool,
    snr_db: float | None = None,
) -> tuple[Compared, ...]:
    """Test every two systems that were compared, to each other or both to a third.

    Parameters
    ----------
    ratings
        Shape (rows of table,); positive prefers the system to the reference.
    margin
        In rating points.
    snr_db
        The trials are those at it, or all.
    """
    used = at(table, snr_db)
    table, ratings = table[used], ratings[used]
    found = []
    for system, other, third, rows in asked(table):
        heard = table["system"].to_numpy(str)[rows]
        side = np.where(heard == system, 0, 1).astype(np.intp)
        test, why = tested(table.iloc[rows], ratings[rows], side, margin, alpha)
        found.append(
            Compared(
                system,
                other,
                third,
                snr_db,
                None,
                test,
                rated=True,
                declared=declared,
                why_none=why,
            )
        )
    return tuple(found)


def asked(table: pd.DataFrame) -> Iterator[tuple[str, str, str | None, Ints]]:
    """Yield two systems, the third that both were heard against, and the trials."""
    systems, references = (table[n].to_numpy(str) for n in ("system", "reference"))
    for system, reference in pairs_of(table):
        if reference != UNPROCESSED:  # better than nothing is another question
            pair = (systems == system) & (references == reference)
            yield system, reference, None, np.flatnonzero(pair)
    for third in np.unique(references):
        there = references == third
        for one, other in combinations(np.unique(systems[there]), 2):
            both = there & np.isin(systems, [one, other])
            yield str(one), str(other), str(third), np.flatnonzero(both)


def tested(
    heard: pd.DataFrame, ratings: Floats, side: Ints, margin: float, alpha: float
) -> tuple[Equivalence | None, str]:
    """Return the test of side 0 less side 1, or of side 0 alone; or why there is none.

    `side`, shape (trials,): 1 for trials of the other system.
    """
    snr, snrs = pd.factorize(heard["snr_db"])
    if len(snrs) > MOST_CELLS:  # no design, but SNRs as measured
        snr, snrs = np.zeros_like(snr), snrs[:1]
    sides, K = int(side.max()) + 1, len(snrs)
    n = np.bincount(side * K + snr, minlength=sides * K).reshape(sides, K)
    shared = n.min(axis=0) > 0
    if not shared.any():
        return None, APART
    keep = shared[snr]
    who, what = (pd.factorize(heard[name][keep])[0] for name in ("rater", "utterance"))
    cell = (side * K + snr)[keep]
    try:
        means = cell_means(ratings[keep], cell, sides * K, who, what)
        found = clustered_contrast(means, weights_of(shared, sides))
    except NoInterval as why:
        return None, str(why)
    return difference_equivalence(found, margin=margin, alpha=alpha), ""


def weights_of(shared: np.ndarray, sides: int) -> Floats:
    """Return the weights of the cells, side by side: the shared SNRs count alike."""
    if sides == 1:
        return np.asarray(shared / shared.sum(), dtype=np.float64)
    none = np.zeros_like(shared)
    return difference(np.append(shared, none), np.append(none, shared))
