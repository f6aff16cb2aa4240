"""Quasi-Newton minimisation and curvature by differences of exact gradients."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .design import Floats
from .laplace import Evaluation
from .pirls import Warm

Objective = Callable[[Floats, Warm | None], Evaluation]

SUFFICIENT = 1e-4  # share of the predicted decrease that a step must reach
ROUNDING = 1e-13  # relative error of a value of the objective


@dataclass(frozen=True)
class Optimum:
    """Where the search ended."""

    psi: Floats
    at: Evaluation
    inverse_hessian: Floats  # its approximation
    evaluations: int
    converged: bool


def minimise(
    objective: Objective,
    psi: Floats,
    at: Evaluation,
    inverse_hessian: Floats,
    *,
    tolerance: float,
    limit: int = 200,
) -> Optimum:
    """Minimise by BFGS from psi, where `at` is known.

    1. step = -B gradient, with B the approximate inverse Hessian.
    2. Stop when the decrement gradient' B gradient is below the tolerance.
    3. Shorten the step until the objective falls by enough.
    4. Update B by the change of the gradient, if the curvature along the step is
       positive.
    """
    B = inverse_hessian
    evaluations = 0
    identity = np.eye(len(psi))
    while evaluations < limit:
        step = -B @ at.gradient  # 1
        decrement = -float(step @ at.gradient)
        if decrement < tolerance:  # 2
            return Optimum(psi, at, B, evaluations, np.isfinite(decrement))
        length, new, used = _search(objective, psi, at, step)  # 3
        evaluations += used
        if new is None:
            if B is inverse_hessian:
                break
            B = inverse_hessian
            continue
        s, y = length * step, new.gradient - at.gradient
        if s @ y > 1e-10 * decrement:  # 4
            left = identity - np.outer(s, y) / (s @ y)
            B = left @ B @ left.T + np.outer(s, s) / (s @ y)
        psi, at = psi + s, new
    return Optimum(psi, at, B, evaluations, False)


def _search(
    objective: Objective, psi: Floats, at: Evaluation, step: Floats
) -> tuple[float, Evaluation | None, int]:
    """Return length of step, evaluation there (None: no descent), evaluations used."""
    slope = float(step @ at.gradient)
    slack = ROUNDING * abs(at.value)
    length = 1.0
    for used in range(1, 31):
        new = objective(psi + length * step, at.warm)
        gain = new.value - at.value
        if gain <= SUFFICIENT * length * slope:
            return length, new, used
        flat = abs(float(step @ new.gradient)) <= 0.9 * abs(slope)
        if gain <= slack and flat and slope > -1e-3:
            return length, new, used  # as good as rounding lets us see
        parabola = -slope * length / (2 * (gain - slope * length))
        shrink = np.clip(parabola, 0.1, 0.5) if np.isfinite(parabola) else 0.2
        length *= float(shrink)
    return 0.0, None, 30


def curvature(
    objective: Objective, psi: Floats, at: Evaluation, steps: Floats
) -> Floats:
    """Return the Hessian by central differences of the gradient, shape (m, m).

    The mode at psi - step is sought from the mirror image of that at psi + step: its
    error is of second order.
    """
    H = np.empty((len(psi), len(psi)))
    for i, step in enumerate(steps):
        shift = np.zeros(len(psi))
        shift[i] = step
        plus = objective(psi + shift, at.warm)
        warm = at.warm
        if warm and plus.warm:
            warm = Warm(2 * warm.u - plus.warm.u, warm.h)
        minus = objective(psi - shift, warm)
        H[i] = (plus.gradient - minus.gradient) / (2 * step)
    return (H + H.T) / 2
