"""Starting values: regression without random effects, then moments."""

import numpy as np

from .algebra import fixed_product, solve, transposed_times
from .design import Block, FixedEffects, Floats
from .laplace import Evaluation
from .likelihoods import Rows
from .pirls import Mode
from .problem import Problem
from .result import Start

STEPS = 5  # of Newton's method: enough to be near, too few to run away if separated
SMALLEST, LARGEST = 0.3, 1.5  # standard deviations to start from
OFF_ZERO = 0.1  # zero is where the objective is flat, and a search would stay


def starting_point(problem: Problem) -> Floats:
    """Return psi to start from.

    1. alpha and beta by a few Newton steps of the regression without random effects.
    2. Standard deviations by moments: with S the sum of the scores at a level and w the
       sum of their weights, E S^2 is about w + sd^2 w^2.
    """
    alpha, beta, rows = _regression(problem)  # 1
    theta = np.zeros(problem.design.thetas)
    for block in problem.design.blocks:  # 2
        for i, (row, column) in enumerate(block.free, block.theta.start):
            if row == column:
                S, w = _sums(block, row, rows.score), _weights(block, row, rows)
                variance = (S**2 - w).sum() / max((w**2).sum(), 1e-300)
                sd = np.sqrt(max(variance, 0.0))
                theta[i] = np.clip(sd, SMALLEST, LARGEST)
    return np.concatenate([theta, alpha, beta])


def given_point(problem: Problem, start: Start) -> tuple[Floats, Floats | None]:
    """Return psi and inverse Hessian to start from, in the units of the problem.

    The latter is None where there is none that is positive definite. Raises ValueError
    if they do not fit.
    """
    m = problem.parameters
    if start.psi.shape != (m,):
        raise ValueError(f"a start for this model has {m} parameters")
    units = problem.units(start.psi)
    psi = start.psi / units
    for block in problem.design.blocks:
        for i, (row, column) in enumerate(block.free, block.theta.start):
            if row == column:
                psi[i] = max(psi[i], OFF_ZERO)
    if start.covariance is None:
        return psi, None
    if start.covariance.shape != (m, m):
        raise ValueError(f"the covariance of a start for this model is {m} by {m}")
    V = start.covariance / np.outer(units, units)
    sd = np.sqrt(np.maximum(np.diagonal(V), 1e-300))
    usable = np.linalg.eigvalsh(V / np.outer(sd, sd))[0] > 1e-8
    return psi, V if usable else None  # a search never leaves a plane without variance


def _sums(block: Block, column: int, rows: Floats) -> Floats:
    z = block.basis[column]
    weights = rows if z is None else rows * z
    return np.bincount(block.codes, weights, block.levels).astype(np.float64)


def _weights(block: Block, column: int, rows: Rows) -> Floats:
    z = block.basis[column]
    w = rows.weight if z is None else rows.weight * z**2
    return np.bincount(block.codes, w, block.levels).astype(np.float64)


def _regression(problem: Problem) -> tuple[Floats, Floats, Rows]:
    X, likelihood = problem.design.X, problem.likelihood
    a = likelihood.thresholds
    alpha, beta = likelihood.null_thresholds(), np.zeros(X.shape[1])
    rows = likelihood.rows(X.times(beta), alpha)
    one, none = np.ones(1), np.zeros(1)
    for _ in range(STEPS):
        gradient = np.append(
            rows.thresholds(one, none, none), X.transposed_times(rows.score)
        )
        step = np.linalg.lstsq(information(X, rows), gradient)[0]
        while a > 1 and (np.diff(alpha + step[:a]) <= 0).any():
            step = step / 2
        alpha, beta = alpha + step[:a], beta + step[a:]
        rows = likelihood.rows(X.times(beta), alpha)
        if gradient @ step < 1e-4:
            break
    return alpha, beta, rows


def information(X: FixedEffects, rows: Rows) -> Floats:
    """Return -d2 sum(l) / d(alpha, beta)^2 for given effects."""
    of_beta = X.gram(rows.weight)
    scores = rows.threshold_scores()
    if not scores.shape[1]:
        return of_beta
    cross = -np.array([X.transposed_times(column) for column in scores.T])
    return np.block([[rows.threshold_information(), cross], [cross.T, of_beta]])


def inverse_hessian(problem: Problem, psi: Floats, at: Evaluation) -> Floats:
    """Return an approximate inverse Hessian of the Laplace objective at psi.

    For (alpha, beta) that of the joint likelihood with u profiled out. For theta a
    diagonal: w and sd as in `starting_point`, 2 sd^2 sum (w / (1 + sd^2 w))^2.
    """
    mode = at.mode
    assert mode is not None
    theta, rest = problem.parts[0], slice(problem.parts[0].stop, None)
    hessian = np.zeros((len(psi), len(psi)))
    hessian[theta, theta] = np.diag(_theta_information(problem, psi, mode))
    hessian[rest, rest] = _profiled(problem, psi, mode)
    if problem.penalty is not None:
        hessian += problem.penalty
    inverse = np.zeros_like(hessian)
    inverse[theta, theta] = np.linalg.inv(hessian[theta, theta])
    inverse[rest, rest] = np.linalg.pinv(hessian[rest, rest], hermitian=True)
    return inverse


def _profiled(problem: Problem, psi: Floats, mode: Mode) -> Floats:
    design, rows = problem.design, mode.rows
    lambdas = problem.point(psi).lambdas
    K = fixed_product(design, lambdas, rows.weight)
    if problem.likelihood.thresholds:
        scores = rows.threshold_scores().T
        of_alpha = [transposed_times(design, lambdas, score) for score in scores]
        K = np.vstack([-np.array(of_alpha), K])
    solved = np.array([solve(design, mode.h, column) for column in K])
    return np.asarray(information(design.X, rows) - K @ solved.T)


def _theta_information(problem: Problem, psi: Floats, mode: Mode) -> Floats:
    information = np.empty(problem.design.thetas)
    lambdas = problem.point(psi).lambdas
    for block, matrix in zip(problem.design.blocks, lambdas, strict=True):
        variance = (matrix**2).sum(axis=1)
        w = [_weights(block, j, mode.rows) for j in range(block.columns)]
        known = [x / (1 + v * x) for x, v in zip(w, variance, strict=True)]
        for i, (row, column) in enumerate(block.free, block.theta.start):
            twice = 2 if row == column else 1
            amount = (known[row] * known[column]).sum() * variance[column]
            information[i] = max(twice * amount, 1e-6)
    return information
