"""Systems in order of preference, from any comparisons in pairs that connect them.

Heard first and second, systems i and j are chosen, or neither is, with chances in
proportion to

    first:  exp(s_i + order / 2),   second:  exp(s_j - order / 2),
    tie:    nu exp((s_i + s_j) / 2),

so that s_i - s_j + order are the log odds of the first against the second, with ties
(Davidson) and without (Bradley-Terry). Strengths are of mean 0. The log-likelihood is
concave and is maximised by Newton's method.

A maximum exists where no direction of the parameters fits every answer ever better.
Without order effect that is: however the systems are split in two groups, some of each
are preferred at least once to some of the other, or tie [Hunter]. The error names the
groups where it is not so.

Answers of one rater, and to one utterance, are alike; standard errors of the likelihood
ignore that. With `rater` and `utterance` they are the two-way cluster-robust ones of
`contrasts.py`, of what each answer adds to the estimate: its score times the inverse
information. For raters as random effects see `mixed_ranking.py`.

References
----------
[Davidson] R. R. Davidson, "On extending the Bradley-Terry model to accommodate ties in
    paired comparison experiments", Journal of the American Statistical Association 65
    (1970); with R. J. Beaver, "On extending the Bradley-Terry model to incorporate
    within-pair order effects", Biometrics 33 (1977): there a factor on the second
    item's strength, exp(-order) here, so that their nu is ours times exp(-order / 2).
[Hunter] D. R. Hunter, "MM algorithms for generalized Bradley-Terry models", Annals of
    Statistics 32 (2004), on which comparisons have a maximum (after Ford 1957).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import expit, log_softmax, softmax, stdtr, stdtrit

from listening.statistics.clustered import Codes, Floats
from listening.statistics.contrasts import TwoWay, two_way

ANSWERS = np.array([1.0, 0.0, 0.5])  # first, second, neither


class NoRanking(ValueError):
    """The comparisons do not determine strengths; the message says why."""


@dataclass(frozen=True)
class Effect:
    """Something in log odds. `p` is two-sided, of 0."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p: float
    df: float

    @property
    def share(self) -> tuple[float, float, float]:
        """As a preference without ties: estimate and interval."""
        estimate, low, high = expit([self.estimate, self.ci_low, self.ci_high])
        return float(estimate), float(low), float(high)


@dataclass(frozen=True)
class Ranking:
    """Strengths of systems; larger is preferred.

    `psi` holds the strengths, of mean 0, then order, then log nu, as far as there are.
    """

    items: tuple[str, ...]
    psi: Floats  # (parameters,)
    vcov: Floats  # (parameters,) squared
    with_order: bool
    with_ties: bool
    log_likelihood: float
    trials: int
    df: float  # where `robust` does not say; infinite: normal
    robust: TwoWay | None  # of psi
    confidence: float

    @property
    def strength(self) -> Floats:
        return self.psi[: len(self.items)]

    @property
    def strengths(self) -> tuple[Effect, ...]:
        """Every strength against the mean of all."""
        k, size = len(self.items), len(self.psi)
        return tuple(self.effect(row) for row in np.eye(k, size) - _among(k, size) / k)

    @property
    def order(self) -> Effect | None:
        """Log odds for the system heard first, between equals."""
        at = len(self.items)
        return self.effect(np.eye(len(self.psi))[at]) if self.with_order else None

    @property
    def log_nu(self) -> Effect | None:
        """Of ties: two equals tie with odds of nu / 2 to 1."""
        return self.effect(np.eye(len(self.psi))[-1]) if self.with_ties else None

    @property
    def best_first(self) -> tuple[str, ...]:
        return tuple(self.items[i] for i in np.argsort(-self.strength, kind="stable"))

    def compare(self, one: str, other: str) -> Effect:
        """Return one strength less another, whether or not the two ever met."""
        if one == other:
            raise ValueError(f"{one} cannot be compared with itself")
        weights = np.zeros(len(self.psi))
        weights[self.items.index(one)], weights[self.items.index(other)] = 1, -1
        return self.effect(weights)

    def effect(self, weights: Floats) -> Effect:
        """Return a weighted sum of `psi`."""
        estimate, df = float(weights @ self.psi), self.df
        if self.robust is None:
            se = float(np.sqrt(weights @ self.vcov @ weights))
        else:
            variance, df, _ = self.robust.variance(weights)
            se = float(np.sqrt(variance))
        reach = float(stdtrit(df, (1 + self.confidence) / 2)) * se
        p = float(2 * stdtr(df, -abs(estimate) / se))
        return Effect(estimate, se, estimate - reach, estimate + reach, p, df)


@dataclass(frozen=True)
class Answers:
    """Comparisons with systems as numbers."""

    items: tuple[str, ...]
    first: NDArray[np.intp]  # (trials,)
    second: NDArray[np.intp]
    answer: NDArray[np.intp]  # place in `ANSWERS`

    @property
    def ties(self) -> bool:
        return bool((self.answer == 2).any())


@dataclass(frozen=True)
class Likelihood:
    """Trials of the same two systems in the same order, together."""

    X: Floats  # (pairs, answers, parameters): the first system's strength is 0
    counts: Floats  # (pairs, answers)
    pair: NDArray[np.intp]  # (trials,): the pair of each trial

    def at(self, psi: Floats) -> tuple[float, Floats, Floats]:
        """Return value, gradient and information."""
        log_p = log_softmax(self.X @ psi, axis=1)
        p, n = np.exp(log_p), self.counts.sum(axis=1)
        mean = np.einsum("ac,acp->ap", p, self.X)
        gradient = np.einsum("ac,acp->p", self.counts, self.X) - n @ mean
        second = np.einsum("a,ac,acp,acq->pq", n, p, self.X, self.X)
        information = second - (n[:, None] * mean).T @ mean
        return float((self.counts * log_p).sum()), gradient, information

    def scores(self, psi: Floats, answer: NDArray[np.intp]) -> Floats:
        """Return the gradient of each trial, shape (trials, parameters)."""
        mean = np.einsum("ac,acp->ap", softmax(self.X @ psi, axis=1), self.X)
        return np.asarray(self.X[self.pair, answer] - mean[self.pair])


def rank(
    first: ArrayLike,
    second: ArrayLike,
    answer: ArrayLike,
    *,
    order: bool = True,
    rater: Codes | None = None,
    utterance: Codes | None = None,
    confidence: float = 0.95,
) -> Ranking:
    """Estimate strengths by Bradley-Terry, or by Davidson where there are ties.

    Parameters
    ----------
    first, second
        Shape (trials,): names of the systems heard first and second.
    answer
        Shape (trials,): 1 the first was preferred, 0 the second, 0.5 neither.
    order
        Whether to fit an effect of being heard first.
    rater, utterance
        Integer codes, shape (trials,), both or neither: for robust standard errors.

    Raises
    ------
    NoRanking
        If systems are not connected by answers, or an effect would be infinite.
    """
    if (rater is None) != (utterance is None):
        raise ValueError("robust standard errors need both raters and utterances")
    answers = coded(first, second, answer)
    require_connection(answers)
    likelihood = _likelihood(answers, order=order)
    _require_a_maximum(likelihood, order=order)
    free, value, V = _maximise(likelihood)
    # strengths against the first system become strengths of mean 0
    centre = centring(len(answers.items), len(free) + 1)
    robust = None
    if rater is not None and utterance is not None:
        influence = likelihood.scores(free, answers.answer) @ V @ centre.T
        robust = two_way(influence, rater, utterance)
    return Ranking(
        items=answers.items,
        psi=centre @ free,
        vcov=centre @ V @ centre.T,
        with_order=order,
        with_ties=answers.ties,
        log_likelihood=value,
        trials=len(answers.answer),
        df=np.inf,
        robust=robust,
        confidence=confidence,
    )


def coded(first: ArrayLike, second: ArrayLike, answer: ArrayLike) -> Answers:
    """Check comparisons and number the systems in sorted order."""
    given = np.asarray(answer, dtype=np.float64)
    sides = [np.asarray(side).astype(str) for side in (first, second)]
    if {side.shape for side in sides} != {given.shape} or not len(given):
        raise ValueError("comparisons need a first, a second and an answer each")
    names = np.stack(sides)
    if (names[0] == names[1]).any():
        same = names[0][names[0] == names[1]][0]
        raise ValueError(f"{same} was compared with itself")
    if not np.isin(given, ANSWERS).all():
        raise ValueError("answers are 1 (the first), 0 (the second) or 0.5 (neither)")
    items, numbers = np.unique(names, return_inverse=True)
    i, j = numbers.reshape(2, -1)
    place = np.argmax(given[:, None] == ANSWERS, axis=1)
    return Answers(tuple(items.tolist()), i, j, place)


def require_connection(of: Answers) -> None:
    """Raise NoRanking unless preferences lead from every system to every other."""
    k = len(of.items)
    won = (of.answer != 1, of.answer != 0)  # a tie counts for both
    better = np.concatenate([of.first[won[0]], of.second[won[1]]])
    worse = np.concatenate([of.second[won[0]], of.first[won[1]]])
    graph = coo_array((np.ones(len(better)), (better, worse)), shape=(k, k))
    parts, part = connected_components(graph, connection="weak")
    if parts > 1:
        raise NoRanking(f"no comparison connects {_groups(of.items, part)}")
    parts, part = connected_components(graph, connection="strong")
    if parts == 1:
        return
    beaten = np.setdiff1d(np.arange(parts), part[better[part[better] != part[worse]]])
    losers = _named(np.array(of.items)[part == beaten[0]])
    raise NoRanking(
        f"{losers} never won or tied against any other system, so strengths are "
        f"infinitely far apart: {_groups(of.items, part)}"
    )


def centring(items: int, parameters: int) -> Floats:
    """Return the matrix from parameters without the first strength to all, centred."""
    matrix = np.eye(parameters)
    matrix[:items] -= _among(items, parameters) / items
    return matrix[:, 1:]


def _among(items: int, parameters: int) -> Floats:
    return (np.arange(parameters) < items).astype(np.float64)


def _named(names: NDArray[np.str_]) -> str:
    return ", ".join(names.tolist())


def _groups(items: tuple[str, ...], part: NDArray[np.int32]) -> str:
    names = np.array(items)
    groups = [_named(names[part == label]) for label in np.unique(part)]
    return " | ".join(sorted(groups))


def _likelihood(of: Answers, *, order: bool) -> Likelihood:
    k = len(of.items)
    pairs, pair = np.unique(of.first * k + of.second, return_inverse=True)
    one, other = np.eye(k)[pairs // k], np.eye(k)[pairs % k]
    kinds = 3 if of.ties else 2
    X = np.zeros((len(pairs), kinds, k + order + of.ties))
    X[:, 0, :k], X[:, 1, :k] = one, other
    if order:
        X[:, 0, k], X[:, 1, k] = 0.5, -0.5
    if of.ties:
        X[:, 2, :k], X[:, 2, -1] = (one + other) / 2, 1
    counts = np.zeros((len(pairs), kinds))
    np.add.at(counts, (pair, of.answer), 1)
    return Likelihood(X[:, :, 1:], counts, pair)


def _require_a_maximum(of: Likelihood, *, order: bool) -> None:
    """Look for a direction along which no answer gets less likely, by linear programme.

    With systems connected it can only be one in which order or ties take part.
    """
    pair, answer = np.nonzero(of.counts)
    better = of.X[pair, answer][:, None] - of.X[pair]  # than the other answers
    D = better.reshape(-1, of.X.shape[2])
    if np.linalg.matrix_rank(D) < D.shape[1]:
        raise NoRanking(
            "an effect of order cannot be told from strengths: let the same systems "
            "be heard in both orders, or leave order out"
        )
    found = linprog(-D.sum(axis=0), A_ub=-D, b_ub=np.zeros(len(D)), bounds=(-1, 1))
    if found.x is None or D.sum(axis=0) @ found.x > 1e-7:
        what = "order or ties" if order else "ties"
        raise NoRanking(
            f"an effect of {what} would be infinite: the answers fit ever better as it "
            "grows; there are too few of them, or all are of one kind"
        )


def _maximise(of: Likelihood) -> tuple[Floats, float, Floats]:
    """Return estimates, log-likelihood and inverse information, by damped Newton."""
    psi: Floats = np.zeros(of.X.shape[2])
    value, gradient, information = of.at(psi)
    for _ in range(100):
        step = np.linalg.solve(information, gradient)
        decrement = float(gradient @ step)
        if decrement < 1e-18:
            return psi, value, np.asarray(np.linalg.inv(information))
        size = 1.0
        while (new := of.at(psi + size * step))[0] < value and size > 1e-3:
            size /= 2
        if new[0] < value and decrement < 1e-9:  # as near as rounding lets it come
            return psi, value, np.asarray(np.linalg.inv(information))
        psi, (value, gradient, information) = psi + size * step, new
    raise RuntimeError("the ranking did not converge: are there very few answers?")
