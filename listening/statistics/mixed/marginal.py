"""What a fit says about preference: of the population, of the typical rater, of raters.

The logit of a row x of fixed effects is eta = x beta for the typical rater and
utterance. Over the population of raters and utterances the preference is

    P = E expit(eta + tau Z),   Z standard normal,   tau^2 = sum z' Lambda Lambda' z

over the factors, z = 1 or (1, covariate). These are two questions with two answers (see
[GLMMadaptive] on marginal coefficients): P is what share of all trials would prefer,
expit(eta) what the rater in the middle would do. Standard errors are by the delta
method on the logit of P, jointly over Lambda and the coefficients, with

    dP/deta = E f,    dP/d(tau^2) = E f' / 2,    f the logistic density,

which stay finite where a variance is zero. Intervals and p-values are from Student's t
on (smallest number of levels) - 1 degrees of freedom.

References
----------
[GLMMadaptive] D. Rizopoulos, R package GLMMadaptive, manual of `marginal_coefs`, which
    follows Hedeker et al. (2017) and integrates by Monte Carlo; here by quadrature.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, ndtr, stdtr, stdtrit

from .design import Floats
from .result import MixedFit, RandomEffect

NODES = 100  # exact to 1e-9 for tau up to 3, to 1e-6 up to 5


@dataclass(frozen=True)
class Preference:
    """Preferences at some rows of fixed effects. Shape (rows,) but for `vcov`."""

    estimate: Floats  # probability
    ci_low: Floats
    ci_high: Floats
    p: Floats  # two-sided, of 0.5
    logit: Floats
    se: Floats  # of the logit
    vcov: Floats  # (rows, rows), of the logits
    df: float
    level: float

    @property
    def t(self) -> Floats:
        """Logit in standard errors; 0 where a row is 0 and so has none."""
        zero = np.zeros_like(self.logit)
        return np.divide(self.logit, self.se, out=zero, where=self.se > 0)


@dataclass(frozen=True)
class Contrast:
    """Weighted sums of preferences. Shape (contrasts,)."""

    estimate: Floats
    se: Floats
    ci_low: Floats
    ci_high: Floats
    p: Floats  # two-sided, of 0
    df: float
    level: float


@dataclass(frozen=True)
class Share:
    """Predicted share of raters who prefer. Shape (rows,)."""

    estimate: Floats
    ci_low: Floats
    ci_high: Floats


def preference(
    fit: MixedFit,
    rows: ArrayLike,
    *,
    slope_at: ArrayLike | None = None,
    population: bool = True,
    above: int | None = None,
    level: float = 0.95,
    df: float | None = None,
) -> Preference:
    """Return the preference at rows of the fixed effects, with intervals.

    Parameters
    ----------
    rows
        Shape (rows, terms), columns as in `fit.terms`.
    slope_at
        The slope's covariate at each row, shape (rows,); needed if the fit has a slope.
    population
        True: averaged over raters and utterances. False: of the typical ones.
    above
        For graded answers: the probability of an answer above this threshold, 0 ...
    df
        Degrees of freedom instead of the smallest number of levels less 1.
    """
    X, at = _rows(fit, rows), _slope_at(fit, rows, slope_at)
    coefficients = _coefficients(fit, X, above)
    eta = coefficients @ fit.psi[len(fit.theta) :]
    J_tau, tau_squared = _variance_gradient(fit, list(fit.random.values()), at)
    if not population:
        J_tau, tau_squared = 0 * J_tau, 0 * tau_squared
    P, Q, by_eta, by_variance = _average(eta, np.sqrt(tau_squared))
    J = np.hstack([by_variance[:, None] * J_tau, by_eta[:, None] * coefficients])
    J /= (P * Q)[:, None]
    vcov = J @ fit.covariance @ J.T
    logit = np.log(P) - np.log(Q)
    df = degrees_of_freedom(fit) if df is None else df
    se = np.sqrt(np.diagonal(vcov))
    low, high, p = _student(logit, se, df, level)
    return Preference(P, expit(low), expit(high), p, logit, se, vcov, df, level)


def contrast(
    of: Preference,
    weights: ArrayLike,
    *,
    scale: Literal["logit", "probability"] = "probability",
) -> Contrast:
    """Return weighted sums of preferences, with their joint uncertainty.

    `weights` of shape (contrasts, rows): (1, -1) compares rows, (1/m, ...) averages.
    """
    L = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    if L.shape[1] != len(of.estimate):
        raise ValueError(f"there are {len(of.estimate)} rows but {L.shape[1]} weights")
    value = of.logit if scale == "logit" else of.estimate
    D = L if scale == "logit" else L * (of.estimate * (1 - of.estimate))
    estimate = L @ value
    se = np.sqrt(np.einsum("ij,ij->i", D @ of.vcov, D))
    low, high, p = _student(estimate, se, of.df, of.level)
    return Contrast(estimate, se, low, high, p, of.df, of.level)


def share_of_raters(
    fit: MixedFit,
    rows: ArrayLike,
    *,
    rater: str = "rater",
    slope_at: ArrayLike | None = None,
    level: float = 0.95,
) -> Share:
    """Return the share of raters whose own preference, over utterances, is above 0.5.

    A rater with effect b is above 0.5 where eta + b > 0, so the share is Phi(eta / tau)
    with tau the raters' standard deviation. The interval is by the delta method on
    eta / tau. Raters who do not differ (tau = 0) all agree: the share is 0 or 1, and
    the interval is all that is possible.
    """
    X, at = _rows(fit, rows), _slope_at(fit, rows, slope_at)
    eta = X @ fit.beta
    J_tau, tau_squared = _variance_gradient(fit, [fit.random[rater]], at)
    tau = np.sqrt(np.maximum(tau_squared, 1e-12))
    ratio = eta / tau
    J = np.zeros((len(X), len(fit.psi)))
    J[:, : J_tau.shape[1]] = -(ratio / (2 * tau**2))[:, None] * J_tau
    J[:, len(fit.psi) - len(fit.beta) :] = X / tau[:, None]
    se = np.sqrt(np.einsum("ij,jk,ik->i", J, fit.covariance, J))
    half = stdtrit(degrees_of_freedom(fit), (1 + level) / 2) * se
    same = tau_squared < 1e-6
    low = np.where(same, 0.0, ndtr(ratio - half))
    high = np.where(same, 1.0, ndtr(ratio + half))
    return Share(ndtr(ratio), low, high)


def degrees_of_freedom(fit: MixedFit) -> float:
    """Return the smallest number of levels of a factor, less 1."""
    return float(min(effect.levels for effect in fit.random.values()) - 1)


def _rows(fit: MixedFit, rows: ArrayLike) -> Floats:
    X = np.atleast_2d(np.asarray(rows, dtype=np.float64))
    if X.shape[1] != len(fit.terms):
        raise ValueError(f"rows need {len(fit.terms)} columns: {', '.join(fit.terms)}")
    return X


def _slope_at(fit: MixedFit, rows: ArrayLike, slope_at: ArrayLike | None) -> Floats:
    m = len(np.atleast_2d(np.asarray(rows)))
    if slope_at is not None:
        return np.broadcast_to(np.asarray(slope_at, dtype=np.float64), (m,))
    if any(len(effect.Lambda) > 1 for effect in fit.random.values()):
        raise ValueError(
            "the fit has a slope: say its covariate at each row (slope_at)"
        )
    return np.zeros(m)


def _coefficients(fit: MixedFit, X: Floats, above: int | None) -> Floats:
    """Return the rows over (thresholds, beta)."""
    a = len(fit.thresholds)
    if a == 0:
        return X
    if above is None or not 0 <= above < a:
        raise ValueError(f"graded answers: say above which threshold, 0 to {a - 1}")
    thresholds = np.zeros((len(X), a))
    thresholds[:, above] = -1
    return np.hstack([thresholds, X])


def _variance_gradient(
    fit: MixedFit, effects: list[RandomEffect], at: Floats
) -> tuple[Floats, Floats]:
    """Return d tau^2 / d theta, shape (rows, theta), and tau^2, shape (rows,)."""
    J = np.zeros((len(at), len(fit.theta)))
    total = np.zeros(len(at))
    for effect in effects:
        z = np.stack([np.ones(len(at)), at])[: len(effect.Lambda)]
        loaded = effect.Lambda.T @ z
        total += (loaded**2).sum(axis=0)
        for i, (row, column) in enumerate(effect.free, effect.theta.start):
            J[:, i] = 2 * z[row] * loaded[column]
    return J, total


def _average(eta: Floats, tau: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return P, 1 - P, dP/deta and dP/d(tau^2), each of shape (rows,)."""
    x, w = _rule()
    logits = eta[:, None] + tau[:, None] * x
    F, rest = expit(logits), expit(-logits)  # both: 1 - F would lose small digits
    f = F * rest
    return F @ w, rest @ w, f @ w, (f * (rest - F)) @ w / 2


@lru_cache(maxsize=1)
def _rule() -> tuple[Floats, Floats]:
    x, w = np.polynomial.hermite_e.hermegauss(NODES)
    return x, w / w.sum()


def _student(
    value: Floats, se: Floats, df: float, level: float
) -> tuple[Floats, Floats, Floats]:
    if not 0 < level < 1 or df <= 0:
        raise ValueError("level must be within 0 and 1, df positive")
    half = stdtrit(df, (1 + level) / 2) * se
    t = np.divide(np.abs(value), se, out=np.zeros_like(value), where=se > 0)
    return value - half, value + half, np.asarray(2 * stdtr(df, -t))
