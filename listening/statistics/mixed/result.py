"""What a fit returns."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from .design import Floats


class ConvergenceError(RuntimeError):
    """No estimate was found: neither by maximum likelihood nor with a penalty."""


@dataclass(frozen=True)
class Start:
    """Where to begin, for data like others that were fitted before; see `fit_binary`.

    It decides how soon the optimum is reached, and not which.
    """

    psi: Floats  # (parameters,), as `MixedFit.psi`
    covariance: Floats | None = None  # of the estimates, roughly; None: not known


@dataclass(frozen=True)
class RandomEffect:
    """A factor after the fit. k = 1, or 2 with a slope."""

    name: str
    levels: int
    Lambda: Floats  # (k, k), lower triangular: the covariance is Lambda Lambda'
    free: tuple[tuple[int, int], ...]  # its estimated entries
    theta: slice  # their places in `MixedFit.vcov`
    modes: Floats  # (levels, k): most probable effect of each level
    mode_sd: Floats  # (levels, k): its conditional standard deviation

    @property
    def sd(self) -> Floats:
        """Standard deviations, shape (k,): intercept and slope."""
        return np.asarray(np.sqrt((self.Lambda**2).sum(axis=1)))

    @property
    def correlation(self) -> float | None:
        """Correlation of intercept and slope; None without slope, NaN if one is 0."""
        if len(self.Lambda) == 1:
            return None
        product = float(np.prod(self.sd))
        covariance = float(self.Lambda[0] @ self.Lambda[1])
        return covariance / product if product else float("nan")


@dataclass(frozen=True)
class MixedFit:
    """Estimates of a crossed mixed model.

    `vcov` is joint over (theta, thresholds, beta): theta are the entries of the
    Lambdas, so that whatever is computed from the fit carries their uncertainty.
    `log_likelihood` is without the penalty where there is one.
    """

    terms: tuple[str, ...]
    beta: Floats  # (terms,)
    thresholds: Floats  # (categories - 1,); none for answers of two kinds
    random: dict[str, RandomEffect]
    vcov: Floats | None  # (theta + thresholds + terms,) squared; None if not wanted
    log_likelihood: float
    method: str  # "Laplace", "adaptive quadrature", "importance sampling"
    trials: int
    converged: bool
    singular: bool
    penalised: bool
    evaluations: int
    warnings: tuple[str, ...]

    @property
    def theta(self) -> Floats:
        values = np.empty(sum(len(r.free) for r in self.random.values()))
        for effect in self.random.values():
            values[effect.theta] = [effect.Lambda[entry] for entry in effect.free]
        return values

    @property
    def psi(self) -> Floats:
        """All parameters, in the order of `vcov`."""
        return np.concatenate([self.theta, self.thresholds, self.beta])

    @property
    def sd(self) -> dict[str, Floats]:
        return {name: effect.sd for name, effect in self.random.items()}

    @property
    def se(self) -> Floats:
        """Standard errors of beta."""
        return self._se[len(self._se) - len(self.beta) :]

    @property
    def threshold_se(self) -> Floats:
        start = len(self._se) - len(self.beta)
        return self._se[start - len(self.thresholds) : start]

    @property
    def sd_se(self) -> dict[str, Floats]:
        """Standard errors of the standard deviations, by the delta method."""
        errors = {}
        for name, effect in self.random.items():
            J = np.zeros((len(effect.sd), len(effect.free)))
            for i, (row, column) in enumerate(effect.free):
                if effect.sd[row] > 0:
                    J[row, i] = effect.Lambda[row, column] / effect.sd[row]
            V = self.covariance[effect.theta, effect.theta]
            errors[name] = np.sqrt(np.einsum("ij,jk,ik->i", J, V, J))
        return errors

    @property
    def z(self) -> Floats:
        return self.beta / self.se

    @property
    def p(self) -> Floats:
        """Two-sided, from the normal distribution."""
        return np.asarray(2 * ndtr(-np.abs(self.z)))

    @property
    def covariance(self) -> Floats:
        """`vcov`, or ValueError where none was computed."""
        if self.vcov is None:
            raise ValueError("this fit was made without standard errors")
        return self.vcov

    @property
    def _se(self) -> Floats:
        return np.asarray(np.sqrt(np.diagonal(self.covariance)))
