"""Estimates against lme4, glmmTMB and clmm; origins in tests/reference/mixed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from listening.statistics.mixed import Factor, MixedFit, fit_binary, fit_ordinal
from tests.listening.statistics.trials import reference, study, table

STUDIES = ["s01", "s02", "s06", "s07", "s10", "s11"]


def assert_agrees(
    fit: MixedFit, expected: Any, *, log_likelihood: float = 1e-6
) -> None:
    """Hold beta and its standard errors to 1e-4 standard errors."""
    se = np.array(expected["se"])
    assert (np.abs(fit.beta - expected["beta"]) / se).max() <= 1e-4
    assert (np.abs(fit.se - se) / se).max() <= 1e-4
    assert fit.log_likelihood == pytest.approx(
        expected["log_likelihood"], abs=log_likelihood
    )


def assert_sd(
    fit: MixedFit,
    expected: dict[str, float | Sequence[float]],
    *,
    tolerance: float = 2e-5,
) -> None:
    for name, sd in expected.items():
        assert fit.sd[name] == pytest.approx(np.atleast_1d(sd), abs=tolerance)


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("software", ["laplace", "glmmTMB"])
def test_it_agrees_with_tight_lme4_and_glmmtmb(name: str, software: str) -> None:
    expected = reference("glmm")[name][software]
    trials = study(name, centre=1.5)
    fit = fit_binary(trials.y, trials.X, trials.factors)
    assert_agrees(fit, expected)
    if (name, software) != ("s10", "glmmTMB"):  # its log(sd) cannot reach 0
        assert_sd(fit, expected["sd"])
    assert fit.converged
    assert not fit.penalised


@pytest.mark.parametrize("name", STUDIES)
def test_quadrature_agrees_with_lme4(name: str) -> None:
    expected = reference("glmm")[name]["quadrature"]
    trials = study(name, centre=1.5)
    fit = fit_binary(trials.y, trials.X, [trials.rater], nodes=25)
    assert_agrees(fit, expected, log_likelihood=1e-8)
    assert_sd(fit, expected["sd"])


def test_quadrature_agrees_with_lme4_where_laplace_is_off() -> None:
    """Five trials a rater: 25 nodes raise the log-likelihood by 1.3."""
    trials = study("sparse")
    exact, laplace = reference("lme4")["sparse"]
    fit = fit_binary(trials.y, trials.X, [trials.rater], nodes=25)
    assert_agrees(fit, exact, log_likelihood=1e-8)
    assert_agrees(fit_binary(trials.y, trials.X, [trials.rater]), laplace)
    assert abs(exact["log_likelihood"] - laplace["log_likelihood"]) > 1


@pytest.mark.parametrize("software", [0, 1])
@pytest.mark.parametrize(
    ("name", "centre"), [("slopes", 0.0), ("few_raters", 0.0), ("s07", 1.5)]
)
def test_correlated_slopes_agree(name: str, centre: float, software: int) -> None:
    """`few_raters` has more utterances than raters: its slopes are dense."""
    expected = reference("lme4")[name][software]
    trials = study(name, centre=centre)
    fit = fit_binary(trials.y, trials.X, trials.sloping)
    assert_agrees(fit, expected, log_likelihood=2e-6)
    assert_sd(fit, expected["sd"])
    if "correlation" in expected:
        assert fit.random["rater"].correlation == pytest.approx(
            expected["correlation"], abs=1e-5
        )


def test_independent_slopes_agree() -> None:
    (expected,) = reference("lme4")["s07_independent"]
    trials = study("s07", centre=1.5)
    rater = Factor("rater", trials.rater.codes, trials.snr, correlated=False)
    fit = fit_binary(trials.y, trials.X, [rater, trials.utterance])
    assert_agrees(fit, expected)
    assert fit.random["rater"].correlation == 0


@pytest.mark.parametrize("software", [0, 1])
def test_three_crossed_factors_agree(software: int) -> None:
    expected = reference("lme4")["three_factors"][software]
    trials = study("three_factors")
    noise = Factor("noise", table("three_factors")["noise"])
    fit = fit_binary(trials.y, trials.X, [*trials.factors, noise])
    assert_agrees(fit, expected)
    assert_sd(fit, expected["sd"])


def test_graded_answers_agree_with_clmm() -> None:
    """clmm stops at a gradient of 7e-3 here: 1e-3 standard errors is its limit."""
    expected = reference("glmm")["x1"]["clmm"]
    trials = study("x1", centre=1.5)
    fit = fit_ordinal(trials.y, trials.X[:, 1:], trials.factors)
    estimate = np.concatenate([fit.thresholds, fit.beta])
    se = np.concatenate([fit.threshold_se, fit.se])
    expected_se = np.array(expected["se"])
    assert np.abs((estimate - expected["coefficients"]) / expected_se).max() <= 1e-3
    assert np.abs(se / expected_se - 1).max() <= 1e-4
    assert fit.log_likelihood == pytest.approx(expected["log_likelihood"], abs=1e-6)
    assert_sd(fit, expected["sd"], tolerance=1e-4)


def test_graded_answers_agree_with_a_tight_clmm() -> None:
    (expected,) = reference("lme4")["graded"]
    trials = study("graded")
    fit = fit_ordinal(trials.y, trials.X[:, 1:], trials.factors)
    assert_agrees(fit, expected)
    se = np.array(expected["threshold_se"])
    assert np.abs((fit.thresholds - expected["thresholds"]) / se).max() <= 1e-4
    assert np.abs(fit.threshold_se / se - 1).max() <= 1e-4
    assert_sd(fit, expected["sd"])


@pytest.mark.parametrize("factor", ["rater", "utterance"])
def test_conditional_modes_agree(factor: str) -> None:
    """The reference, some levels, is lme4 at default tolerance: right to 1e-2."""
    expected = reference("glmm")["s02"]["modes"][factor]
    trials = study("s02", centre=1.5)
    effect = fit_binary(trials.y, trials.X, trials.factors).random[factor]
    modes = np.array(expected["mode"])
    assert effect.modes[: len(modes), 0] == pytest.approx(modes, abs=5e-3)
    sd = np.sqrt(expected["variance"])
    assert effect.mode_sd[: len(sd), 0] == pytest.approx(sd, rel=1e-2)
