"""The Hessian of the Laplace approximation.

f = J + log|H| / 2 at the mode u~, with J = -log p(y | u) + u'u / 2. Of J, whose u is
profiled out, the Hessian is known:

    J_pp - K' inv(H) K,    K = d(dJ/du)/dpsi = C' dscore - (dC/dpsi)' score,

and so is the way of the mode, du~/dpsi = -inv(H) K. Along that tangent (psi + h e_i,
u~ + h du~_i), the gradient of log|H| / 2 is differenced, forwards: the tangent leaves
the mode by O(h^2), and since no search for a mode disturbs it, h can be small: with a
millionth of a standard error, standard errors are right to 1e-6 with eight raters and
to 1e-8 with two thousand. That is one factorisation a parameter. (Central differences
of the whole gradient take two and two searches, and are right to 4e-5.)

Where f is flat along a parameter the step is what `LONGEST` allows.
"""

import numpy as np

from .algebra import (
    factorise,
    fixed_product,
    invert,
    loadings,
    solve,
    sums,
    times,
    transposed_times,
)
from .design import Floats
from .laplace import Evaluation, gradient_at, mode_at
from .pirls import Mode
from .problem import Problem
from .start import information

STEP = 1e-6  # standard errors
LONGEST = 1e-3  # logits, or standard deviations
TIGHT = 1e-13  # decrement in u at the mode


def laplace_hessian(
    problem: Problem, psi: Floats, at: Evaluation, se: Floats
) -> Floats:
    """Return the Hessian at psi, shape (m, m).

    Parameters
    ----------
    at
        The objective at psi.
    se
        Standard errors, shape (m,); roughly right is enough.

    Raises LinAlgError where H is not positive definite.
    """
    mode = mode_at(problem, psi, at.warm, tolerance=TIGHT)
    if mode is None:
        raise np.linalg.LinAlgError("there is no mode where curvature is asked for")
    joint, path = _profiled_joint(problem, psi, mode)
    here = _determinant_gradient(problem, psi, mode)
    bent = np.empty_like(joint)
    for i, h in enumerate(np.minimum(STEP * se, LONGEST)):
        there = psi.copy()
        there[i] += h
        moved = _at(problem, there, mode.u + h * path[i])
        bent[i] = (_determinant_gradient(problem, there, moved) - here) / h
    hessian = joint + (bent + bent.T) / 2
    return hessian if problem.penalty is None else hessian + problem.penalty


def _at(problem: Problem, psi: Floats, u: Floats) -> Mode:
    """Return everything at u as if it were the mode."""
    design, point = problem.design, problem.point(psi)
    c = loadings(design, point.lambdas)
    eta = design.X.times(point.beta) + times(design, point.lambdas, u)
    rows = problem.likelihood.rows(eta, point.alpha)
    return Mode(u, rows, c, factorise(design, c, rows.weight))


def _determinant_gradient(problem: Problem, psi: Floats, mode: Mode) -> Floats:
    """Return d(log|H| / 2)/dpsi, u~ moving along."""
    inverse = invert(problem.design, mode.c, mode.h)
    return gradient_at(problem, problem.point(psi), mode, inverse, joint=False)


def _profiled_joint(problem: Problem, psi: Floats, mode: Mode) -> tuple[Floats, Floats]:
    """Return the Hessian of J with u profiled out, and du~/dpsi, (m, effects)."""
    design, rows, point = problem.design, mode.rows, problem.point(psi)
    columns = _theta_columns(problem, mode)
    weighted = columns * rows.weight
    scores = -rows.threshold_scores()
    beside = [
        np.append(column @ scores, design.X.transposed_times(w))
        for column, w in zip(columns, weighted, strict=True)
    ]
    whole = np.block(
        [
            [columns @ weighted.T, np.array(beside)],
            [np.array(beside).T, information(design.X, rows)],
        ]
    )
    of_rows = [
        transposed_times(design, point.lambdas, r) for r in (*weighted, *scores.T)
    ]
    K = np.vstack([*of_rows, fixed_product(design, point.lambdas, rows.weight)])
    _subtract_scores(problem, mode, K)
    path = -np.array([solve(design, mode.h, k) for k in K])
    return whole + K @ path.T, path


def _theta_columns(problem: Problem, mode: Mode) -> Floats:
    """Return deta/dtheta, shape (thetas, n): the basis times u of the row's level."""
    design = problem.design
    columns = np.empty((design.thetas, len(design.order)))
    for block in design.blocks:
        u = mode.u[block.spherical].reshape(block.columns, block.levels)
        for i, (row, column) in enumerate(block.free, block.theta.start):
            z, of_level = block.basis[row], u[column].take(block.codes)
            columns[i] = of_level if z is None else of_level * z
    return columns


def _subtract_scores(problem: Problem, mode: Mode, K: Floats) -> None:
    """Subtract (dC/dtheta)' score, which touches one column of effects a theta."""
    scores = sums(problem.design, mode.rows.score)
    for block, of_level in zip(problem.design.blocks, scores, strict=True):
        for i, (row, column) in enumerate(block.free, block.theta.start):
            start = block.spherical.start + column * block.levels
            K[i, start : start + block.levels] -= of_level[row]
