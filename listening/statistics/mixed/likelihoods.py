"""What an answer says about eta: value, slope, curvature of its log-likelihood.

A likelihood is log-concave in eta, so that there is one conditional mode. At each row,
with l the log-likelihood of the answer,

    score  = dl/deta,     weight = -d2l/deta2 >= 0,     slope = dweight/deta,

and the same for the thresholds alpha where there are any. `eta` may have any shape
(..., n): quadrature and importance sampling ask for many eta at once.

References
----------
[ordinal] R. H. B. Christensen, R package ordinal, manual of `clmm`: the cumulative
    link mixed model, logit(P(Y <= j)) = alpha_j - eta, with flexible thresholds.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .design import Floats, Ints


class Rows(Protocol):
    """Derivatives at one eta, row by row."""

    @property
    def score(self) -> Floats: ...
    @property
    def weight(self) -> Floats: ...
    def log_likelihood(self) -> Floats: ...
    def slope(self) -> Floats: ...
    def thresholds(self, value: Floats, score: Floats, weight: Floats) -> Floats:
        """Return d/dalpha of sum(value * l + score * dl/deta + weight * weight)."""

    def threshold_scores(self) -> Floats:
        """Return d score / dalpha, shape (n, thresholds)."""

    def threshold_information(self) -> Floats:
        """Return -d2 sum(l) / dalpha dalpha', shape (thresholds, thresholds)."""


class Likelihood(Protocol):
    """The answers, and how probable each is."""

    @property
    def thresholds(self) -> int: ...
    def sorted(self, order: Ints) -> "Likelihood": ...
    def rows(self, eta: Floats, alpha: Floats) -> Rows: ...
    def null_thresholds(self) -> Floats: ...


@dataclass(frozen=True)
class Bernoulli:
    """Answers 0 or 1: logit(P(Y = 1)) = eta."""

    y: Floats  # (n,)
    thresholds: int = 0

    def sorted(self, order: Ints) -> "Bernoulli":
        return Bernoulli(self.y[order])

    def null_thresholds(self) -> Floats:
        return np.empty(0)

    def rows(self, eta: Floats, alpha: Floats) -> "BernoulliRows":
        return BernoulliRows.at(self.y, eta)


@dataclass(frozen=True)
class BernoulliRows:
    y: Floats
    eta: Floats
    tail: Floats  # exp(-|eta|): never overflows, and keeps small probabilities exact
    score: Floats
    weight: Floats

    @classmethod
    def at(cls, y: Floats, eta: Floats) -> "BernoulliRows":
        tail = np.exp(-np.abs(eta))
        larger = 1 / (1 + tail)
        smaller = tail * larger
        score = y - np.where(eta >= 0, larger, smaller)
        return cls(y, eta, tail, score, larger * smaller)

    def log_likelihood(self) -> Floats:
        return self.y * self.eta - np.maximum(self.eta, 0) - np.log1p(self.tail)

    def slope(self) -> Floats:
        """weight (1 - 2 mu), with mu = y - score."""
        return self.weight * (1 - 2 * (self.y - self.score))

    def thresholds(self, value: Floats, score: Floats, weight: Floats) -> Floats:
        return np.empty(0)

    def threshold_scores(self) -> Floats:
        return np.empty((len(self.y), 0))

    def threshold_information(self) -> Floats:
        return np.empty((0, 0))


@dataclass(frozen=True)
class CumulativeLogit:
    """Answers 0 .. K - 1 in order: logit(P(Y <= j)) = alpha_j - eta.

    With a and b the thresholds above and below the answer, less eta,
    P = F(a) - F(b) = F(a) (1 - F(b)) (1 - exp(b - a)): no cancellation, and
    dl/deta = F(a) + F(b) - 1, weight = f(a) + f(b).
    """

    y: Ints  # (n,)
    categories: int

    @property
    def thresholds(self) -> int:
        return self.categories - 1

    def sorted(self, order: Ints) -> "CumulativeLogit":
        return CumulativeLogit(self.y[order], self.categories)

    def null_thresholds(self) -> Floats:
        """Return the logits of the observed cumulative shares."""
        count = np.bincount(self.y, minlength=self.categories) + 0.5
        share = np.cumsum(count)[:-1] / count.sum()
        return np.asarray(np.log(share / (1 - share)))

    def rows(self, eta: Floats, alpha: Floats) -> "CumulativeRows":
        return CumulativeRows.at(self.y, eta, alpha)


@dataclass(frozen=True)
class _Logistic:
    """F, f and log F of a logistic variable, safe for any x including infinity."""

    x: Floats
    tail: Floats
    F: Floats
    f: Floats

    @classmethod
    def at(cls, x: Floats) -> "_Logistic":
        tail = np.exp(-np.abs(x))
        larger = 1 / (1 + tail)
        smaller = tail * larger
        return cls(x, tail, np.where(x >= 0, larger, smaller), larger * smaller)

    @property
    def curvature(self) -> Floats:
        return self.f * (1 - 2 * self.F)

    def log(self, sign: int) -> Floats:
        """Return log F(x) for sign 1, log(1 - F(x)) for sign -1."""
        return np.minimum(sign * self.x, 0) - np.log1p(self.tail)


@dataclass(frozen=True)
class CumulativeRows:
    y: Ints
    width: Floats  # (K,): distance between the thresholds around each category
    above: _Logistic
    below: _Logistic
    score: Floats
    weight: Floats

    @classmethod
    def at(cls, y: Ints, eta: Floats, alpha: Floats) -> "CumulativeRows":
        upper, lower = np.append(alpha, np.inf), np.append(-np.inf, alpha)
        a, b = _Logistic.at(upper[y] - eta), _Logistic.at(lower[y] - eta)
        return cls(y, upper - lower, a, b, a.F + b.F - 1, a.f + b.f)

    def log_likelihood(self) -> Floats:
        within = np.log(-np.expm1(-self.width))
        return within[self.y] + self.above.log(1) + self.below.log(-1)

    def slope(self) -> Floats:
        return -self.above.curvature - self.below.curvature

    def thresholds(self, value: Floats, score: Floats, weight: Floats) -> Floats:
        a, b = self.above, self.below
        pull = self._pull[self.y]
        up = value * (1 - a.F + pull) + score * a.f + weight * a.curvature
        down = value * (-b.F - pull) + score * b.f + weight * b.curvature
        upper, lower = self._by_category(up), self._by_category(down)
        return upper[:-1] + lower[1:]

    def threshold_scores(self) -> Floats:
        category = np.eye(len(self.width))[self.y]
        return category[:, :-1] * self.above.f[:, None] + (
            category[:, 1:] * self.below.f[:, None]
        )

    def threshold_information(self) -> Floats:
        stiff = np.bincount(self.y, minlength=len(self.width)) * (
            self._pull * (1 + self._pull)
        )
        own = self._by_category(self.above.f) + stiff
        lower = self._by_category(self.below.f) + stiff
        between = np.diag(stiff[1:-1], 1)
        return np.diag(own[:-1] + lower[1:]) - between - between.T

    @property
    def _pull(self) -> Floats:
        return np.asarray(np.exp(-self.width) / -np.expm1(-self.width))

    def _by_category(self, rows: Floats) -> Floats:
        total = rows if rows.ndim == 1 else rows.reshape(-1, rows.shape[-1]).sum(axis=0)
        return np.bincount(self.y, total, len(self.width)).astype(np.float64)
