"""What a rater does, and does twice."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from listening.answering import (
    BadValue,
    ConsentChanged,
    KeyUsed,
    NotShown,
    StudyClosed,
    answer,
    consent,
    decline,
    show,
)
from listening.enrolment import enrol
from listening.models import Response, Session, Study, Trial
from tests.raters import finish, key_for, start
from tests.scene import Scene

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def session(scene: Scene) -> Session:
    return enrol(study=scene.study, stage=Session.Stage.LIVE, seed=1, at=NOON)


@pytest.fixture
def trial(session: Session) -> Trial:
    """Return the first trial, which is on the screen."""
    start(session, at=NOON)
    first = session.trials.all()[0]
    show(first, at=NOON)
    return first


def test_consent_keeps_time_and_version(session: Session) -> None:
    Study.objects.update(consent_version=3)
    session.study.refresh_from_db()
    consent(session, at=LATER)
    assert session.state == Session.State.TRIALS
    assert (session.consented_at, session.consent_version) == (LATER, 3)


def test_consent_keeps_the_words_that_were_agreed_to(session: Session) -> None:
    consent(session, at=NOON, version=1)
    Study.objects.update(consent_text="Other words", consent_version=2)
    kept = session.study.consent_texts.get()
    assert (kept.version, kept.text) == (1, session.study.consent_text)


def test_nobody_agrees_to_words_that_were_not_read(session: Session) -> None:
    Study.objects.update(consent_text="Other words", consent_version=2)
    with pytest.raises(ConsentChanged, match="read it again"):
        consent(session, at=NOON, version=1)
    session.refresh_from_db()
    assert session.state == Session.State.CONSENT


def test_consent_twice_keeps_the_first(session: Session) -> None:
    consent(session, at=NOON)
    consent(session, at=LATER)
    assert session.consented_at == NOON


def test_who_agreed_cannot_decline_nor_the_other_way(session: Session) -> None:
    decline(session, at=NOON)
    consent(session, at=LATER)
    assert session.state == Session.State.DECLINED
    assert session.consented_at is None


def test_the_first_time_shown_counts(trial: Trial) -> None:
    show(trial, at=LATER)
    assert trial.shown_at == NOON


def test_it_keeps_an_answer(trial: Trial) -> None:
    response = answer(
        trial,
        key=key_for(trial),
        value=1,
        at=LATER,
        listened_a_s=1.5,
        listened_b_s=2.5,
        switches=3,
        response_time_s=9.0,
    )
    response.refresh_from_db()
    assert (response.value, response.answered_at) == (1, LATER)
    assert (response.listened_a_s, response.listened_b_s) == (1.5, 2.5)
    assert (response.switches, response.response_time_s) == (3, 9.0)


def test_an_answer_is_turned_towards_the_enhanced_member(trial: Trial) -> None:
    response = answer(trial, key=key_for(trial), value=-1, at=LATER)
    assert response.towards_enhanced == (1 if trial.enhanced_first else -1)


def test_a_repeated_answer_is_harmless(trial: Trial) -> None:
    first = answer(trial, key=key_for(trial), value=1, at=NOON)
    assert answer(trial, key=key_for(trial), value=1, at=LATER) == first
    assert Response.objects.get().answered_at == NOON


def test_of_two_answers_the_first_one_counts(trial: Trial) -> None:
    first = answer(trial, key=key_for(trial), value=1, at=NOON)
    second = answer(trial, key=key_for(trial, attempt=2), value=-1, at=LATER)
    assert second == first
    assert Response.objects.get().value == 1


def test_a_trial_that_was_not_shown_cannot_be_answered(trial: Trial) -> None:
    second = trial.session.trials.all()[1]
    with pytest.raises(NotShown):
        answer(second, key=key_for(second), value=1, at=LATER)


def test_a_key_answers_one_trial_only(trial: Trial) -> None:
    answer(trial, key=key_for(trial), value=1, at=NOON)
    second = trial.session.trials.all()[1]
    show(second, at=NOON)
    with pytest.raises(KeyUsed):
        answer(second, key=key_for(trial), value=1, at=LATER)


@pytest.mark.parametrize("value", [0, 2, 99])
def test_a_value_that_the_method_lacks_is_refused(trial: Trial, value: int) -> None:
    with pytest.raises(BadValue):
        answer(trial, key=key_for(trial), value=value, at=LATER)
    assert not Response.objects.exists()


def test_a_closed_study_takes_no_answer(trial: Trial) -> None:
    Study.objects.update(state=Study.State.CLOSED)
    with pytest.raises(StudyClosed):
        answer(trial, key=key_for(trial), value=1, at=LATER)


def test_a_paused_study_lets_those_under_way_finish(trial: Trial) -> None:
    Study.objects.update(state=Study.State.PAUSED)
    answer(trial, key=key_for(trial), value=1, at=LATER)
    assert trial.session.trials.answered().count() == 1


@pytest.mark.parametrize("told", [-1.0, float("nan"), float("inf"), 1e9])
def test_what_cannot_be_true_is_not_kept(trial: Trial, told: float) -> None:
    response = answer(
        trial, key=key_for(trial), value=1, at=LATER, listened_a_s=told, switches=-1
    )
    assert response.listened_a_s is None
    assert response.switches is None


def test_the_last_answer_completes_the_session(session: Session) -> None:
    finish(session, at=LATER)
    assert session.state == Session.State.COMPLETE
    assert session.completed_at == LATER
    assert len(session.completion_code) == 22


def test_there_is_no_completion_code_before_the_last_answer(session: Session) -> None:
    start(session, at=NOON)
    for trial in list(session.trials.all())[:-1]:
        show(trial, at=NOON)
        answer(trial, key=key_for(trial), value=1, at=NOON)
    session.refresh_from_db()
    assert session.completion_code == ""
    assert session.state == Session.State.TRIALS


def test_a_code_without_completion_cannot_be_stored(session: Session) -> None:
    session.completion_code = "early"
    with pytest.raises(IntegrityError, match="a_completion_code"), transaction.atomic():
        session.save()


def test_a_second_answer_cannot_be_stored(trial: Trial) -> None:
    answer(trial, key=key_for(trial), value=1, at=NOON)
    again = Response(trial=trial, key=key_for(trial, attempt=2), value=1)
    again.answered_at = NOON
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()
