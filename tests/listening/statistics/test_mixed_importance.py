"""Importance sampling against exact integrals."""

import numpy as np
import pytest
from scipy.special import log_expit, logsumexp

from listening.statistics.mixed import Factor, fit_binary
from listening.statistics.mixed.fit import binary_problem
from listening.statistics.mixed.importance import degrees_of_freedom, simulated
from listening.statistics.mixed.laplace import laplace
from tests.listening.statistics.trials import reference, simulate, study


def test_the_likelihood_of_a_crossed_design_is_the_integral() -> None:
    """Two raters by two utterances: a product rule of 30^4 nodes is the truth.

    Laplace is off by 0.05 here, the simulation by less than 0.005.
    """
    rng = np.random.default_rng(1)
    rater, utterance = np.tile([0, 0, 1, 1], 5), np.tile([0, 1], 10)
    y = rng.integers(0, 2, 20)
    factors = [Factor("rater", rater), Factor("utterance", utterance)]
    problem, _ = binary_problem(y, np.ones((20, 1)), factors)
    psi = np.array([1.2, 0.8, 0.3])
    x, w = np.polynomial.hermite_e.hermegauss(30)
    log_w = np.log(w / w.sum())
    grid = np.stack(np.meshgrid(x, x, x, x, indexing="ij"))
    weight = sum(np.meshgrid(log_w, log_w, log_w, log_w, indexing="ij"))
    log_p = weight
    for r, u, answer in zip(rater, utterance, y, strict=True):
        eta = psi[2] + psi[0] * grid[r] + psi[1] * grid[2 + u]
        log_p = log_p + log_expit((2 * answer - 1) * eta)
    truth = -logsumexp(log_p)
    z = rng.standard_t(degrees_of_freedom(problem), size=(10_000, 4))
    found = simulated(problem, z, psi, None)
    assert found.value == pytest.approx(truth, abs=0.005)
    assert abs(laplace(problem, psi, None).value - truth) > 0.03


def test_one_factor_agrees_with_quadrature() -> None:
    """Sparse data, where Laplace is 1.3 below the log-likelihood of 25 nodes."""
    trials = study("sparse")
    exact, _ = reference("lme4")["sparse"]
    found = fit_binary(
        trials.y, trials.X, [trials.rater], draws=1000, rng=np.random.default_rng(1)
    )
    se = np.array(exact["se"])
    assert (np.abs(found.beta - exact["beta"]) / se).max() < 0.1
    assert found.se == pytest.approx(se, rel=0.05)
    assert found.sd["rater"] == pytest.approx(exact["sd"]["rater"], abs=0.05)
    assert found.log_likelihood == pytest.approx(exact["log_likelihood"], abs=0.1)
    assert found.method == "importance sampling, 1000 draws"
    assert "of the draws effective" in found.warnings[0]


def test_the_same_seed_gives_the_same_estimate() -> None:
    trials = simulate(3, raters=8, trials=8, utterances=8, cuts=(-1.0, 1.0))
    one, same, other = (
        fit_binary(
            trials.y > 0,
            trials.X,
            trials.factors,
            draws=100,
            rng=np.random.default_rng(seed),
        )
        for seed in (1, 1, 2)
    )
    assert (one.beta == same.beta).all()
    assert (one.beta != other.beta).all()
    assert (np.abs(one.beta - other.beta) / one.se).max() < 0.3
