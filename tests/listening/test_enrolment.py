"""Who may begin, and what the trials of many raters promise together."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listening.answering import check_sound, consent, decline
from listening.designs import ImpossibleDesign
from listening.enrolment import (
    EnrolmentRefused,
    Refusal,
    candidates,
    enrol,
    exposure,
    problems_of_schedule,
)
from listening.models import Session, Study, Trial
from stimuli.models import Stimulus
from tests.raters import finish
from tests.scene import Scene

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
LIVE = Session.Stage.LIVE


def begin(study: Study, *, seed: int = 1, at: datetime = NOON, **more: bool) -> Session:
    return enrol(study=study, stage=LIVE, seed=seed, at=at, **more)


def test_it_draws_and_stores_every_trial(scene: Scene) -> None:
    session = begin(scene.study)
    assert [t.position for t in session.trials.all()] == [1, 2, 3, 4, 5]
    kinds = [t.kind for t in session.trials.all()]
    assert kinds == ["training", "test", "test", "test", "test"]
    tokens = {
        t
        for pair in (trial.tokens.values() for trial in session.trials.all())
        for t in pair
    }
    assert len(tokens) == 10
    assert {len(t) for t in tokens} == {22}  # 128 bits


def test_the_same_seed_draws_the_same_trials(scene: Scene) -> None:
    columns = ("comparison", "mixture", "enhanced_first")
    drawn = []
    for _ in range(2):
        session = enrol(study=scene.study, stage=Session.Stage.PREVIEW, seed=5, at=NOON)
        drawn.append(list(session.trials.values_list(*columns)))
        Session.objects.update(last_seen_at=NOON - timedelta(days=1))
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (Study.State.DRAFT, Refusal.DRAFT),
        (Study.State.PAUSED, Refusal.PAUSED),
        (Study.State.CLOSED, Refusal.CLOSED),
    ],
)
def test_a_study_that_is_not_open_takes_nobody(
    scene: Scene, state: str, reason: Refusal
) -> None:
    Study.objects.update(state=state)
    with pytest.raises(EnrolmentRefused) as refused:
        begin(scene.study)
    assert refused.value.reason is reason
    assert not Session.objects.exists()


def test_a_preview_is_possible_at_any_time_and_counts_nowhere(scene: Scene) -> None:
    Study.objects.update(state=Study.State.DRAFT, rater_quota=1)
    for seed in range(3):
        enrol(study=scene.study, stage=Session.Stage.PREVIEW, seed=seed, at=NOON)
    Study.objects.update(state=Study.State.LIVE)
    assert exposure(scene.study, stage=LIVE, at=NOON, simulated=False) == Counter()
    assert begin(scene.study).stage == LIVE


def test_pilot_and_live_are_not_mixed(scene: Scene) -> None:
    Study.objects.update(state=Study.State.PILOT)
    with pytest.raises(EnrolmentRefused):
        begin(scene.study)
    enrol(study=scene.study, stage=Session.Stage.PILOT, seed=1, at=NOON)


def test_a_full_study_takes_nobody_until_a_place_becomes_free(scene: Scene) -> None:
    Study.objects.update(rater_quota=2)
    begin(scene.study, seed=1)
    declined = begin(scene.study, seed=2)
    with pytest.raises(EnrolmentRefused) as refused:
        begin(scene.study, seed=3)
    assert refused.value.reason is Refusal.FULL
    decline(declined, at=NOON)
    begin(scene.study, seed=4)
    stale = NOON + timedelta(minutes=31)
    assert begin(scene.study, seed=5, at=stale).state == Session.State.CONSENT


def test_a_complete_session_keeps_its_place_for_good(scene: Scene) -> None:
    Study.objects.update(rater_quota=1)
    finish(begin(scene.study), at=NOON)
    with pytest.raises(EnrolmentRefused):
        begin(scene.study, at=NOON + timedelta(days=9))


def test_simulated_raters_take_no_place_and_change_no_schedule(scene: Scene) -> None:
    Study.objects.update(rater_quota=1)
    for seed in range(3):
        assert begin(scene.study, seed=seed, simulated=True).rater.simulated
    assert exposure(scene.study, stage=LIVE, at=NOON, simulated=False) == Counter()
    begin(scene.study)


def test_only_what_was_rendered_for_every_system_is_heard(scene: Scene) -> None:
    lacking = Stimulus.objects.filter(system="wiener").first()
    assert lacking is not None
    lacking.status, lacking.error = Stimulus.Status.FAILED, "the disk was full"
    lacking.save()
    left = {c.mixture for c in candidates(scene.study)}
    assert len(left) == 11
    assert lacking.mixture_id not in left


def test_an_impossible_study_leaves_nothing_behind(scene: Scene) -> None:
    Study.objects.update(trials_per_session=16)
    scene.study.refresh_from_db()
    assert "16 different sentences" in problems_of_schedule(scene.study)[0]
    with pytest.raises(ImpossibleDesign):
        begin(scene.study)
    assert not Session.objects.exists()


@given(plan=st.lists(st.sampled_from(["finish", "leave", "decline"]), max_size=8))
@settings(
    deadline=None,
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_exposure_is_equal_under_drop_outs(scene: Scene, plan: list[str]) -> None:
    """What drop-outs left behind is made good by those who come after them."""
    with transaction.atomic():
        for seed, fate in enumerate([*plan, *["finish"] * 6]):
            at = NOON + timedelta(hours=seed)  # who left an hour ago holds no place
            session = begin(scene.study, seed=seed, at=at)
            FATES[fate](session, at=at)
        complete = Trial.objects.for_results()
        cells = Counter(complete.values_list("comparison", "mixture__snr_db"))
        mixtures = Counter(complete.values_list("mixture", flat=True))
        sides = Counter(complete.values_list("comparison", "enhanced_first"))
        transaction.set_rollback(True)
    assert len(cells) == 12
    assert max(cells.values()) - min(cells.values()) <= 1
    assert max(mixtures.values()) - min(mixtures.values()) <= 2
    assert len(set(sides.values())) == 1


def leave_in_the_middle(session: Session, *, at: datetime) -> None:
    consent(session, at=at)
    check_sound(session, at=at)


FATES: dict[str, Callable[..., object]] = {
    "finish": finish,
    "leave": leave_in_the_middle,
    "decline": decline,
}


def test_who_comes_next_gets_what_was_not_given_yet(scene: Scene) -> None:
    """No cell is given twice before all were given once."""
    cells = Counter[tuple[int, float]]()
    for seed in range(3):
        session = begin(scene.study, seed=seed)
        judged = session.trials.filter(kind=Trial.Kind.TEST)
        cells.update(judged.values_list("comparison", "mixture__snr_db"))
    assert set(cells.values()) == {1}
    assert len(cells) == 12


@pytest.mark.django_db(transaction=True)
def test_of_many_who_begin_at_once_only_so_many_do_as_there_are_places() -> None:
    scene = Scene.build(rater_quota=3)

    def attempt(seed: int) -> bool:
        try:
            begin(scene.study, seed=seed)
        except EnrolmentRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as raters:
        begun = list(raters.map(attempt, range(8)))
    assert sum(begun) == Session.objects.count() == 3
    judged = Trial.objects.filter(kind=Trial.Kind.TEST)
    cells = Counter(judged.values_list("comparison", "mixture__snr_db"))
    assert set(cells.values()) == {1}
