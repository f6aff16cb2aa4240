"""Differences of means of answers that share raters and utterances.

Two systems are heard by the same raters on the same utterances, so their means are not
independent. Every estimate here is, to first order, a sum of what each answer adds to
it, its *influence*: (y - mean of its cell) / (answers in the cell) for a cell's mean.
For weights l over estimates with influences Z, shape (trials, estimates),

    V = c_r V_rater + c_u V_utterance - V_pair,    V_g = sum over clusters (Z_g l)^2,

with c = G / (G - 1), floored at max(c_r V_rater, c_u V_utterance), as `clustered.py`
has it for one mean; Z_g adds up rows within cluster g. G counts the clusters that say
something about the estimates with a weight. Student's t on min(raters, utterances) - 1.

Sources
-------
Cameron, Gelbach, Miller, "Robust inference with multiway clustering", Journal of
Business & Economic Statistics 29 (2011). For floor and degrees of freedom see
`clustered.py`.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from listening.statistics.clustered import NO_CLUSTERING, Codes, Floats, NoInterval

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class TwoWay:
    """Covariances of some estimates, (estimates, estimates) each, by what is summed."""

    of_raters: Floats
    of_utterances: Floats
    of_pairs: Floats  # rater and utterance together
    of_trials: Floats  # as if answers were independent
    raters: Flags  # (raters, estimates): says something about it
    utterances: Flags  # (utterances, estimates)

    def variance(self, weights: Floats) -> tuple[float, int, str]:
        """Return the variance of a weighted sum, degrees of freedom, and fallback.

        Raises
        ------
        NoInterval
            With fewer than two raters or utterances, or without any spread.
        """
        used = weights != 0
        G_r = _clusters(self.raters[:, used], "rater")
        G_u = _clusters(self.utterances[:, used], "utterance")
        V_r = G_r / (G_r - 1) * float(weights @ self.of_raters @ weights)
        V_u = G_u / (G_u - 1) * float(weights @ self.of_utterances @ weights)
        pairs = float(weights @ self.of_pairs @ weights)
        independent = float(weights @ self.of_trials @ weights)
        if independent <= 0:
            raise NoInterval("all answers are alike: their spread cannot be estimated")
        variance, fallback = max(V_r + V_u - pairs, V_r, V_u), ""
        if variance <= 1e-12 * independent:
            variance, fallback = independent, NO_CLUSTERING
        return variance, min(G_r, G_u) - 1, fallback


@dataclass(frozen=True)
class CellMeans:
    """Means of some cells of trials, and their joint uncertainty. Shape (cells,)."""

    mean: Floats  # NaN where a cell is empty
    n: NDArray[np.int64]
    covariance: TwoWay


@dataclass(frozen=True)
class ClusteredContrast:
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p: float  # two-sided, of `null`
    df: int
    fallback: str = ""  # in words, where the formula above was departed from


def two_way(
    influence: Floats, rater: Codes, utterance: Codes, *, about: Flags | None = None
) -> TwoWay:
    """Return the covariances of estimates from what each answer adds to them.

    Parameters
    ----------
    influence
        Shape (trials, estimates).
    about
        Whether the trial has to do with the estimate, same shape; None: all do.
    """
    r, raters = _dense(rater)
    u, utterances = _dense(utterance)
    pair, pairs = _dense(r * utterances + u)
    about = np.ones(influence.shape, bool) if about is None else about
    return TwoWay(
        of_raters=_gram(_sums(influence, r, raters)),
        of_utterances=_gram(_sums(influence, u, utterances)),
        of_pairs=_gram(_sums(influence, pair, pairs)),
        of_trials=_gram(influence),
        raters=_sums(about.astype(np.float64), r, raters) > 0,
        utterances=_sums(about.astype(np.float64), u, utterances) > 0,
    )


def cell_means(
    values: Floats, cell: Codes, cells: int, rater: Codes, utterance: Codes
) -> CellMeans:
    """Return the mean of each cell with the covariance between them.

    Parameters
    ----------
    values, cell, rater, utterance
        Shape (trials,): answers, the cell of each in 0 .. cells - 1, and integer codes
        of who gave it and to what.
    """
    n = np.bincount(cell, minlength=cells)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(cell, weights=values, minlength=cells) / n
    about = np.zeros((len(values), cells), bool)
    about[np.arange(len(values)), cell] = True
    influence = np.zeros(about.shape)
    influence[about] = (values - mean[cell]) / n[cell]
    # n - 1 as in the variance of independent answers, for the fallback alone
    covariance = two_way(influence, rater, utterance, about=about)
    correction = np.diag(n / np.maximum(n - 1, 1))
    independent = covariance.of_trials * correction
    return CellMeans(mean, n, replace(covariance, of_trials=independent))


def clustered_contrast(
    of: CellMeans,
    weights: ArrayLike,
    *,
    null: float = 0.0,
    confidence: float = 0.95,
) -> ClusteredContrast:
    """Estimate a weighted sum of cell means, shape (cells,), with its t interval.

    Raises
    ------
    ValueError
        If the weights do not fit, or a cell with a weight is empty.
    NoInterval
        As `TwoWay.variance` says.
    """
    w = np.asarray(weights, dtype=np.float64)
    if w.shape != of.mean.shape or not w.any():
        raise ValueError(f"{len(of.mean)} cells need as many weights, not all zero")
    if (of.n[w != 0] == 0).any():
        raise ValueError("a cell with a weight has no answers")
    used = w != 0
    estimate = float(w[used] @ of.mean[used])
    variance, df, fallback = of.covariance.variance(w)
    se = float(np.sqrt(variance))
    reach = float(stdtrit(df, (1 + confidence) / 2)) * se
    p = float(2 * stdtr(df, -abs(estimate - null) / se))
    return ClusteredContrast(
        estimate, se, estimate - reach, estimate + reach, p, df, fallback
    )


def difference(plus: Flags, minus: Flags, share: Floats | None = None) -> Floats:
    """Return the weights of "mean over cells `plus` less mean over cells `minus`".

    Shape (cells,) each. Every cell counts the same, or as much as `share` says: give
    the number of answers to compare the means of all answers.
    """
    share = np.ones(len(plus)) if share is None else np.asarray(share, np.float64)
    if not (plus @ share > 0 and minus @ share > 0):
        raise ValueError("a difference needs cells with answers on both sides")
    return np.asarray(plus * share / (plus @ share) - minus * share / (minus @ share))


def _clusters(said: Flags, name: str) -> int:
    count = int(said.any(axis=1).sum())
    if count < 2:
        has = f"only one {name}" if count else f"no {name}"
        raise NoInterval(f"{has}: nothing can be said about other {name}s than these")
    return count


def _dense(codes: Codes) -> tuple[NDArray[np.intp], int]:
    """Number the codes that occur from 0 on; also return how many there are."""
    names, numbers = np.unique(codes, return_inverse=True)
    return numbers, len(names)


def _sums(rows: Floats, cluster: NDArray[np.intp], clusters: int) -> Floats:
    columns = [np.bincount(cluster, column, clusters) for column in rows.T]
    return np.stack(columns, axis=1)


def _gram(rows: Floats) -> Floats:
    return np.asarray(rows.T @ rows)
