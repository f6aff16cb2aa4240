"""What many requests do at the same moment: nothing twice, nothing lost.

On the database of the installation: SQLite, or PostgreSQL where DATABASE_URL says so.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection

from listening import answering, headphone_answering
from listening.enrolment import enrol
from listening.models import Rater, Response, Session, Study
from listening.withdrawal import withdraw
from tests.raters import finish, key_for, start
from tests.scene import Scene

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TABS = 8
Found = TypeVar("Found")


def at_once(verb: Callable[[int], Found]) -> list[Found]:
    """Return what `verb` gives to each of several threads that begin together."""
    gate = Barrier(TABS)

    def one(number: int) -> Found:
        try:
            connection.ensure_connection()
            gate.wait()
            return verb(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(TABS) as tabs:
        return list(tabs.map(one, range(TABS)))


@pytest.fixture
def session() -> Session:
    return enrol(study=Scene.build().study, stage="live", seed=1, at=NOON)


def same(session: Session) -> Session:
    """Return the session as a request of its own finds it."""
    return Session.objects.select_related("study").get(pk=session.pk)


def test_of_many_answers_to_a_trial_one_is_kept(session: Session) -> None:
    trial = start(session, at=NOON).trials.unanswered()[0]
    answering.show(trial, at=NOON)

    def answer(number: int) -> int | None:
        own = same(session).trials.get(pk=trial.pk)
        key = key_for(own, attempt=number)
        value = (-1, 1)[number % 2]
        return answering.answer(own, key=key, value=value, at=NOON).value

    assert set(at_once(answer)) == {Response.objects.get().value}


def test_the_last_answer_makes_one_code(session: Session) -> None:
    *others, last = start(session, at=NOON).trials.all()
    for trial in (*others, last):
        answering.show(trial, at=NOON)
    for trial in others:
        answering.answer(trial, key=key_for(trial), value=1, at=NOON)

    def answer(number: int) -> str:
        own = same(session).trials.get(pk=last.pk)
        answering.answer(own, key=key_for(own, attempt=number), value=1, at=NOON)
        return same(session).completion_code

    codes = set(at_once(answer))
    assert len(codes) == 1
    assert codes != {""}


def test_agreeing_and_declining_at_once_is_one_of_both(session: Session) -> None:
    def decide(number: int) -> str:
        own = same(session)
        verb = (answering.consent, answering.decline)[number % 2]
        verb(own, at=NOON)
        return own.state

    assert set(at_once(decide)) == {same(session).state}
    assert session.study.consent_texts.count() == (
        1 if same(session).consented_at else 0
    )


def test_the_headphone_check_is_drawn_and_judged_once(session: Session) -> None:
    Study.objects.update(headphone_check="huggins", headphone_policy="exclude")
    answering.consent(session, at=NOON)

    def set_volume(number: int) -> None:
        answering.check_sound(same(session), at=NOON)

    at_once(set_volume)
    assert session.headphone_trials.count() == 14
    wrong = {t.position: t.odd % 3 + 1 for t in session.headphone_trials.current()}

    def click(number: int) -> None:
        headphone_answering.take(same(session), asked=(1, 1), answers=wrong, at=NOON)

    at_once(click)
    assert session.headphone_trials.answered().count() == 7
    assert same(session).step == "headphones"


def test_a_withdrawal_leaves_nothing_whatever_comes_meanwhile(session: Session) -> None:
    finish(session, at=NOON)
    found = Session.objects.select_related("study", "rater").get(pk=session.pk)

    def leave(number: int) -> None:
        withdraw(found)

    at_once(leave)
    assert not Session.objects.exists()
    assert not Response.objects.exists()
    assert not Rater.objects.exists()
    assert Study.objects.get().withdrawals == 1
