"""Looking at a study before it is complete, without fooling oneself.

Two ways. *Group-sequential boundaries*: a few looks that were planned, each with a
level of its own for the two-way cluster-robust t (or the mixed model's), such that all
together err with probability alpha. *An e-process on raters*: look whenever one likes.

Boundaries are for Z_1, ..., Z_K with Z_k = W(t_k) / sqrt(t_k), W a Brownian motion and
t_k the share of the planned raters at look k. How much of alpha is used up at t is
fixed beforehand [LD83], for each side with a = alpha / 2:

    O'Brien-Fleming type    2 - 2 Phi(Phi^-1(1 - a / 2) / sqrt(t))
    Pocock type             a log(1 + (e - 1) t)

The probability of staying within the boundaries is found look by look by numerical
integration [AMR69]. A look rejects where the two-sided p of its t is at most the
nominal level 2 - 2 Phi(z_k): levels carry over from the normal distribution to
Student's, constants do not. The statistics of two looks share utterances as well as
raters; that makes them more alike than the Brownian motion has it and the boundaries,
if anything, too wide.

References
----------
[AMR69] Armitage, McPherson, Rowe, "Repeated significance tests on accumulating data",
    Journal of the Royal Statistical Society A 132 (1969).
[JT00] Jennison, Turnbull, "Group Sequential Methods with Applications to Clinical
    Trials" (2000), chapter 2: the largest sample over that of one look.
[LD83] Lan, DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 70
    (1983); the formulas as the manual of `sfLDOF` of the R package gsDesign has them.
[Rob70] Robbins, "Statistical methods related to the law of the iterated logarithm",
    Annals of Mathematical Statistics 41 (1970), for the idea of mixing likelihood
    ratios. That the mixture used here is a martingale of mean 1 follows from the
    beta-binomial distribution and is tested; Ville's inequality does the rest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import betaln, ndtr, ndtri, xlog1py, xlogy

Floats = NDArray[np.float64]
Kind = Literal["obrien-fleming", "pocock"]

NODES = 300  # of each integral; errors are below 1e-9 for up to 50 looks
LARGEST_LOG = 690.0  # of an e-value that can be told: 1e299
FARTHEST = 10.0  # no boundary is looked for beyond: Phi(-10) = 8e-24


@dataclass(frozen=True)
class Boundaries:
    """When to reject at each look. Shape (looks,) each."""

    information: Floats  # share of the planned raters
    z: Floats  # inf: this look cannot reject
    nominal: Floats  # two-sided level of the look
    spent: Floats  # probability of having rejected so far, if nothing is there


def obrien_fleming_spending(t: Floats, alpha: float) -> Floats:
    """Return the two-sided alpha used up at t: hardly any at first."""
    with np.errstate(divide="ignore"):
        far = ndtri(1 - alpha / 4) / np.sqrt(t)
    return np.asarray(4 * ndtr(-far))


def pocock_spending(t: Floats, alpha: float) -> Floats:
    """Return the two-sided alpha used up at t: about as much at every look."""
    return np.asarray(alpha * np.log1p((np.e - 1) * t))


SPENDING: dict[str, Callable[[Floats, float], Floats]] = {
    "obrien-fleming": obrien_fleming_spending,
    "pocock": pocock_spending,
}

# z_k of a classical boundary with constant c, for equal steps of information t
SHAPES: dict[str, Callable[[Floats, float], Floats]] = {
    "obrien-fleming": lambda t, c: c / np.sqrt(t),
    "pocock": lambda t, c: np.full_like(t, c),
}


def boundaries(
    information: ArrayLike, *, kind: Kind = "obrien-fleming", alpha: float = 0.05
) -> Boundaries:
    """Return the boundaries of looks at these shares of the planned raters.

    Looks need not be equally spaced, nor known beforehand: the boundary of a look
    depends on the earlier ones only, so call it with the looks that there were.

    Raises
    ------
    ValueError
        If the shares do not increase within 0 (excluded) and 1 (included).
    """
    t = _shares(information)
    spent = SPENDING[kind](t, alpha)
    z = np.empty_like(t)
    inside = _start()
    for k, now in enumerate(np.diff(spent, prepend=0.0)):
        step = _Step(inside, t[k - 1] if k else 0.0, t[k])
        z[k] = _boundary(step, float(now))
        inside = step.density_within(z[k])
    return Boundaries(t, z, np.asarray(2 * ndtr(-z)), spent)


def constant(looks: int, *, kind: Kind, alpha: float = 0.05) -> float:
    """Return the constant of the classical boundary with equally spaced looks.

    Pocock's boundary is the constant itself, O'Brien and Fleming's is it over sqrt(t).
    """
    t = np.arange(1, looks + 1) / looks

    def excess(c: float) -> float:
        return float(crossing(SHAPES[kind](t, c), t)[-1]) - alpha

    return float(brentq(excess, 0.5, 6.0, xtol=1e-10))


def crossing(z: ArrayLike, information: ArrayLike, *, drift: float = 0.0) -> Floats:
    """Return the probability of having left +-z by each look, shape (looks,).

    `drift` is the mean of Z at full information; the power of a plan is the last entry
    with the drift that its effect has.
    """
    t, bounds = _shares(information), np.asarray(z, dtype=np.float64)
    left, total = np.empty_like(t), 0.0
    inside = _start()
    for k, bound in enumerate(bounds):
        before = t[k - 1] if k else 0.0
        step = _Step(inside, before, t[k], drift * (t[k] - before))
        total += step.beyond(bound)
        left[k] = total
        inside = step.density_within(bound)
    return left


def inflation(plan: Boundaries, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return how much more information looks take at most than one look, as a factor.

    It is what both need for the same power, looks at the planned shares [JT00].
    """
    one = _drift([float(ndtri(1 - alpha / 2))], [1.0], power)
    return float((_drift(plan.z, plan.information, power) / one) ** 2)


def _drift(z: ArrayLike, information: ArrayLike, power: float) -> float:
    """Return the mean of Z at full information with which the power is reached."""

    def lacking(drift: float) -> float:
        return float(crossing(z, information, drift=drift)[-1]) - power

    return float(brentq(lacking, 0.0, 2 * FARTHEST, xtol=1e-10))


def first_rejection(p_values: Sequence[float], plan: Boundaries) -> int | None:
    """Return the first look (from 0) whose two-sided p is within its level, or None."""
    for k, (p, level) in enumerate(zip(p_values, plan.nominal, strict=False)):
        if p <= level:
            return k
    return None


@dataclass(frozen=True)
class Evidence:
    """The e-process after every rater. Shape (raters,) each."""

    e_value: Floats  # expected to be at most 1, whenever one stops, if nothing is there
    p: Floats  # valid at any time: 1 / (largest e-value so far)

    def rejected(self, alpha: float = 0.05) -> int | None:
        """Return after which rater (from 0) 1 / alpha was first reached, or None."""
        reached = np.flatnonzero(self.p <= alpha)
        return int(reached[0]) if len(reached) else None


def rater_majorities(preferred: ArrayLike, rater: ArrayLike) -> Floats:
    """Return what the majority of each rater's answers was: 1, -1, or 0 for a tie.

    `preferred` (1, 0, or 1/2 for no preference) and `rater` (integers in the order of
    arrival, which is the order of the result): shape (trials,).
    """
    codes = np.unique(np.asarray(rater), return_inverse=True)[1]
    lean = np.bincount(codes, weights=np.asarray(preferred, dtype=np.float64) - 0.5)
    return np.asarray(np.sign(np.round(lean, 9)))


def rater_evidence(
    majorities: ArrayLike, *, share: float = 0.5, prior: float = 1.0
) -> Evidence:
    """Return the evidence against "of the raters with a majority, `share` are for it".

    A mixture of likelihood ratios over Beta(prior, prior) [Rob70]: with n raters of
    whom s are for it,

        e = B(prior + s, prior + n - s) / B(prior, prior) / share^s / (1 - share)^(n-s)

    is a martingale if raters come independently from a population with that share, so
    by Ville's inequality it ever reaches 1 / alpha with probability at most alpha:
    look after every rater and stop at will. Ties say nothing and are left out. Raters
    are independent given the utterances: what is claimed is about these utterances.
    """
    sign = np.sign(np.asarray(majorities, dtype=np.float64))
    n, s = np.cumsum(sign != 0), np.cumsum(sign > 0)
    mixture = betaln(prior + s, prior + n - s) - betaln(prior, prior)
    log_e = np.asarray(mixture - xlogy(s, share) - xlog1py(n - s, -share))
    best = np.maximum.accumulate(np.maximum(log_e, 0.0))
    return Evidence(np.exp(np.minimum(log_e, LARGEST_LOG)), np.exp(-best))


@dataclass(frozen=True)
class _Density:
    """Of W(t) among those that have not left yet, on nodes."""

    at: Floats  # (nodes,)
    mass: Floats  # (nodes,): density times weight


@dataclass(frozen=True)
class _Step:
    """From one look to the next."""

    inside: _Density
    before: float
    now: float
    drift: float = 0.0

    @property
    def _sd(self) -> float:
        return float(np.sqrt(self.now - self.before))

    def beyond(self, z: float) -> float:
        """Return the probability of being outside +-z now and never before."""
        edge = z * np.sqrt(self.now)
        mean = self.inside.at + self.drift
        above = ndtr((mean - edge) / self._sd)
        below = ndtr((-edge - mean) / self._sd)
        return float(self.inside.mass @ (above + below))

    def density_within(self, z: float) -> _Density:
        edge = min(z, FARTHEST) * np.sqrt(self.now)
        x, w = np.polynomial.legendre.leggauss(NODES)
        at = edge * x
        gap = (at[:, None] - self.inside.at - self.drift) / self._sd
        kernel = np.exp(-(gap**2) / 2) / (self._sd * np.sqrt(2 * np.pi))
        return _Density(at, edge * w * (kernel @ self.inside.mass))


def _start() -> _Density:
    return _Density(np.zeros(1), np.ones(1))


def _boundary(step: _Step, now: float) -> float:
    """Return the z that leaves `now` outside; inf if that is beyond reckoning."""
    if step.beyond(FARTHEST) >= now:
        return float(np.inf)

    def excess(z: float) -> float:
        return float(np.log(max(step.beyond(z), 1e-300)) - np.log(now))

    return float(brentq(excess, 0.0, FARTHEST, xtol=1e-11))


def _shares(information: ArrayLike) -> Floats:
    t = np.asarray(information, dtype=np.float64)
    if t.ndim != 1 or not len(t) or t[0] <= 0 or t[-1] > 1 or np.any(np.diff(t) <= 0):
        raise ValueError("shares of the raters must increase within 0 and 1")
    return t
