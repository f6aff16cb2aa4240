"""A fitting problem: design, answers and, rarely, a penalty; and its parameters psi.

psi = (theta, alpha, beta): entries of the Lambdas, thresholds (none for answers of two
kinds), fixed effects.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .design import Design, Floats
from .likelihoods import Likelihood

SD_SCALE = 2.0  # of the half-normal that penalises standard deviations
LOGIT_SCALE = 2.5  # of the normal that penalises logits
ENDLESS = 100.0  # logits or standard deviations: nowhere near any data
PENALTY = (
    f"half-normal(0, {SD_SCALE:g}) on standard deviations and N(0, {LOGIT_SCALE:g}) on "
    "logits"
)


@dataclass(frozen=True)
class Point:
    """psi in its parts."""

    lambdas: tuple[Floats, ...]
    alpha: Floats
    beta: Floats


@dataclass(frozen=True)
class Problem:
    """What is fitted. `penalty`: P in the term psi' P psi / 2 of the objective."""

    design: Design
    likelihood: Likelihood
    penalty: Floats | None = None

    @cached_property
    def parts(self) -> tuple[slice, slice, slice]:
        """Where theta, alpha and beta stand in psi."""
        t, a = self.design.thetas, self.likelihood.thresholds
        p = self.design.X.shape[1]
        return slice(0, t), slice(t, t + a), slice(t + a, t + a + p)

    @property
    def parameters(self) -> int:
        return int(self.parts[2].stop)

    def point(self, psi: Floats) -> Point:
        theta, alpha, beta = (psi[part] for part in self.parts)
        return Point(self.design.lambdas(theta), alpha, beta)

    def admits(self, psi: Floats) -> bool:
        """Tell if psi is finite, with rising thresholds, and no logit has run away."""
        theta, alpha, beta = (psi[part] for part in self.parts)
        if not np.isfinite(psi).all() or (np.diff(alpha) <= 0).any():
            return False
        logits = np.abs(self.design.X.rows @ beta).max(initial=0.0)
        return bool(max(np.abs(theta).max(), logits) < ENDLESS)

    def units(self, psi: Floats) -> Floats:
        """Factor of each parameter: to units as given, columns of Lambda to sign +."""
        units = np.ones(len(psi))
        units[self.parts[2]] = 1 / self.design.scale
        lambdas = self.point(psi).lambdas
        for block, matrix in zip(self.design.blocks, lambdas, strict=True):
            signs = np.where(np.diagonal(matrix) < 0, -1.0, 1.0)
            units[block.theta] = [signs[c] / block.scale[r] for r, c in block.free]
        return units

    def penalised(self) -> "Problem":
        """Return the problem with weak penalties that keep every estimate finite.

        Half-normal(0, 2) on the standard deviation of what a factor adds to a logit
        (root mean square over the trials where it has a slope), N(0, 2.5) on the logits
        of the distinct rows of X, weighted so that together they count as many normal
        terms as there are coefficients: for cell means that is N(0, 2.5) on each cell.
        So neither the coding of X nor the unit of a covariate matters. The scale 2.5
        is that of A. Gelman, A. Jakulin, M. G. Pittau and Y.-S. Su, "A weakly
        informative default prior distribution for logistic and other regression
        models", Annals of Applied Statistics 2 (2008); theirs is a Cauchy, on
        coefficients of scaled covariates. That a normal on logits does its work here is
        for the tests to show.
        """
        P = np.zeros((self.parameters, self.parameters))
        for block in self.design.blocks:
            base = [1.0 if z is None else z for z in block.basis]
            for i, (row, column) in enumerate(block.free, block.theta.start):
                for j, (other, same) in enumerate(block.free, block.theta.start):
                    if column == same:
                        P[i, j] = np.mean(base[row] * base[other]) / SD_SCALE**2
        rest = slice(self.parts[1].start, self.parts[2].stop)
        P[rest, rest] = self._logit_penalty()
        return replace(self, penalty=P)

    def _logit_penalty(self) -> Floats:
        rows = np.unique(self.design.X.rows, axis=0)
        a = self.likelihood.thresholds
        if a:
            thresholds = np.tile(np.eye(a), (len(rows), 1))
            rows = np.hstack([thresholds, -np.repeat(rows, a, axis=0)])
        share = rows.shape[1] / len(rows)
        return np.asarray(share * rows.T @ rows / LOGIT_SCALE**2)
