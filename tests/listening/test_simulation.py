"""Simulated raters: what they answer is what they were told to prefer."""

from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from listening import methods
from listening.analysis import analyse_study
from listening.enrolment import EnrolmentRefused
from listening.listeners import Listeners, OnScale, character, lenient
from listening.methods.method import SCALES
from listening.models import Response, Session, Study
from listening.simulation import (
    effects_of,
    hear,
    preference,
    simulate,
)
from stimuli.models import Stimulus
from tests.scene import Scene, make_checked_study, make_scored_study

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
OF_PAIRS = [slug for slug in methods.METHODS if methods.load(slug).has_pairs]


def draw(
    listeners: Listeners, method: str, n: int, *, effect: float, first: bool, seed: int
) -> NDArray[np.int64]:
    """Answer n times, a new rater and utterance each, turned towards the enhanced."""
    rng = np.random.default_rng(seed)
    answers = [
        preference(
            listeners,
            effect=effect,
            rater=rng.normal(0, listeners.rater_sd),
            utterance=rng.normal(0, listeners.utterance_sd),
            enhanced_first=first,
            values=methods.load(method).values,
            rng=rng,
        )
        for _ in range(n)
    ]
    return np.array(answers) * (-1 if first else 1)


def expected_share(listeners: Listeners, effect: float) -> float:
    """The logistic-normal mean by Gauss-Hermite quadrature, and the lapses."""
    x, w = np.polynomial.hermite_e.hermegauss(40)
    sd = np.hypot(listeners.rater_sd, listeners.utterance_sd)
    share = float(w @ expit(effect + sd * x) / w.sum())
    return (1 - listeners.lapse) * share + listeners.lapse / 2


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("effect", [-1.0, 0.0, 0.8])
def test_the_share_preferred_is_that_of_the_model(effect: float, first: bool) -> None:
    """4,000 answers: within 3.5 Monte-Carlo errors of the closed form."""
    listeners = Listeners(lapse=0.1, position_bias=0.6)
    answers = draw(listeners, "ab", 4000, effect=effect, first=first, seed=7)
    share = expected_share(listeners, effect + (0.3 if first else -0.3))
    error = (share * (1 - share) / 4000) ** 0.5
    assert abs(np.mean(answers > 0) - share) < 3.5 * error


def test_ties_and_strengths_fall_where_the_thresholds_are() -> None:
    listeners = Listeners(rater_sd=0, utterance_sd=0, lapse=0, position_bias=0)
    answers = draw(listeners, "ccr", 4000, effect=0.5, first=True, seed=1)
    at_most = expit(np.array([-2.6, -1.3, -0.3, 0.3, 1.3, 2.6]) - 0.5)
    shares = np.diff([0, *at_most, 1])
    found = np.array([np.mean(answers == step) for step in range(-3, 4)])
    error = np.sqrt(shares * (1 - shares) / 4000)
    assert np.all(np.abs(found - shares) < 3.5 * error)


@pytest.mark.parametrize("method", OF_PAIRS)
def test_every_answer_is_one_of_the_method(method: str) -> None:
    answers = draw(Listeners(), method, 600, effect=0.0, first=False, seed=3)
    assert set(answers) == methods.load(method).values


def test_hearing_takes_a_plausible_time() -> None:
    heard = [hear(Listeners(), 1, np.random.default_rng(i)) for i in range(50)]
    assert all(min(h.listened_s.values()) > 1 for h in heard)
    assert all(h.response_time_s > sum(h.listened_s.values()) for h in heard)


def test_simulated_raters_complete_the_study_and_are_marked(scene: Scene) -> None:
    sessions = simulate(scene.study, raters=3, seed=1, at=AT)
    assert [s.state for s in sessions] == [Session.State.COMPLETE] * 3
    assert all(s.rater.simulated and s.completion_code for s in sessions)
    assert Response.objects.count() == 3 * (4 + 1)  # four trials, one for training


def test_the_same_seed_gives_the_same_answers(scene: Scene) -> None:
    def values(session: Session) -> list[int | None]:
        trials = session.trials.order_by("position")
        return [trial.response.value for trial in trials]

    one = simulate(scene.study, raters=2, seed=5, at=AT)
    first = [values(session) for session in one]
    for session in one:
        Response.objects.filter(trial__session=session).delete()
        session.delete()
    again = simulate(scene.study, raters=2, seed=5, at=AT)
    assert [values(session) for session in again] == first


def test_effects_are_the_si_sdr_that_was_gained(scene: Scene) -> None:
    scene_scores = {"unprocessed": 0.0, "wiener": 5.0, "log-mmse": 50.0}
    for system, score in scene_scores.items():
        Stimulus.objects.filter(system=system).update(si_sdr_db=score)
    effects = effects_of(scene.study, Listeners(logits_per_db=0.1, most_logits=2))
    assert effects["wiener", "unprocessed", -6.0] == pytest.approx(0.5)
    assert effects["log-mmse", "unprocessed", 9.0] == 2.0
    assert len(effects) == 2 * 6


def test_what_they_prefer_comes_back_from_the_study(scene: Scene) -> None:
    effects = {("wiener", "unprocessed", snr): 4.0 for snr in (-6.0, -3.0, 0.0)}
    everyone = Listeners(
        rater_sd=0, utterance_sd=0, lapse=0, position_bias=0, inattentive=0
    )
    simulate(scene.study, raters=12, seed=2, at=AT, listeners=everyone, effects=effects)
    answered = Response.objects.filter(trial__comparison__system="wiener")
    told = answered.filter(trial__mixture__snr_db__lte=0)
    share = np.mean([r.towards_enhanced > 0 for r in told.select_related("trial")])
    assert told.count() > 8
    assert share > 0.85  # expected 0.98


@pytest.mark.parametrize("state", [Study.State.DRAFT, Study.State.CLOSED])
def test_a_study_that_is_not_open_takes_none(scene: Scene, state: str) -> None:
    Study.objects.update(state=state)
    scene.study.refresh_from_db()
    with pytest.raises(EnrolmentRefused):
        simulate(scene.study, raters=1, seed=1, at=AT)
    assert Session.objects.count() == 0


def test_some_raters_do_not_attend_and_half_of_these_keep_to_a_side() -> None:
    """4,000 raters: within 3.5 Monte-Carlo errors of what was asked for."""
    rng = np.random.default_rng(1)
    people = [character(Listeners(inattentive=0.2), rng) for _ in range(4000)]
    hasty = [one for one in people if one.hasty]
    assert abs(len(hasty) / 4000 - 0.2) < 3.5 * (0.16 / 4000) ** 0.5
    sided = np.mean([one.side != 0 for one in hasty])
    assert abs(sided - 0.5) < 3.5 * (0.25 / len(hasty)) ** 0.5
    assert {one.side for one in people if not one.hasty} == {0}


@pytest.mark.parametrize("method", OF_PAIRS)
def test_who_keeps_to_a_side_answers_for_it(method: str) -> None:
    values = methods.load(method).values
    rng = np.random.default_rng(2)
    for side in (-1, 1):
        answers = [
            preference(
                Listeners(),
                effect=0,
                rater=0,
                utterance=0,
                enhanced_first=True,
                values=values,
                rng=rng,
                lapse=1.0,
                side=side,
            )
            for _ in range(50)
        ]
        assert set(np.sign(answers)) == {side}


def test_nobody_hears_less_than_the_page_demands() -> None:
    for hasty in (True, False):
        rng = np.random.default_rng(3)
        heard = [hear(Listeners(), 1, rng, least_s=4.0, hasty=hasty) for _ in range(50)]
        assert min(min(h.listened_s.values()) for h in heard) >= 4
        assert all(h.response_time_s >= sum(h.listened_s.values()) for h in heard)


def test_gold_is_known_to_whoever_attends_and_to_nobody_else(scene: Scene) -> None:
    study = make_checked_study(scene)
    gold = Response.objects.filter(trial__kind="gold").select_related("trial")
    attending = Listeners(inattentive=0, lapse=0)
    sessions = simulate(study, raters=6, seed=1, at=AT, listeners=attending)
    assert all(response.towards_enhanced > 0 for response in gold)
    absent = Listeners(inattentive=1, one_sided=1, inattentive_lapse=1)
    simulate(study, raters=4, seed=2, at=AT, listeners=absent)
    later = gold.exclude(trial__session__in=sessions)
    assert sum(response.towards_enhanced > 0 for response in later) == 4  # of 8


def test_a_placebo_is_answered_by_the_favour_for_a_side_alone(scene: Scene) -> None:
    study = make_checked_study(scene)
    strong = Listeners(rater_sd=9, lapse=0, position_bias=40, inattentive=0)
    simulate(study, raters=5, seed=1, at=AT, listeners=strong)
    placebos = Response.objects.filter(trial__kind="placebo")
    assert [response.value for response in placebos] == [-1] * 5


# ---- one sound on several scales ----------------------------------------------------

ALIKE = Listeners(rater_sd=0, utterance_sd=0, lapse=0, inattentive=0)


def mean_score(on: OnScale, effect: float) -> float:
    """Return the mean of scores whose latent value has logistic noise and no other.

    A score is one more than the number of steps below it, and the mean of a count is
    the sum of the chances: 1 + sum of P(latent + noise > step).
    """
    latent = on.mean + on.gain * effect
    return 1 + sum(float(expit(latent - step)) for step in ALIKE.steps)


def test_the_means_of_three_scales_come_back_from_the_study(scene: Scene) -> None:
    study = make_scored_study(scene.ada, scene.stimulus_set, method="p835")
    of = {"unprocessed": -1.0, "wiener": 0.0, "log-mmse": 2.0}
    effects = {
        (system, "", snr_db): effect
        for system, effect in of.items()
        for snr_db in scene.stimulus_set.snrs_db
    }
    simulate(study, raters=20, seed=3, at=AT, listeners=ALIKE, effects=effects)
    for cell in analyse_study(study).overall:
        expected = mean_score(ALIKE.scales[cell.scale], of[cell.system])
        assert cell.n == 40
        assert cell.rating
        # a score has an SD of 1.3 at most: four standard errors
        assert cell.rating.mean == pytest.approx(expected, abs=4 * 1.3 / 40**0.5)


def test_what_takes_noise_away_is_heard_in_the_voice() -> None:
    scales = Listeners().scales
    of_more, of_less = (
        {scale: mean_score(on, effect) for scale, on in scales.items()}
        for effect in (1.5, -1.5)
    )
    assert of_more["background"] > of_less["background"] + 2
    assert of_more["signal"] < of_less["signal"] - 0.5


@pytest.mark.parametrize("shared", [0.0, 0.5, 1.0])
def test_lenience_on_two_scales_is_correlated_as_was_told(shared: float) -> None:
    listeners = Listeners(lenience_correlation=shared, inattentive=0)
    rng = np.random.default_rng(4)
    raters = [
        lenient(character(listeners, rng), listeners, SCALES, rng) for _ in range(2000)
    ]
    drawn = np.array([[who.lenience(scale) for scale in SCALES] for who in raters])
    assert drawn.std(axis=0) == pytest.approx(listeners.rater_sd, rel=0.07)
    found = np.corrcoef(drawn, rowvar=False)[np.triu_indices(3, 1)]
    assert found == pytest.approx(shared, abs=4 * (1 - shared**2) / 2000**0.5 + 1e-9)


def test_on_one_scale_lenience_is_taste() -> None:
    rng = np.random.default_rng(5)
    who = character(Listeners(), rng)
    assert lenient(who, Listeners(), ["overall"], rng).lenience("overall") == who.taste
