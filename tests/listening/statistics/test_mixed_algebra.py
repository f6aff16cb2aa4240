"""The algebra and the gradients, against dense matrices and finite differences."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad

from listening.statistics.mixed import Factor
from listening.statistics.mixed import algebra as block_algebra
from listening.statistics.mixed.bfgs import curvature
from listening.statistics.mixed.design import FixedEffects, build_design
from listening.statistics.mixed.fit import binary_problem, ordinal_problem
from listening.statistics.mixed.hessian import laplace_hessian
from listening.statistics.mixed.laplace import Evaluation, laplace
from listening.statistics.mixed.problem import Problem
from listening.statistics.mixed.quadrature import quadrature
from tests.listening.statistics.trials import simulate

TRIALS = simulate(1, raters=6, trials=12, utterances=9, sd_slope=0.1)
MANY_UTTERANCES = simulate(2, raters=4, trials=20, utterances=19, sd_slope=0.1)
GRADED = simulate(3, raters=7, trials=12, cuts=(-1.5, -0.5, 0.5, 1.0))
NOISE = Factor("noise", np.arange(len(TRIALS.y)) % 5)

PROBLEMS = {
    "crossed": binary_problem(TRIALS.y, TRIALS.X, TRIALS.factors)[0],
    "slopes": binary_problem(TRIALS.y, TRIALS.X, TRIALS.sloping)[0],
    "dense slopes": binary_problem(
        MANY_UTTERANCES.y, MANY_UTTERANCES.X, MANY_UTTERANCES.sloping
    )[0],
    "independent slopes": binary_problem(
        TRIALS.y,
        TRIALS.X,
        [Factor("rater", TRIALS.rater.codes, TRIALS.snr, correlated=False)],
    )[0],
    "three factors": binary_problem(TRIALS.y, TRIALS.X, [*TRIALS.sloping, NOISE])[0],
    "one factor": binary_problem(TRIALS.y, TRIALS.X, [TRIALS.rater])[0],
    "graded": ordinal_problem(GRADED.y, GRADED.X[:, 1:], GRADED.factors)[0],
    "graded slopes": ordinal_problem(GRADED.y, GRADED.X[:, 1:], GRADED.sloping)[0],
}
GRADED_ONE = ordinal_problem(GRADED.y, GRADED.X[:, 1:], [GRADED.rater])[0]


def somewhere(problem: Problem, seed: int = 5) -> NDArray[np.float64]:
    """Return parameters that are no optimum of anything."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(0.5, 0.3, problem.design.thetas)
    alpha = np.sort(rng.normal(0, 1.5, problem.likelihood.thresholds))
    beta = rng.normal(0, 0.3, problem.design.X.shape[1])
    return np.concatenate([theta, alpha, beta])


def assert_gradient(
    objective: Callable[[NDArray[np.float64]], Evaluation], psi: NDArray[np.float64]
) -> None:
    """Hold the gradient to central differences of the value."""
    step = 1e-5
    found = objective(psi).gradient
    for i in range(len(psi)):
        shift = step * (np.arange(len(psi)) == i)
        rise = objective(psi + shift).value - objective(psi - shift).value
        assert found[i] == pytest.approx(rise / (2 * step), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("penalised", [False, True])
def test_the_gradient_of_laplace_is_that_of_its_value(
    name: str, penalised: bool
) -> None:
    problem = PROBLEMS[name].penalised() if penalised else PROBLEMS[name]
    assert_gradient(
        lambda psi: laplace(problem, psi, None, tolerance=1e-14), somewhere(problem)
    )


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("penalised", [False, True])
def test_the_hessian_is_that_of_the_gradient(name: str, penalised: bool) -> None:
    """Central differences at two steps, extrapolated: right to about 1e-7."""
    problem = PROBLEMS[name].penalised() if penalised else PROBLEMS[name]
    psi = somewhere(problem)
    evaluate = partial(laplace, problem, tolerance=1e-26)
    at = evaluate(psi, None)
    wide, narrow = (
        curvature(evaluate, psi, at, np.full(len(psi), h)) for h in (2e-3, 1e-3)
    )
    expected = (4 * narrow - wide) / 3
    found = laplace_hessian(problem, psi, at, np.full(len(psi), 0.2))
    size = np.sqrt(np.abs(np.diagonal(expected)))
    assert np.abs((found - expected) / np.outer(size, size)).max() < 1e-5


@pytest.mark.parametrize("nodes", [2, 5, 25])
@pytest.mark.parametrize("problem", [PROBLEMS["one factor"], GRADED_ONE])
def test_the_gradient_of_quadrature_is_that_of_its_value(
    problem: Problem, nodes: int
) -> None:
    """Also with few nodes, where the sum is far from the integral."""
    evaluate = partial(quadrature, problem, nodes=nodes, tolerance=1e-14)
    assert_gradient(lambda psi: evaluate(psi, None), somewhere(problem))


def test_one_node_is_laplace() -> None:
    problem = PROBLEMS["one factor"]
    psi = somewhere(problem)
    one = quadrature(problem, psi, None, nodes=1, tolerance=1e-14)
    other = laplace(problem, psi, None, tolerance=1e-14)
    assert one.value == pytest.approx(other.value, abs=1e-10)
    assert one.gradient == pytest.approx(other.gradient, abs=1e-8)


def test_quadrature_is_the_integral() -> None:
    """Each rater's likelihood by scipy's adaptive integration."""
    problem = PROBLEMS["one factor"]
    psi = somewhere(problem)
    sd, beta = psi[0], psi[1:]
    eta, y = problem.design.X.times(beta), TRIALS.y[problem.design.order]
    log_likelihood = 0.0
    for level in range(6):
        of = problem.design.blocks[0].codes == level

        def density(u: float, of: NDArray[np.bool_] = of) -> float:
            x = eta[of] + sd * u
            log_p = (y[of] * x - np.logaddexp(0, x)).sum()
            return float(np.exp(log_p - u**2 / 2) / np.sqrt(2 * np.pi))

        log_likelihood += np.log(quad(density, -12, 12, epsabs=0, epsrel=1e-11)[0])
    found = quadrature(problem, psi, None, nodes=40)
    assert found.value == pytest.approx(-log_likelihood, abs=1e-9)


def dense_c(problem: Problem, psi: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return C as a full matrix."""
    lambdas = problem.point(psi).lambdas
    columns = np.eye(problem.design.effects)
    return np.column_stack(
        [block_algebra.times(problem.design, lambdas, u) for u in columns]
    )


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_blocks_are_those_of_the_full_matrix(name: str) -> None:
    """Solutions, determinant, leverages and roots."""
    problem = PROBLEMS[name]
    psi = somewhere(problem)
    rng = np.random.default_rng(7)
    weight = rng.random(len(problem.design.order))
    C = dense_c(problem, psi)
    H = C.T @ (weight[:, None] * C) + np.eye(C.shape[1])
    design, lambdas = problem.design, problem.point(psi).lambdas
    c = block_algebra.loadings(design, lambdas)
    h = block_algebra.factorise(design, c, weight)
    r = rng.standard_normal((C.shape[1],))
    assert h.log_determinant == pytest.approx(np.linalg.slogdet(H)[1])
    assert block_algebra.solve(design, h, r) == pytest.approx(np.linalg.solve(H, r))
    weighted = weight[:, None] * design.X.whole
    assert block_algebra.fixed_product(design, lambdas, weight) == pytest.approx(
        (C.T @ weighted).T
    )
    assert block_algebra.transposed_times(design, lambdas, weight) == pytest.approx(
        C.T @ weight
    )
    R = np.column_stack(
        [block_algebra.root_times(design, h, e) for e in np.eye(len(r))]
    )
    assert np.allclose(R @ R.T, np.linalg.inv(H))
    leverage = np.einsum("ij,jk,ik->i", C, np.linalg.inv(H), C)
    assert block_algebra.invert(design, c, h).leverage == pytest.approx(leverage)


def test_stripes_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("listening.statistics.mixed.design.CHUNK", 40)
    X = FixedEffects.of(MANY_UTTERANCES.X)
    design = build_design(X, MANY_UTTERANCES.sloping)
    assert len(design.stripes) > 3
    whole = block_algebra.loadings(design, design.lambdas(np.full(4, 0.5)))
    weight = np.random.default_rng(1).random(len(design.order))
    striped = block_algebra.factorise(design, whole, weight)
    monkeypatch.setattr("listening.statistics.mixed.design.CHUNK", 10**6)
    one = build_design(X, MANY_UTTERANCES.sloping)
    assert len(one.stripes) == 1
    full = block_algebra.factorise(one, whole, weight)
    assert striped.log_determinant == pytest.approx(full.log_determinant, abs=1e-10)
    a, b = (
        block_algebra.invert(d, whole, h) for d, h in ((design, striped), (one, full))
    )
    assert a.leverage == pytest.approx(b.leverage)
    assert np.allclose(a.B, b.B)


def test_the_distinct_rows_are_the_whole_matrix() -> None:
    """Whether rows repeat or not, and where their keys collide."""
    rng = np.random.default_rng(3)
    few = rng.standard_normal((4, 3))[rng.integers(0, 4, 50)]
    weight, beta = rng.random(50), rng.standard_normal(3)
    for X, distinct in ((few, 4), (rng.standard_normal((50, 3)), 50)):
        found = FixedEffects.of(X)
        assert len(found.rows) == distinct
        assert (found.whole == X).all()
        assert found.times(beta) == pytest.approx(X @ beta)
        assert found.transposed_times(weight) == pytest.approx(X.T @ weight)
        assert found.gram(weight) == pytest.approx((X.T * weight) @ X)
    alike = np.array([[np.sqrt(3.0), 0.0], [0.0, np.sqrt(2.0)], [np.sqrt(3.0), 0.0]])
    assert (FixedEffects.of(alike).whole == alike).all()
