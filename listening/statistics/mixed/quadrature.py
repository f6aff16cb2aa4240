"""Adaptive Gauss-Hermite quadrature for one factor without slope.

For each level, with H its second derivative at the mode u~, s = 1 / sqrt(H) and nodes
u_k = u~ + s x_k,

    log L = log( s sum_k w_k exp(x_k^2 / 2) p(y, u_k) ),

x_k, w_k of the rule for the weight exp(-x^2 / 2). One node is Laplace's approximation.
The gradient is that of this sum itself: the nodes move with psi [Stringer]. With
posterior weights pi_k of the nodes, P_k = d log p(y, u_k) / du,

    D = sum_k pi_k P_k,    kappa = s^3 (sum_k pi_k P_k x_k + 1 / s) / 2,
    v = sum_i kappa slope_i c_i^3 - D,    a = v / H,
    core_i = kappa slope_i c_i^2 - weight_i c_i a,

    d(-log L)/dbeta  = sum_i x_i (core_i - sum_k pi_k score_i(u_k))
    d(-log L)/dsd    = sum_i core_i u~ + score_i a + 2 kappa weight_i c_i
                             - sum_k pi_k u_k score_i(u_k).

References
----------
[Liu] Q. Liu, D. A. Pierce, "A Note on Gauss-Hermite Quadrature", Biometrika 81(3),
    624-629, 1994.
[Stringer] A. Stringer, "Exact Gradient Evaluation for Adaptive Quadrature Approximate
    Marginal Likelihood in Mixed Models for Grouped Data", arXiv:2310.01589: the same
    idea, by another parameterisation.
"""

from dataclasses import dataclass

import numpy as np

from .design import Floats, Ints
from .laplace import Evaluation, add_penalty, mode_at
from .likelihoods import Rows
from .pirls import Mode, Warm
from .problem import Problem


def quadrature(
    problem: Problem,
    psi: Floats,
    warm: Warm | None,
    *,
    nodes: int,
    tolerance: float = 1e-9,
) -> Evaluation:
    """Evaluate -log likelihood by `nodes` nodes a level, and its gradient."""
    mode = mode_at(problem, psi, warm, tolerance=tolerance)
    if mode is None:
        return Evaluation(np.inf, np.zeros(problem.parameters))
    nodes_of = _Nodes.at(problem, psi, mode, nodes)
    gradient = _gradient(problem, psi, mode, nodes_of)
    return add_penalty(problem, psi, Evaluation(nodes_of.value, gradient, mode))


@dataclass(frozen=True)
class _Nodes:
    """Everything at the nodes. Leading axis: nodes."""

    x: Floats  # (nodes, 1)
    s: Floats  # (q,)
    u: Floats  # (nodes, q)
    rows: Rows  # of shape (nodes, n)
    pi: Floats  # (nodes, q): posterior weights
    value: float  # -log likelihood

    @classmethod
    def at(cls, problem: Problem, psi: Floats, mode: Mode, nodes: int) -> "_Nodes":
        codes, point = problem.design.blocks[0].codes, problem.point(psi)
        x, w = np.polynomial.hermite_e.hermegauss(nodes)
        s = 1 / mode.h.L[0, 0]
        u = mode.u + s * x[:, None]
        fixed = problem.design.X.times(point.beta)
        eta = fixed + point.lambdas[0][0, 0] * u.take(codes, axis=1)
        rows = problem.likelihood.rows(eta, point.alpha)
        log_w = np.log(w / np.sqrt(2 * np.pi)) + x**2 / 2
        joint = _by_level(rows.log_likelihood(), codes, len(s)) - u**2 / 2
        terms = joint + log_w[:, None]
        top = terms.max(axis=0)
        parts = np.exp(terms - top)
        total = parts.sum(axis=0)
        value = -(top + np.log(total) + np.log(s)).sum()
        return cls(x[:, None], s, u, rows, parts / total, float(value))


def _by_level(rows: Floats, codes: Ints, levels: int) -> Floats:
    """Sum each node's rows by level: shape (nodes, q)."""
    return np.array([np.bincount(codes, row, levels) for row in rows])


def _gradient(problem: Problem, psi: Floats, mode: Mode, at: _Nodes) -> Floats:
    codes, q = problem.design.blocks[0].codes, len(at.s)
    sd = problem.point(psi).lambdas[0][0, 0]
    score, weight, slope = mode.rows.score, mode.rows.weight, mode.rows.slope()
    P = sd * _by_level(at.rows.score, codes, q) - at.u
    D = (at.pi * P).sum(axis=0)
    kappa = at.s**3 * ((at.pi * P * at.x).sum(axis=0) + 1 / at.s) / 2
    v = sd**3 * kappa * np.bincount(codes, slope, q) - D
    a = (v * at.s**2)[codes]
    h = sd**2 * kappa[codes]
    core = h * slope - weight * sd * a
    pi = at.pi.take(codes, axis=1)
    pulled = pi * at.rows.score
    d_sd = core * mode.u[codes] + score * a + 2 * sd * kappa[codes] * weight
    d_sd = d_sd - (pulled * at.u.take(codes, axis=1)).sum(axis=0)
    none = np.zeros(1)
    alpha = mode.rows.thresholds(none, sd * a, h) + at.rows.thresholds(-pi, none, none)
    beta = problem.design.X.transposed_times(core - pulled.sum(axis=0))
    return np.concatenate([[d_sd.sum()], alpha, beta])
