"""Power and raters needed, against formulas where there are some."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import nct, norm, t

from listening.statistics.clustered import clustered_share
from listening.statistics.mixed import Factor, fit_binary, preference
from listening.statistics.planned_tests import (
    clustered_tests,
    mixed_tests,
    two_way_tests,
    typical_start,
)
from listening.statistics.planning import plan, raters_needed
from listening.statistics.simulated import (
    SimulatedTrials,
    StudyDesign,
    conditional_logit,
    conditional_logits,
    simulate,
)

# Utterances do not matter, so the two-way t is a t-test of the raters' shares
RATERS = StudyDesign(30, 20, 1000, np.array([[0.6]]), rater_sd=1.0, utterance_sd=0.0)
USUAL = StudyDesign(20, 12, 24, np.full((2, 2), 0.65), (0.0, 6.0))


def drawn(design: StudyDesign, seed: int = 1) -> SimulatedTrials:
    return simulate(design, conditional_logits(design), np.random.default_rng(seed))


def sd_of_shares() -> float:
    """Return the standard deviation of a rater's share, by numerical integration."""
    eta = conditional_logit(0.6, 1.0)
    squares = quad(lambda x: expit(eta + x) ** 2 * norm.pdf(x), -10, 10)[0]
    between = squares - 0.6**2
    return float(np.sqrt(between + (0.6 * 0.4 - between) / 20))


def by_formula(raters: int) -> float:
    """Return the power of the t-test of the raters' shares, as if they were normal."""
    delta = 0.1 / sd_of_shares() * np.sqrt(raters)
    limit = t.isf(0.025, raters - 1)
    return float(nct.sf(limit, raters - 1, delta) + nct.cdf(-limit, raters - 1, delta))


def test_the_quick_tests_are_those_of_the_report() -> None:
    trials = drawn(USUAL)
    told = two_way_tests(trials, 2 * trials.system + trials.snr, 4)
    for cell in range(4):
        mine = 2 * trials.system + trials.snr == cell
        one = clustered_share(
            trials.preferred[mine], trials.rater[mine], trials.utterance[mine]
        )
        assert told.estimate[cell] == pytest.approx(one.estimate)
        assert told.p[cell] == pytest.approx(one.p)
        assert told.width[cell] == pytest.approx(one.ci_high - one.ci_low)


def test_a_cell_in_which_all_agree_has_no_test() -> None:
    trials = replace(drawn(USUAL), preferred=np.ones(USUAL.rows))
    assert np.isnan(clustered_tests(USUAL, trials).p).all()


def test_the_mixed_model_is_asked_for_the_population() -> None:
    design = replace(USUAL, preference=np.array([[0.6]]), snrs_db=(0.0,))
    trials = drawn(design)
    factors = [Factor("rater", trials.rater), Factor("utterance", trials.utterance)]
    ones = np.ones((design.rows, 1))
    told = preference(fit_binary(trials.preferred, ones, factors), [[1.0]])
    found = mixed_tests(design, trials)
    assert found.estimate == pytest.approx([told.estimate[0]] * 2)
    assert found.p[0] == pytest.approx(told.p[0])


def test_slopes_of_raters_are_modelled_where_there_are_some() -> None:
    """They make what is known of an SNR at the edge less certain."""
    design = replace(USUAL, slope_sd=0.3)
    trials = drawn(design)
    without = mixed_tests(replace(design, slope_sd=0.0), trials)
    assert np.all(mixed_tests(design, trials).width[:2] > without.width[:2])


def test_power_is_that_of_the_formula_where_utterances_are_alike() -> None:
    told = plan(RATERS, np.random.default_rng(1), replicates=600, mixed=0).clustered
    expected = by_formula(30)
    assert told.low[0, 0] < expected < told.high[0, 0]
    half = t.isf(0.025, 29) * sd_of_shares() / np.sqrt(30)
    assert told.width[0, 0] == pytest.approx(2 * half, rel=0.03)


def test_raters_needed_are_those_of_the_formula() -> None:
    told = raters_needed(
        RATERS, np.random.default_rng(2), wanted=0.8, most=80, replicates=300
    )
    enough = next(n for n in range(4, 80) if by_formula(n) >= 0.8)
    assert told.raters is not None
    assert told.low is not None
    assert told.high is not None
    assert told.low <= enough <= told.high
    assert abs(told.raters - enough) <= 4


def test_the_smooth_power_rises_and_stays_by_the_simulated() -> None:
    told = raters_needed(USUAL, np.random.default_rng(3), most=60, replicates=200)
    assert np.all(np.diff(told.smooth) > 0)
    assert np.abs(told.smooth - told.power).max() < 0.08


def test_raters_cannot_make_up_for_utterances() -> None:
    """Eight utterances that differ by 1.5 logits hide a preference of 55 %."""
    design = StudyDesign(20, 8, 8, np.array([[0.55]]), utterance_sd=1.5)
    told = raters_needed(design, np.random.default_rng(4), most=100, replicates=100)
    assert told.raters is None
    assert told.reachable < 0.3


def test_the_mixed_model_is_fitted_to_some_of_the_studies() -> None:
    told = plan(USUAL, np.random.default_rng(5), replicates=10, mixed=4)
    assert told.mixed is not None
    assert (told.clustered.replicates, told.mixed.replicates) == (10, 4)
    assert told.mixed.power.shape == (2, 3)
    assert not told.mixed.failed.any()


def test_processes_do_not_change_the_result() -> None:
    one, two = (
        plan(RATERS, np.random.default_rng(6), replicates=8, mixed=0, jobs=jobs)
        for jobs in (1, 2)
    )
    assert one.clustered.width == pytest.approx(two.clustered.width, abs=0)


def test_progress_is_told() -> None:
    done: list[int] = []
    plan(RATERS, np.random.default_rng(7), replicates=3, mixed=0, told=done.append)
    assert done == [1, 2, 3]


@pytest.mark.parametrize("wanted", [0.05, 1.0])
def test_an_absurd_power_is_refused(wanted: float) -> None:
    with pytest.raises(ValueError, match="power must be within"):
        raters_needed(RATERS, np.random.default_rng(8), wanted=wanted)


@pytest.mark.parametrize("options", [{}, {"slope_sd": 0.1}, {"position": 0.4}])
def test_the_start_that_fits_share_does_not_change_them(
    options: dict[str, Any],
) -> None:
    design = replace(USUAL, raters=40, **options)
    eta = conditional_logits(design)
    start = typical_start(design, eta)
    assert start is not None
    for seed in range(5):
        trials = simulate(design, eta, np.random.default_rng(seed))
        plain, warm = (mixed_tests(design, trials, start=s) for s in (None, start))
        assert warm.estimate == pytest.approx(plain.estimate, abs=1e-7)
        assert warm.width == pytest.approx(plain.width, rel=1e-4)
        assert warm.p == pytest.approx(plain.p, rel=1e-3, abs=1e-6)
