"""Simulated studies have the preferences and schedules that were asked for."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from listening.statistics.simulated import (
    ImpossibleStudy,
    StudyDesign,
    conditional_logit,
    conditional_logits,
    simulate,
)

SNRS = (-6.0, 0.0, 6.0)
DESIGN = StudyDesign(12, 18, 30, np.full((3, 3), 0.6), SNRS, slope_sd=0.1, position=0.4)


@pytest.mark.parametrize("preference", [0.02, 0.5, 0.7, 0.99])
@pytest.mark.parametrize("sd", [0.0, 0.9, 4.0])
def test_the_conditional_logit_averages_to_the_preference(
    preference: float, sd: float
) -> None:
    eta = conditional_logit(preference, sd)
    found = quad(lambda x: expit(eta + sd * x) * norm.pdf(x), -12, 12, limit=200)[0]
    assert found == pytest.approx(preference, abs=1e-5)


def test_without_spread_it_is_the_logit() -> None:
    assert conditional_logit(0.7, 0.0) == pytest.approx(np.log(7 / 3))
    assert conditional_logit(0.5, 2.0) == pytest.approx(0, abs=1e-10)


def test_shifts_are_averaged_over_as_well() -> None:
    eta = conditional_logit(0.7, 0.0, shifts=(-1.0, 2.0))
    assert expit(eta - 1) + expit(eta + 2) == pytest.approx(1.4)


def test_many_raters_prefer_as_often_as_was_asked_for() -> None:
    """Raters and utterances are many: the standard error is about 0.008."""
    wanted = np.array([[0.8, 0.65, 0.5], [0.3, 0.5, 0.7]])
    design = replace(DESIGN, raters=1500, utterances=1500, preference=wanted)
    trials = simulate(design, conditional_logits(design), np.random.default_rng(1))
    cell = 3 * trials.system + trials.snr
    share = np.bincount(cell, weights=trials.preferred) / np.bincount(cell)
    assert share == pytest.approx(wanted.ravel(), abs=0.03)


def test_the_schedule_is_balanced() -> None:
    trials = simulate(DESIGN, np.zeros((3, 3)), np.random.default_rng(2))
    for rater in range(12):
        mine = trials.rater == rater
        assert len(set(trials.utterance[mine])) == 18  # none twice
        cells = np.bincount(3 * trials.snr[mine] + trials.system[mine])
        assert cells.tolist() == [2] * 9
        assert trials.first[mine].sum() == 9


def test_an_utterance_is_heard_at_one_snr_unless_crossed() -> None:
    rng = np.random.default_rng(3)
    nested = simulate(DESIGN, np.zeros((3, 3)), rng)
    pairs = {*zip(nested.utterance.tolist(), nested.snr.tolist(), strict=True)}
    assert len(pairs) == len(set(nested.utterance.tolist()))
    crossed = simulate(replace(DESIGN, crossed=True), np.zeros((3, 3)), rng)
    assert len({*zip(crossed.utterance, crossed.snr, strict=True)}) > 30


def test_utterances_come_again_only_after_all_were_heard() -> None:
    design = replace(DESIGN, trials=45)
    trials = simulate(design, np.zeros((3, 3)), np.random.default_rng(4))
    heard = np.bincount(trials.utterance[:45], minlength=30)
    assert set(heard.tolist()) == {1, 2}


def test_another_effect_keeps_everybody_and_their_luck() -> None:
    one, two = (
        simulate(DESIGN, np.full((3, 3), eta), np.random.default_rng(5))
        for eta in (0.0, 0.5)
    )
    assert np.array_equal(one.utterance, two.utterance)
    assert np.all(two.preferred >= one.preferred)


def test_the_first_raters_are_a_study_of_their_own() -> None:
    trials = simulate(DESIGN, np.zeros((3, 3)), np.random.default_rng(6))
    part = trials.of_first_raters(5)
    assert len(part.rater) == 5 * 18
    assert part.rater.max() == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"raters": 1}, "raters: at least 2, not 1"),
        ({"preference": np.full((3, 3), 1.0)}, "within 0 and 1, not 1"),
        ({"preference": np.full((3, 2), 0.5)}, "per system and SNR"),
        ({"utterances": 5}, "at least 6 utterances"),
        ({"snrs_db": (0.0, 0.0, 1.0)}, "given once"),
        ({"rater_sd": -0.1}, "cannot be negative"),
    ],
)
def test_an_impossible_study_is_refused(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(ImpossibleStudy, match=message):
        replace(DESIGN, **change)  # type: ignore[arg-type]


def test_an_absurd_spread_is_refused() -> None:
    with pytest.raises(ImpossibleStudy, match="from 0 to 20 logits"):
        conditional_logit(0.6, 21.0)
