"""From the Laplace approximation to exact maximum likelihood, by importance sampling.

With draws u_s from a density q around the conditional mode,

    log L(psi) ~ log mean_s p(y, u_s | psi) / q(u_s),

and with w_s the shares of the terms, its gradient is the weighted mean of the scores of
the complete data, g = sum_s w_s d log p(y | u_s, psi) / dpsi. The estimate solves g = 0
by steps V g, V the covariance by Laplace; the curvature is by differences of g. q
follows psi while the random numbers z in it stay the same: were the draws themselves
kept, the simulated likelihood could be driven up by moving to where a single draw has
all the weight, and its curvature would be several times noisier.

q: u = u~ + R z with R R' = inv(H) and z independent Student t. The tails keep the
weights bounded; with m effects the degrees of freedom are sqrt(20 m), so that what the
tails cost in efficiency does not grow with m. Draws come in pairs z, -z.

References
----------
[Booth] J. G. Booth, J. P. Hobert, "Maximizing generalized linear mixed model
    likelihoods with an automated Monte Carlo EM algorithm": draws by a multivariate t
    approximation, and the Monte-Carlo error by a sandwich estimate.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from .algebra import root_times, sums, times
from .design import Floats
from .laplace import Evaluation, add_penalty, mode_at
from .pirls import Mode, Warm
from .problem import Problem
from .result import ConvergenceError

LIMIT = 50  # steps
DONE = 1e-4  # last step, in standard errors
LEAST = 0.1  # share of effective draws below which the result is doubtful


@dataclass(frozen=True)
class Draws:
    """Draws of u, fixed while psi moves."""

    u: Floats  # (draws, effects)
    log_q: Floats  # (draws,): log density, less that of N(0, I)'s constant


@dataclass(frozen=True)
class Weighed:
    """The complete-data scores at one psi."""

    log_mean: float
    share: Floats  # (draws,), sums to 1
    scores: Floats  # (draws, parameters)


def draw_at(problem: Problem, mode: Mode, z: Floats) -> Draws:
    """Place the draws around the mode, in pairs; z of shape (pairs, effects)."""
    df = degrees_of_freedom(problem)
    u = np.array([root_times(problem.design, mode.h, row) for row in z])
    constant = gammaln((df + 1) / 2) - gammaln(df / 2) - np.log(df / 2) / 2
    log_q = z.shape[1] * constant - (df + 1) / 2 * np.log1p(z**2 / df).sum(axis=1)
    log_q += mode.h.log_determinant / 2
    return Draws(np.concatenate([mode.u + u, mode.u - u]), np.tile(log_q, 2))


def degrees_of_freedom(problem: Problem) -> float:
    """Return those of the Student t that z is drawn from."""
    return max(10.0, float(np.sqrt(20.0 * problem.design.effects)))


def weigh(problem: Problem, psi: Floats, draws: Draws) -> Weighed:
    """Compute the weights of the draws and the scores at each."""
    point = problem.point(psi)
    fixed = problem.design.X.times(point.beta)
    log_p = np.empty(len(draws.u))
    scores = np.empty((len(draws.u), len(psi)))
    one, none = np.ones(1), np.zeros(1)
    for s, u in enumerate(draws.u):
        eta = fixed + times(problem.design, point.lambdas, u)
        rows = problem.likelihood.rows(eta, point.alpha)
        log_p[s] = rows.log_likelihood().sum() - u @ u / 2
        parts = zip(
            problem.design.blocks, sums(problem.design, rows.score), strict=True
        )
        lambdas = [z @ u[b.spherical].reshape(b.columns, b.levels).T for b, z in parts]
        alpha = rows.thresholds(one, none, none)
        theta = problem.design.gather(lambdas)
        beta = problem.design.X.transposed_times(rows.score)
        scores[s] = np.concatenate([theta, alpha, beta])
    log_w = log_p - draws.log_q
    top = log_w.max()
    w = np.exp(log_w - top)
    return Weighed(float(top + np.log(w.mean())), w / w.sum(), scores)


def simulated(
    problem: Problem,
    z: Floats,
    psi: Floats,
    warm: Warm | None,
    *,
    tolerance: float = 1e-9,
) -> Evaluation:
    """Evaluate -log L by draws z around the mode for psi, and -g."""
    mode = mode_at(problem, psi, warm, tolerance=tolerance)
    if mode is None:
        return Evaluation(np.inf, np.zeros(len(psi)))
    at = weigh(problem, psi, draw_at(problem, mode, z))
    found = Evaluation(-at.log_mean, -at.share @ at.scores, mode)
    return add_penalty(problem, psi, found)


@dataclass(frozen=True)
class Refined:
    """The solution of the simulated likelihood equations."""

    psi: Floats
    at: Evaluation
    z: Floats  # (pairs, effects)
    evaluations: int


def refine(
    problem: Problem, psi: Floats, V: Floats, *, draws: int, rng: np.random.Generator
) -> Refined:
    """Solve g = 0 from the Laplace estimate psi, of covariance V, on.

    psi <- psi + V g until that moves nothing; no step is longer than a standard error;
    V learns from the change of g by Broyden's update. Raises ConvergenceError if it
    does not settle.
    """
    effects = problem.design.effects
    df = degrees_of_freedom(problem)
    z = rng.standard_t(df, size=((draws + 1) // 2, effects))
    se = np.sqrt(np.diagonal(V))
    at = simulated(problem, z, psi, None)
    for evaluations in range(1, LIMIT + 1):
        step = -V @ at.gradient
        size = float((np.abs(step) / se).max())
        if not np.isfinite(size) or np.isinf(at.value):
            break
        if size < DONE:
            return Refined(psi, at, z, evaluations)
        step = step / max(1.0, size)
        new = simulated(problem, z, psi + step, at.warm)
        change = V @ (new.gradient - at.gradient)
        if abs(step @ change) > 1e-3 * (step @ step):
            V = V + np.outer(step - change, step @ V) / (step @ change)
        psi, at = psi + step, new
    raise ConvergenceError("importance sampling did not settle: use more draws")


def precision(
    problem: Problem, found: Refined, vcov: Floats
) -> tuple[float, float, Floats]:
    """Return share of effective draws, error of log L, error of psi (sandwich)."""
    assert found.at.mode is not None
    at = weigh(problem, found.psi, draw_at(problem, found.at.mode, found.z))
    n = len(at.share)
    effective = 1 / (at.share**2).sum() / n
    pairs = at.share.reshape(2, -1).sum(axis=0)
    log_error = np.sqrt(((pairs - 1 / len(pairs)) ** 2).sum())
    weighted = (
        (at.share[:, None] * at.scores).reshape(2, -1, len(found.psi)).sum(axis=0)
    )
    weighted = weighted - weighted.mean(axis=0)
    spread = vcov @ (weighted.T @ weighted) @ vcov
    return float(effective), float(log_error), np.sqrt(np.diagonal(spread))
