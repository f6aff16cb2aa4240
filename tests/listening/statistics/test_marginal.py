"""Population-averaged preferences, contrasts, shares of raters."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit, logit

from listening.statistics.mixed import (
    MixedFit,
    contrast,
    fit_binary,
    fit_ordinal,
    preference,
    share_of_raters,
)
from tests.listening.statistics.trials import reference, simulate, study, table

TRIALS = simulate(21, sd_rater=1.2, sd_utterance=0.7)
SLOPING = simulate(22, raters=30, sd_slope=0.15)
GRADED = simulate(23, cuts=(-1.5, -0.5, 0.5, 1.5))
FIT = fit_binary(TRIALS.y, TRIALS.X, TRIALS.factors)
SLOPES = fit_binary(SLOPING.y, SLOPING.X, SLOPING.sloping)
GRADES = fit_ordinal(GRADED.y, GRADED.X[:, 1:], GRADED.factors)
ROWS = np.array([[1, -6.0, 0, 0], [1, 6.0, 0, 0], [1, -6.0, 1, -6.0], [1, 6.0, 1, 6.0]])


def moved(fit: MixedFit, shift: NDArray[np.float64]) -> MixedFit:
    """Return the fit with other parameters: psi + shift."""
    psi = fit.psi + shift
    random = {}
    for name, effect in fit.random.items():
        Lambda = effect.Lambda.copy()
        for entry, value in zip(effect.free, psi[effect.theta], strict=True):
            Lambda[entry] = value
        random[name] = replace(effect, Lambda=Lambda)
    a, p = len(fit.thresholds), len(fit.beta)
    start = len(psi) - p
    return replace(
        fit, random=random, thresholds=psi[start - a : start], beta=psi[start:]
    )


@pytest.mark.parametrize("name", ["s01", "s02"])
def test_typical_preference_agrees_with_emmeans(name: str) -> None:
    """The reference is of lme4 at default tolerance, hence right to 1e-2 SE."""
    expected = reference("glmm")[name]["typical"]
    trials = study(name, centre=1.5)
    fit = fit_binary(trials.y, trials.X, trials.factors)
    rows = np.array([row_of(e["system"], e["snr_c"]) for e in expected])
    found = preference(fit, rows, population=False)
    se = np.array([e["se"] for e in expected])
    assert (np.abs(found.logit - [e["logit"] for e in expected]) / se).max() < 2e-2
    assert found.se == pytest.approx(se, rel=1e-2)


def test_cell_means_agree_with_emmeans() -> None:
    """18 cells of system and SNR; population means are nearer to the raw shares."""
    expected = reference("glmm")["s01"]["cells"]
    trials, d = study("s01"), table("s01")
    cell = d["system"] * 6 + (d["snr"] + 6) // 3
    fit = fit_binary(trials.y, np.eye(18)[cell], trials.factors)
    found = preference(fit, np.eye(18), population=False)
    assert fit.log_likelihood == pytest.approx(expected["log_likelihood"], abs=1e-6)
    assert (np.abs(found.logit - expected["logit"]) / found.se).max() < 1e-4
    assert found.se == pytest.approx(np.array(expected["se"]), rel=1e-3)
    raw = np.bincount(cell, trials.y) / np.bincount(cell)
    average = preference(fit, np.eye(18)).estimate
    off = [np.abs(p - raw).mean() for p in (average, found.estimate)]
    assert off[0] < off[1] / 2


def row_of(system: str, snr: float) -> list[float]:
    """Return the row of X for a system A, B or C."""
    b, c = float(system == "B"), float(system == "C")
    return [1, snr, b, c, b * snr, c * snr]


def test_population_preference_is_the_mean_over_raters_and_utterances() -> None:
    """Against two million drawn pairs of a rater and an utterance."""
    rng = np.random.default_rng(1)
    found = preference(FIT, ROWS)
    b = sum(sd * rng.standard_normal(2_000_000) for sd in FIT.sd.values())
    for row, estimate in zip(ROWS, found.estimate, strict=True):
        drawn = expit(row @ FIT.beta + b)
        error = drawn.std() / np.sqrt(len(drawn))
        assert abs(estimate - drawn.mean()) < 4 * error


def test_population_preference_with_a_slope_is_the_mean_over_raters() -> None:
    rng = np.random.default_rng(2)
    found = preference(SLOPES, ROWS, slope_at=ROWS[:, 1])
    effects = SLOPES.random["rater"].Lambda @ rng.standard_normal((2, 1_000_000))
    other = SLOPES.sd["utterance"] * rng.standard_normal(1_000_000)
    for row, estimate in zip(ROWS, found.estimate, strict=True):
        drawn = expit(row @ SLOPES.beta + effects[0] + effects[1] * row[1] + other)
        error = drawn.std() / np.sqrt(len(drawn))
        assert abs(estimate - drawn.mean()) < 4 * error


@pytest.mark.parametrize("fit", [FIT, SLOPES])
@pytest.mark.parametrize("population", [True, False])
def test_standard_errors_are_by_the_delta_method(
    fit: MixedFit, population: bool
) -> None:
    """Gradients by differences, over variances and coefficients jointly."""

    def logits(of: MixedFit) -> NDArray[np.float64]:
        at = ROWS[:, 1]
        return preference(of, ROWS, slope_at=at, population=population).logit

    step = 1e-6 * np.eye(len(fit.psi))
    J = [(logits(moved(fit, s)) - logits(moved(fit, -s))) / 2e-6 for s in step]
    vcov = np.transpose(J) @ fit.covariance @ np.array(J)
    found = preference(fit, ROWS, slope_at=ROWS[:, 1], population=population)
    assert np.allclose(found.vcov, vcov, rtol=1e-6)
    assert found.se == pytest.approx(np.sqrt(np.diagonal(vcov)))


def test_a_variance_of_zero_leaves_everything_finite() -> None:
    fit = moved(FIT, np.array([-FIT.theta[0], -FIT.theta[1], 0, 0, 0, 0]))
    average, typical = preference(fit, ROWS), preference(fit, ROWS, population=False)
    assert average.estimate == pytest.approx(typical.estimate, abs=1e-12)
    assert average.se == pytest.approx(typical.se)


def test_averaging_pulls_to_the_middle_and_keeps_it() -> None:
    """As E expit(eta + tau Z) must: nearer to 0.5 than expit(eta), 0.5 for 0."""
    rows = np.array([[1.0, 0, 0, 0], [0, 0, 0, 0], [-1, 0, 0, 0]])
    average, typical = preference(FIT, rows), preference(FIT, rows, population=False)
    assert average.estimate[1] == pytest.approx(0.5, abs=1e-12)
    assert average.estimate[0] + average.estimate[2] == pytest.approx(1)
    assert abs(average.logit[0]) < abs(typical.logit[0])


def test_extreme_rows_stay_finite() -> None:
    found = preference(FIT, 80 * ROWS[:1], population=False)
    assert np.isfinite([*found.logit, *found.se, *found.ci_low, *found.p]).all()


def test_intervals_and_p_values_are_student_s() -> None:
    found = preference(FIT, ROWS, level=0.9)
    assert found.df == 14  # 20 raters, 15 utterances
    half = stats.t(14).ppf(0.95) * found.se
    assert logit(found.ci_low) == pytest.approx(found.logit - half)
    assert logit(found.ci_high) == pytest.approx(found.logit + half)
    assert found.p == pytest.approx(2 * stats.t(14).sf(np.abs(found.t)))
    assert (preference(FIT, ROWS, df=1e9).p <= found.p).all()


def test_a_contrast_is_the_difference_with_its_covariance() -> None:
    of = preference(FIT, ROWS)
    on_logit = contrast(of, [1, 0, -1, 0], scale="logit")
    assert on_logit.estimate[0] == pytest.approx(of.logit[0] - of.logit[2])
    variance = of.vcov[0, 0] + of.vcov[2, 2] - 2 * of.vcov[0, 2]
    assert on_logit.se[0] == pytest.approx(np.sqrt(variance))
    several = contrast(of, [[1.0, 0, -1, 0], [0.25] * 4])
    assert several.estimate[0] == pytest.approx(of.estimate[0] - of.estimate[2])
    assert several.estimate[1] == pytest.approx(of.estimate.mean())
    assert (several.ci_low < several.estimate).all()
    opposite = contrast(of, [-1, 0, 1, 0])
    assert opposite.p[0] == pytest.approx(several.p[0])


def test_a_row_does_not_differ_from_itself() -> None:
    found = contrast(preference(FIT, ROWS[[0, 0]]), [1, -1])
    assert (found.estimate[0], found.p[0]) == (0, 1)
    assert found.se[0] == pytest.approx(0, abs=1e-7)


def test_contrasts_of_typical_logits_are_those_of_coefficients() -> None:
    """System B less A at 0 dB is the coefficient itself."""
    rows = np.array([[1.0, 0, 0, 0], [1, 0, 1, 0]])
    found = contrast(preference(FIT, rows, population=False), [-1, 1], scale="logit")
    assert found.estimate[0] == pytest.approx(FIT.beta[2])
    assert found.se[0] == pytest.approx(FIT.se[2])


def test_the_share_of_raters_is_that_of_drawn_raters() -> None:
    rng = np.random.default_rng(3)
    found = share_of_raters(SLOPES, ROWS, slope_at=ROWS[:, 1])
    effects = SLOPES.random["rater"].Lambda @ rng.standard_normal((2, 1_000_000))
    for row, share in zip(ROWS, found.estimate, strict=True):
        prefer = (row @ SLOPES.beta + effects[0] + effects[1] * row[1] > 0).mean()
        assert share == pytest.approx(prefer, abs=2e-3)
    assert (found.ci_low < found.estimate).all()
    assert (found.estimate < found.ci_high).all()


def test_raters_who_do_not_differ_leave_the_share_open() -> None:
    fit = moved(FIT, np.array([-FIT.theta[0], 0, 0, 0, 0, 0]))
    found = share_of_raters(fit, ROWS[:1])
    assert found.estimate[0] in (0, 1)
    assert (found.ci_low[0], found.ci_high[0]) == (0, 1)


def test_graded_answers_have_a_preference_above_each_threshold() -> None:
    """Against drawn answers of a drawn population; it falls from grade to grade."""
    rng = np.random.default_rng(4)
    rows = ROWS[:, 1:]
    b = sum(sd * rng.standard_normal(500_000) for sd in GRADES.sd.values())
    above = [preference(GRADES, rows, above=k).estimate for k in range(4)]
    assert (np.diff(above, axis=0) < 0).all()
    for k, cut in enumerate(GRADES.thresholds):
        drawn = expit(rows[0] @ GRADES.beta + b - cut).mean()
        assert above[k][0] == pytest.approx(drawn, abs=2e-3)


BAD: dict[str, Any] = {
    "rows need 4 columns": lambda: preference(FIT, [[1, 2]]),
    "say its covariate": lambda: preference(SLOPES, ROWS),
    "say above which threshold, 0 to 3": lambda: preference(GRADES, ROWS[:, 1:]),
    "4 rows but 2 weights": lambda: contrast(preference(FIT, ROWS), [1, -1]),
    "level must be within": lambda: preference(FIT, ROWS, level=95),
}


@pytest.mark.parametrize("message", BAD)
def test_what_makes_no_sense_is_refused(message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BAD[message]()
