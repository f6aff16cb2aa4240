"""Fit crossed mixed models for preferences: binary and graded answers.

    fit = fit_binary(preferred, X, [Factor("rater", r), Factor("utterance", u)])

The estimate maximises the Laplace approximation jointly over variance parameters and
fixed effects. That is what lme4 does with nAGQ = 1 and glmmTMB always; optimising beta
within the penalised least squares (nAGQ = 0) is off by up to 1.5 standard errors.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from .bfgs import Objective, Optimum, curvature, minimise
from .check import check_binary, check_factors, check_matrix, check_ordered, check_rank
from .design import Factor, FixedEffects, Floats, build_design
from .hessian import laplace_hessian
from .importance import LEAST, precision, refine, simulated
from .laplace import Evaluation, laplace
from .likelihoods import Bernoulli, CumulativeLogit
from .problem import PENALTY, Problem
from .quadrature import quadrature
from .report import describe, doubts, invert_hessian
from .result import ConvergenceError, MixedFit, Start
from .start import given_point, inverse_hessian, starting_point

Penalty = Literal["auto", "never", "always"]
Curvature = Callable[[Floats, Evaluation, Floats], Floats]  # psi, f there, rough SEs

NEAR = 1e-8  # decrement at which the quasi-Newton search hands over to Newton
DONE = 1e-6  # decrement of a Newton step after which the curvature is kept
TIGHT = 1e-13  # decrement in u while gradients are differenced
STEP = 0.01  # of differences, in standard errors
KICK = 0.3  # off a saddle, in standard errors


@dataclass(frozen=True)
class Options:
    """How to fit, see `fit_binary`."""

    nodes: int = 1
    draws: int = 0
    rng: np.random.Generator | None = None
    penalty: Penalty = "auto"
    standard_errors: bool = True
    start: Start | None = None

    @property
    def method(self) -> str:
        if self.draws:
            return f"importance sampling, {self.draws} draws"
        return (
            f"adaptive quadrature, {self.nodes} nodes" if self.nodes > 1 else "Laplace"
        )


DEFAULT = Options()


@dataclass(frozen=True)
class Estimate:
    """Where the objective is least, and its curvature there."""

    psi: Floats
    at: Evaluation
    hessian: Floats | None
    evaluations: int
    converged: bool
    notes: tuple[str, ...] = ()


def fit_binary(
    y: ArrayLike,
    X: ArrayLike | FixedEffects,
    factors: Sequence[Factor],
    *,
    terms: Sequence[str] | None = None,
    nodes: int = 1,
    draws: int = 0,
    rng: np.random.Generator | None = None,
    penalty: Penalty = "auto",
    standard_errors: bool = True,
    start: Start | None = None,
) -> MixedFit:
    """Fit logit P(y = 1) = X beta + random effects.

    Parameters
    ----------
    y, X
        Answers 0 or 1, shape (trials,); fixed effects, shape (trials, columns), or
        their distinct rows.
    factors
        One or more crossed factors; each with an intercept, and a slope if asked.
    nodes
        1: Laplace. More: adaptive Gauss-Hermite quadrature with that many nodes, for
        one factor without slope.
    draws, rng
        More than 0 draws: go on from Laplace to exact maximum likelihood by importance
        sampling with the given generator, for any factors. Seconds, not milliseconds.
    penalty
        "auto": maximum likelihood, and weak penalties (see `Problem.penalised`) only
        where that runs away, as under separation; the result then says so.
    standard_errors
        False: leave them out, twice as fast.
    start
        Where to begin, for data like others; a later start with a penalty ignores it.

    Raises ValueError for data that cannot be fitted and ConvergenceError if no estimate
    was found.
    """
    problem, names = binary_problem(y, X, factors, terms)
    return fit_problem(
        problem, names, Options(nodes, draws, rng, penalty, standard_errors, start)
    )


def fit_ordinal(
    y: ArrayLike,
    X: ArrayLike | FixedEffects,
    factors: Sequence[Factor],
    *,
    terms: Sequence[str] | None = None,
    nodes: int = 1,
    draws: int = 0,
    rng: np.random.Generator | None = None,
    penalty: Penalty = "auto",
    standard_errors: bool = True,
) -> MixedFit:
    """Fit logit P(y <= j) = threshold_j - (X beta + random effects).

    `y` are numbers whose order counts; values that nobody used have no threshold. `X`
    has no constant column: the thresholds are that. The rest as in `fit_binary`.
    """
    problem, names = ordinal_problem(y, X, factors, terms)
    return fit_problem(
        problem, names, Options(nodes, draws, rng, penalty, standard_errors)
    )


def binary_problem(
    y: ArrayLike,
    X: ArrayLike | FixedEffects,
    factors: Sequence[Factor],
    terms: Sequence[str] | None = None,
) -> tuple[Problem, tuple[str, ...]]:
    """Check the data of `fit_binary`; return the problem and the names of terms."""
    matrix, names = check_matrix(X, terms)
    answers = check_binary(y, matrix.shape[0])
    check_factors(factors, matrix.shape[0])
    check_rank(matrix, names, beside_constant=False)
    design = build_design(matrix, factors)
    return Problem(design, Bernoulli(answers).sorted(design.order)), tuple(names)


def ordinal_problem(
    y: ArrayLike,
    X: ArrayLike | FixedEffects,
    factors: Sequence[Factor],
    terms: Sequence[str] | None = None,
) -> tuple[Problem, tuple[str, ...]]:
    """Check the data of `fit_ordinal`; return the problem and the names of terms."""
    matrix, names = check_matrix(X, terms)
    ranks, values = check_ordered(y, matrix.shape[0])
    check_factors(factors, matrix.shape[0])
    check_rank(matrix, names, beside_constant=True)
    design = build_design(matrix, factors)
    likelihood = CumulativeLogit(ranks, len(values)).sorted(design.order)
    return Problem(design, likelihood), tuple(names)


def fit_problem(
    problem: Problem, terms: Sequence[str], options: Options = DEFAULT
) -> MixedFit:
    """Maximise, judge, and if need be maximise again with a penalty."""
    _check_options(problem, options)
    reasons: list[str] = []
    if options.penalty != "always":
        found = _estimate(problem, options)
        reasons = doubts(problem, found.psi, found.hessian, found.converged)
        if reasons and found.hessian is None:
            found = _estimate(problem, replace(options, standard_errors=True))
            reasons = doubts(problem, found.psi, found.hessian, found.converged)
        if found.converged and (not reasons or options.penalty == "never"):
            return _result(problem, terms, found, options, reasons)
        if options.penalty == "never":
            raise ConvergenceError("; ".join(reasons))
    problem = problem.penalised()
    found = _estimate(problem, options)
    if not found.converged:
        raise ConvergenceError("; ".join([*reasons, "nor with a penalty"]))
    why = "; ".join(reasons) or "asked for"
    told = f"penalised estimate ({why}): {PENALTY}"
    return _result(problem, terms, found, options, [told])


def _check_options(problem: Problem, options: Options) -> None:
    design = problem.design
    if options.nodes > 1 and (design.dense or design.blocks[0].columns > 1):
        raise ValueError("quadrature needs a single factor without slope")
    if options.nodes < 1 or options.draws < 0:
        raise ValueError("nodes must be 1 or more, draws 0 or more")
    if options.draws and options.rng is None:
        raise ValueError("importance sampling needs a generator (rng)")
    if options.draws and options.nodes > 1:
        raise ValueError("choose between quadrature and importance sampling")


def _estimate(problem: Problem, options: Options) -> Estimate:
    """Minimise the objective.

    1. Start from a regression without random effects and moments, or as given.
    2. Quasi-Newton search.
    3. Curvature, and the Newton step that it gives; again if that step was not tiny.
    4. If asked: on to the exact likelihood.
    """
    nodes = options.nodes
    approximate = laplace if nodes == 1 else partial(quadrature, nodes=nodes)
    search: Objective = partial(approximate, problem)
    psi, at, B = _begin(problem, search, options.start)  # 1
    optimum = minimise(search, psi, at, B, tolerance=NEAR)  # 2
    if not (options.standard_errors or options.draws):
        return Estimate(
            optimum.psi, optimum.at, None, optimum.evaluations + 1, optimum.converged
        )
    tight: Objective = partial(approximate, problem, tolerance=TIGHT)
    curved: Curvature = partial(laplace_hessian, problem)
    if nodes > 1:
        curved = partial(_differenced, tight)
    found = _polish(tight, curved, optimum)  # 3
    if not options.draws:
        return found
    sound = found.converged and not doubts(problem, found.psi, found.hessian, True)
    if sound or problem.penalty is not None:
        return _refine(problem, found, options)  # 4
    return found


def _begin(
    problem: Problem, search: Objective, start: Start | None
) -> tuple[Floats, Evaluation, Floats]:
    if start is None or problem.penalty is not None:
        psi, B = starting_point(problem), None
    else:
        psi, B = given_point(problem, start)
    at = search(psi, None)
    if np.isinf(at.value):
        psi, B = starting_point(problem), None
        at = search(psi, None)
    return psi, at, inverse_hessian(problem, psi, at) if B is None else B


def _refine(problem: Problem, found: Estimate, options: Options) -> Estimate:
    assert found.hessian is not None
    assert options.rng is not None
    thetas = problem.design.thetas
    V = invert_hessian(found.hessian, thetas)
    exact = refine(problem, found.psi, V, draws=options.draws, rng=options.rng)
    steps = STEP * np.sqrt(np.diagonal(V))
    f: Objective = partial(simulated, problem, exact.z, tolerance=TIGHT)
    hessian = curvature(f, exact.psi, exact.at, steps)
    V = invert_hessian(hessian, thetas)
    effective, log_error, error = precision(problem, exact, V)
    worst = float((error / np.sqrt(np.diagonal(V))).max())
    note = (
        f"importance sampling: {effective:.0%} of the draws effective, Monte-Carlo "
        f"error of the log-likelihood {log_error:.2g}, of estimates up to {worst:.2g} "
        "standard errors"
    )
    if effective < LEAST:
        note += "; too few for this model: use more draws, or Laplace"
    evaluations = found.evaluations + exact.evaluations + 2 * len(steps)
    return Estimate(exact.psi, exact.at, hessian, evaluations, True, (note,))


def _differenced(f: Objective, psi: Floats, at: Evaluation, se: Floats) -> Floats:
    return curvature(f, psi, at, STEP * se)


def _polish(f: Objective, curved: Curvature, optimum: Optimum) -> Estimate:
    """Newton steps with the exact curvature; off a saddle by another search."""
    psi, at = optimum.psi, optimum.at
    evaluations = optimum.evaluations + 1
    se = np.sqrt(np.diagonal(optimum.inverse_hessian))
    for _ in range(5):
        hessian = curved(psi, at, se)
        bowl = Bowl.of(hessian, se)
        step, decrement = bowl.newton_step(at.gradient)
        evaluations += len(psi) + 2
        if bowl.downhill is not None:
            kicked = f(psi + bowl.downhill, at.warm)
            lower = minimise(
                f, psi + bowl.downhill, kicked, bowl.inverse, tolerance=NEAR
            )
            evaluations += lower.evaluations
            if lower.at.value < at.value - 1e-9:
                psi, at = lower.psi, lower.at
                continue
        new = f(psi + step, at.warm)
        if new.value <= at.value + 1e-9:
            psi, at = psi + step, new
        if decrement < DONE:
            return Estimate(psi, at, hessian, evaluations, True)
    return Estimate(psi, at, hessian, evaluations, False)


@dataclass(frozen=True)
class Bowl:
    """A Hessian made positive definite, for steps that always go down.

    Where a factor's intercept has no variance but its slope has, the covariance of both
    can leave a saddle: `downhill` is then a step along the direction that curves down.
    """

    inverse: Floats  # with every curvature counted positive; none where there is none
    downhill: Floats | None

    @classmethod
    def of(cls, hessian: Floats, scale: Floats) -> "Bowl":
        values, vectors = np.linalg.eigh(hessian * np.outer(scale, scale))
        size = np.abs(values)
        sure = size > 1e-10 * size.max()
        reciprocal = np.where(sure, 1 / np.where(sure, size, 1.0), 0.0)
        inverse = np.outer(scale, scale) * ((vectors * reciprocal) @ vectors.T)
        if values[0] > -1e-5 * size.max():
            return cls(inverse, None)
        return cls(inverse, scale * vectors[:, 0] * KICK)

    def newton_step(self, gradient: Floats) -> tuple[Floats, float]:
        """Return step and decrement."""
        step = -self.inverse @ gradient
        return step, -float(step @ gradient)


def _result(
    problem: Problem,
    terms: Sequence[str],
    found: Estimate,
    options: Options,
    told: Sequence[str],
) -> MixedFit:
    hessian = found.hessian if options.standard_errors else None
    fit = describe(problem, terms, found.psi, found.at, hessian)
    return replace(
        fit,
        method=options.method,
        evaluations=found.evaluations,
        converged=found.converged,
        penalised=problem.penalty is not None,
        warnings=(*told, *found.notes, *fit.warnings),
    )
