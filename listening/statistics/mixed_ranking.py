"""Systems in order of preference, with raters who differ.

The log odds of the system heard first are s_first - s_second + order, as in
`ranking.py`, plus effects of the rater and of the utterance: each has its own effect of
order and, if asked, its own *taste*, which adds b (w_first - w_second) for a given
property w of systems (1 for enhanced ones, 0 for unprocessed speech: some raters care
for enhancement more than others). Binary answers are the mixed logistic model; with
ties it is the cumulative one, which is the model of Rao and Kupper: a system wins if it
leads by more than a threshold.

Strengths are those of the typical rater and utterance; averaged over raters,
preferences are nearer to 0.5. Student's t on min(raters, utterances) - 1 degrees of
freedom.

Sources
-------
P. V. Rao, L. L. Kupper, "Ties in paired-comparison experiments: a generalization of the
Bradley-Terry model", Journal of the American Statistical Association 62 (1967).
H. Turner, D. Firth, "Bradley-Terry models in R: the BradleyTerry2 package": columns of
differences, and an intercept for order.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from listening.statistics.clustered import Codes, Floats
from listening.statistics.mixed import (
    Factor,
    MixedFit,
    degrees_of_freedom,
    fit_binary,
    fit_ordinal,
)
from listening.statistics.ranking import (
    ANSWERS,
    Answers,
    Ranking,
    centring,
    coded,
    require_connection,
)


@dataclass(frozen=True)
class MixedRanking:
    ranking: Ranking  # of the typical rater and utterance
    threshold: float | None  # lead in log odds below which answers tie; None: no ties
    fit: MixedFit  # its standard deviations: of order effects, then of taste


def rank_mixed(
    first: ArrayLike,
    second: ArrayLike,
    answer: ArrayLike,
    rater: Codes,
    *,
    utterance: Codes | None = None,
    taste: Mapping[str, float] | None = None,
    order: bool = True,
    confidence: float = 0.95,
) -> MixedRanking:
    """Estimate strengths with random effects of raters and, if given, utterances.

    Parameters
    ----------
    first, second, answer
        As in `ranking.rank`.
    rater, utterance
        Integer codes, shape (trials,).
    taste
        Property of every system by which raters and utterances may differ.
    order
        Whether to fit an effect of being heard first; with ties it always is.

    Raises
    ------
    NoRanking
        If systems are not connected by answers.
    ConvergenceError
        If the mixed model has no estimate.
    """
    answers = coded(first, second, answer)
    require_connection(answers)
    X = _differences(answers, order=order and not answers.ties)
    slope = None if taste is None else _taste(answers, taste)
    factors = [
        Factor(name, codes, slope, correlated=False)
        for name, codes in (("rater", rater), ("utterance", utterance))
        if codes is not None
    ]
    fit = (fit_ordinal if answers.ties else fit_binary)(
        ANSWERS[answers.answer], X, factors
    )
    threshold = np.diff(fit.thresholds).item() / 2 if answers.ties else None
    order = order or answers.ties
    found = _ranking(fit, answers, order=order, confidence=confidence)
    return MixedRanking(found, threshold, fit)


def _differences(of: Answers, *, order: bool) -> Floats:
    """Return the columns x_first - x_second of all systems but one, and order."""
    k = len(of.items)
    X = (np.eye(k)[of.first] - np.eye(k)[of.second])[:, 1:]
    return np.column_stack([X, np.ones(len(X))]) if order else X


def _taste(of: Answers, taste: Mapping[str, float]) -> Floats:
    missing = [name for name in of.items if name not in taste]
    if missing:
        raise ValueError(f"no taste is given for {', '.join(missing)}")
    w = np.array([taste[name] for name in of.items], dtype=np.float64)
    return np.asarray(w[of.first] - w[of.second])


def _ranking(fit: MixedFit, of: Answers, *, order: bool, confidence: float) -> Ranking:
    k, free = len(of.items), len(fit.psi)
    # 1. From what was fitted to strengths without the first, and order
    M = np.zeros((k - 1 + order, free))
    start = free - len(fit.beta)
    M[: k - 1, start : start + k - 1] = np.eye(k - 1)
    if of.ties:
        M[k - 1, start - 2 : start] = -0.5
    elif order:
        M[k - 1, -1] = 1
    # 2. To strengths of mean 0
    M = centring(k, k + order) @ M
    return Ranking(
        items=of.items,
        psi=M @ fit.psi,
        vcov=M @ fit.covariance @ M.T,
        with_order=order,
        with_ties=False,
        log_likelihood=fit.log_likelihood,
        trials=len(of.answer),
        df=degrees_of_freedom(fit),
        robust=None,
        confidence=confidence,
    )
