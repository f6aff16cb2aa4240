"""From parameters to a result: units, signs, standard errors, doubts in words."""

from collections.abc import Sequence

import numpy as np

from .algebra import invert, variances
from .design import Block, Floats
from .laplace import Evaluation
from .pirls import Mode
from .problem import Problem
from .result import MixedFit, RandomEffect

ZERO = 1e-3  # a standard deviation (in logits) below this is reported as zero
HUGE_SD = 5.0  # in logits: seen with spurious optima of sparse binary data only
HUGE_LOGIT = 10.0
HUGE_SE = 5.0
WIDE_SE = 1.5  # of a logit beyond HUGE_LOGIT
ENDLESS_LOGIT = 16.0  # odds of ten million to one
UNANIMOUS = 6.0  # logit of one in 400: told, not corrected
FEW = 5  # levels
FLAT = 1e-8  # curvature, where a standardised coefficient has one of about 1 a trial


def doubts(
    problem: Problem, psi: Floats, hessian: Floats | None, converged: bool
) -> list[str]:
    """Say why an estimate should not be trusted; nothing if it can be."""
    point = problem.point(psi)
    reasons = [] if converged else ["the search for the optimum did not converge"]
    for block, matrix in zip(problem.design.blocks, point.lambdas, strict=True):
        sd = float(np.sqrt((matrix**2).sum(axis=1)).max())
        if sd > HUGE_SD:
            reasons.append(f"the standard deviation of {block.name} ran to {sd:.1f}")
    return reasons + _doubtful_logit(problem, psi, hessian)


def _doubtful_logit(problem: Problem, psi: Floats, hessian: Floats | None) -> list[str]:
    rest = slice(problem.parts[0].stop, None)
    logits = _logits(problem)
    value = np.abs(logits @ psi[rest])
    if not value.size or (hessian is None and value.max() <= HUGE_LOGIT):
        return []
    if hessian is None:
        return [f"a logit ran to {value.max():.1f}"]
    V = invert_hessian(hessian, rest.start)[rest, rest]
    se = np.sqrt(np.einsum("ij,ij->i", logits @ V, logits))
    vague = (se > HUGE_SE) | ((se > WIDE_SE) & (value > HUGE_LOGIT))
    vague |= value > ENDLESS_LOGIT
    if not vague.any():
        return []
    worst = int(np.argmax(np.where(vague, value, 0.0)))
    return [
        f"a logit ran to {value[worst]:.1f} with standard error {se[worst]:.1f}: "
        "some answers are (almost) all the same"
    ]


def _logits(problem: Problem) -> Floats:
    """Return matrix that gives each row's logit (the outer ones, if graded)."""
    X, a = problem.design.X.rows, problem.likelihood.thresholds
    if not a:
        return X
    ends = np.eye(a)[[0, a - 1]]
    return np.vstack([np.hstack([np.tile(end, (len(X), 1)), -X]) for end in ends])


def invert_hessian(hessian: Floats, thetas: int) -> Floats:
    """Return the covariance that a Hessian means; it may have flat directions.

    Among the first `thetas` parameters alone a flat direction is a rotation that leaves
    the model as it is (where a variance is zero): it gets no variance. A flat direction
    of coefficients is one that the data do not determine: it gets a huge one.
    """
    scale = 1 / np.sqrt(np.maximum(np.diagonal(hessian), FLAT))
    values, vectors = np.linalg.eigh(hessian * np.outer(scale, scale))
    flat = values < FLAT
    harmless = np.square(vectors[thetas:]).sum(axis=0) < 1e-6
    inverse = 1 / np.where(flat, FLAT, values)
    inverse[flat & harmless] = 0
    return np.asarray(np.outer(scale, scale) * ((vectors * inverse) @ vectors.T))


def describe(
    problem: Problem,
    terms: Sequence[str],
    psi: Floats,
    at: Evaluation,
    hessian: Floats | None,
) -> MixedFit:
    """Return the fit in the units of the data, with every sd counted positive."""
    assert at.mode is not None
    units = problem.units(psi)
    vcov = None
    if hessian is not None:
        vcov = invert_hessian(hessian, problem.design.thetas) * np.outer(units, units)
    effects = {e.name: e for e in _random_effects(problem, psi * units, at.mode, units)}
    value = at.value
    if problem.penalty is not None:
        value -= float(psi @ problem.penalty @ psi) / 2
    zero = _zeros(problem, psi)
    return MixedFit(
        terms=tuple(terms),
        beta=(psi * units)[problem.parts[2]],
        thresholds=psi[problem.parts[1]],
        random={name: effects[name] for name in problem.design.names},
        vcov=vcov,
        log_likelihood=-value,
        method="",
        trials=len(problem.design.order),
        converged=True,
        singular=bool(zero),
        penalised=False,
        evaluations=0,
        warnings=(*zero, *_few(problem), *_unanimous(problem, psi)),
    )


def _random_effects(
    problem: Problem, psi: Floats, mode: Mode, units: Floats
) -> list[RandomEffect]:
    inner = problem.point(psi / units).lambdas
    outer = problem.point(psi).lambdas
    parts = _conditional_variances(problem, mode)
    effects = []
    for block, matrix, shown, V in zip(
        problem.design.blocks, inner, outer, parts, strict=True
    ):
        u = mode.u[block.spherical].reshape(block.columns, block.levels)
        unit = 1 / block.scale
        variance = np.einsum("ij,jkq,ik->qi", matrix, V, matrix)
        effects.append(
            RandomEffect(
                name=block.name,
                levels=block.levels,
                Lambda=shown,
                free=block.free,
                theta=block.theta,
                modes=(matrix @ u).T * unit,
                mode_sd=np.sqrt(variance) * unit,
            )
        )
    return effects


def _conditional_variances(problem: Problem, mode: Mode) -> list[Floats]:
    """Return the diagonal blocks of inv(H), shape (k, k, q) for each factor."""
    design = problem.design
    inverse = invert(design, mode.c, mode.h)
    eliminated, dense = variances(mode.h, inverse)
    parts = [eliminated]
    for block in design.blocks[1:]:
        at = block.spherical.start - design.blocks[1].spherical.start
        parts.append(_diagonals(dense, block, at))
    return parts


def _diagonals(dense: Floats, block: Block, at: int) -> Floats:
    k, q = block.columns, block.levels
    V = dense[at : at + k * q, at : at + k * q].reshape(k, q, k, q)
    return np.asarray(np.einsum("iqjq->ijq", V))


def _zeros(problem: Problem, psi: Floats) -> list[str]:
    """Name what is estimated at the edge of its range."""
    found = []
    lambdas = problem.point(psi).lambdas
    for block, matrix in zip(problem.design.blocks, lambdas, strict=True):
        sd = np.sqrt((matrix**2).sum(axis=1))
        if sd[0] < ZERO:
            found.append(f"the variance of {block.name} is estimated as zero")
        elif len(sd) > 1 and sd[1] < ZERO:
            found.append(f"the slope's variance of {block.name} is estimated as zero")
        elif len(sd) > 1 and abs(matrix[1, 1]) < ZERO:
            found.append(
                f"intercept and slope of {block.name} are estimated as fully correlated"
            )
    return found


def _few(problem: Problem) -> list[str]:
    return [
        f"{block.name} has only {block.levels} levels: its variance is hardly known"
        for block in problem.design.blocks
        if block.levels < FEW
    ]


def _unanimous(problem: Problem, psi: Floats) -> list[str]:
    if problem.likelihood.thresholds:
        return []
    largest = float(
        np.abs(problem.design.X.rows @ psi[problem.parts[2]]).max(initial=0.0)
    )
    if largest <= UNANIMOUS:
        return []
    return [f"a logit of {largest:.1f} means answers that are practically all the same"]
