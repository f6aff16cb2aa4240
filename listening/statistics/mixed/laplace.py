"""The Laplace approximation of -log likelihood, and its exact gradient.

f(psi) = -log p(y | u~) + u~'u~ / 2 + log|H| / 2,    H = C'WC + I at the mode u~.

The gradient differentiates u~ and H too (as automatic differentiation does it in
[TMB]). With h_i = c_i' inv(H) c_i for row i and

    t = h slope / 2,    a = inv(H) C't,    e = C a,    core = -score + t - weight e,

    df/dbeta      = X' core
    df/dLambda_jk = sum_i z_ij (core_i u_k + weight_i (inv(H) c_i)_k + score_i a_k)
    df/dalpha     = sum_i -dl_i/dalpha + e_i dscore_i/dalpha + h_i/2 dweight_i/dalpha

where u_k, a_k are those of the level of row i.

References
----------
[TMB] K. Kristensen, A. Nielsen, C. W. Berg, H. Skaug, B. M. Bell, "TMB: Automatic
    Differentiation and Laplace Approximation", J. Stat. Softw. 70(5), 2016.
[GLIMMIX] SAS/STAT, The GLIMMIX Procedure, "Maximum Likelihood Estimation Based on
    Laplace Approximation": the same objective.
"""

from dataclasses import dataclass

import numpy as np

from .algebra import Inverse, backward, invert, solve, sums, times, transposed_times
from .design import Floats
from .pirls import Mode, Warm, find_mode
from .problem import Point, Problem


@dataclass(frozen=True)
class Evaluation:
    """An objective at one psi. Infinite where it has no value."""

    value: float
    gradient: Floats  # (parameters,)
    mode: Mode | None = None

    @property
    def warm(self) -> Warm | None:
        return self.mode.warm if self.mode else None


def laplace(
    problem: Problem, psi: Floats, warm: Warm | None, *, tolerance: float = 1e-9
) -> Evaluation:
    """Evaluate f and its gradient; the mode is sought from `warm` on."""
    mode = mode_at(problem, psi, warm, tolerance=tolerance)
    if mode is None:
        return Evaluation(np.inf, np.zeros(problem.parameters))
    inverse = invert(problem.design, mode.c, mode.h)
    gradient = gradient_at(problem, problem.point(psi), mode, inverse)
    value = mode.joint + mode.h.log_determinant / 2
    return add_penalty(problem, psi, Evaluation(value, gradient, mode))


def mode_at(
    problem: Problem, psi: Floats, warm: Warm | None, *, tolerance: float
) -> Mode | None:
    """Find the conditional mode; None where psi is not admissible."""
    if not problem.admits(psi):
        return None
    point = problem.point(psi)
    warm = warm or Warm(np.zeros(problem.design.effects), None)
    return find_mode(problem, point, warm, tolerance=tolerance)


def add_penalty(problem: Problem, psi: Floats, at: Evaluation) -> Evaluation:
    """Add psi' P psi / 2 where the problem has a penalty."""
    if problem.penalty is None:
        return at
    pull = problem.penalty @ psi
    return Evaluation(at.value + float(psi @ pull) / 2, at.gradient + pull, at.mode)


def gradient_at(
    problem: Problem,
    point: Point,
    mode: Mode,
    inverse: Inverse,
    *,
    joint: bool = True,
) -> Floats:
    """Return the gradient of f; without `joint`, of log|H| / 2 alone."""
    design, rows = problem.design, mode.rows
    t = inverse.leverage * rows.slope() / 2
    a = solve(design, mode.h, transposed_times(design, point.lambdas, t))
    e = times(design, point.lambdas, a)
    core = t - rows.weight * e
    if joint:
        core = core - rows.score
    lambdas = _lambda_gradients(problem, mode, inverse, core, a)
    minus = np.full(1, -1.0 if joint else 0.0)
    alpha = rows.thresholds(minus, e, inverse.leverage / 2)
    return np.concatenate(
        [design.gather(lambdas), alpha, design.X.transposed_times(core)]
    )


def _lambda_gradients(
    problem: Problem, mode: Mode, inverse: Inverse, core: Floats, a: Floats
) -> list[Floats]:
    design = problem.design
    gradients = []
    spread = _weighted_products(problem, mode, inverse)
    of_core, of_score = sums(design, core), sums(design, mode.rows.score)
    for i, block in enumerate(design.blocks):
        shape = (block.columns, block.levels)
        u, pull = (
            mode.u[block.spherical].reshape(shape),
            a[block.spherical].reshape(shape),
        )
        gradients.append(of_core[i] @ u.T + of_score[i] @ pull.T + spread[i])
    return gradients


def _weighted_products(problem: Problem, mode: Mode, inverse: Inverse) -> list[Floats]:
    """Return sum_i z_ij weight_i (inv(H) c_i)_k, shape (k, k), for each block."""
    design = problem.design
    first, *others = design.blocks
    weighted = [
        mode.rows.weight if z is None else mode.rows.weight * z for z in first.basis
    ]
    rows = [
        [np.bincount(first.codes, w * v, first.levels) for v in inverse.first]
        for w in weighted
    ]
    products = [np.array([backward(mode.h.L, np.array(r)).sum(axis=1) for r in rows])]
    at = 0
    for block in others:
        v = inverse.dense[at : at + block.columns]
        at += block.columns
        products.append(
            np.array(
                [
                    v @ (mode.rows.weight if z is None else mode.rows.weight * z)
                    for z in block.basis
                ]
            )
        )
    return products
