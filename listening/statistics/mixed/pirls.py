"""The conditional mode of the spherical effects.

References
----------
[Bates] see `design.py`; there "the penalised iteratively reweighted least squares
    algorithm" for the conditional mode u~ given theta and beta.
"""

from dataclasses import dataclass

import numpy as np

from .algebra import Factorisation, Loadings, factorise, loadings, solve, times
from .algebra import transposed_times as adjoint
from .design import Floats
from .likelihoods import Rows
from .problem import Point, Problem

LIMIT = 100
NEAR = 0.1  # decrement below which steps need no check of the objective
SLOW = 0.1  # a decrement that falls by less than this factor asks for a new H


@dataclass(frozen=True)
class Warm:
    """Where a search for the mode may begin."""

    u: Floats
    h: Factorisation | None


@dataclass(frozen=True)
class Mode:
    """u~ and what was computed on the way."""

    u: Floats  # (effects,)
    rows: Rows
    c: Loadings
    h: Factorisation  # at u~

    @property
    def warm(self) -> Warm:
        return Warm(self.u, self.h)

    @property
    def joint(self) -> float:
        """-log p(y, u~), less the constant of the normal density."""
        value = -self.rows.log_likelihood().sum() + self.u @ self.u / 2
        return float(value)


class _Search:
    """-log p(y | u) + u'u / 2 as a function of u."""

    def __init__(self, problem: Problem, point: Point) -> None:
        self.problem, self.point = problem, point
        self.c = loadings(problem.design, point.lambdas)
        self.fixed = problem.design.X.times(point.beta)

    def rows(self, u: Floats) -> Rows:
        eta = self.fixed + times(self.problem.design, self.point.lambdas, u)
        return self.problem.likelihood.rows(eta, self.point.alpha)

    def descent(self, u: Floats, rows: Rows) -> Floats:
        """Minus the gradient: C' score - u."""
        return adjoint(self.problem.design, self.point.lambdas, rows.score) - u

    def factorise(self, rows: Rows) -> Factorisation:
        return factorise(self.problem.design, self.c, rows.weight)

    def solve(self, h: Factorisation, g: Floats) -> Floats:
        return solve(self.problem.design, h, g)

    def damped(self, u: Floats, rows: Rows, step: Floats) -> tuple[Floats, Rows]:
        """Halve the step until the objective falls."""
        before = u @ u / 2 - rows.log_likelihood().sum()
        for _ in range(40):
            new = u + step
            at = self.rows(new)
            if new @ new / 2 - at.log_likelihood().sum() <= before:
                return new, at
            step = step / 2
        return u, rows


def find_mode(
    problem: Problem, point: Point, warm: Warm, *, tolerance: float
) -> Mode | None:
    """Minimise -log p(y | u) + u'u / 2 over u by Newton's method.

    1. step = inv(H) g with g = C' score - u, and the decrement g' step.
    2. H is that of an earlier u, even of an earlier psi, as long as the decrement falls
       quickly: such steps cost a tenth of a factorisation.
    3. Far from the mode the step is halved until the objective falls.
    4. After a step whose decrement was below the tolerance: the final H.

    Returns None if the mode is not found, which only parameters without any measure do.
    """
    search = _Search(problem, point)
    u = warm.u
    rows = search.rows(u)
    fresh = warm.h is None
    h = warm.h if warm.h is not None else search.factorise(rows)
    previous = np.inf
    for _ in range(LIMIT):
        g = search.descent(u, rows)
        step = search.solve(h, g)
        decrement = float(g @ step)
        if not fresh and decrement > min(SLOW * previous, 1.0):
            h, fresh, previous = search.factorise(rows), True, np.inf
            continue
        if not np.isfinite(decrement):
            return None
        if decrement > NEAR:
            u, rows = search.damped(u, rows, step)
        else:
            u = u + step
            rows = search.rows(u)
        if decrement < tolerance:
            return Mode(u, rows, search.c, search.factorise(rows))
        previous, fresh = decrement, False
    return None
