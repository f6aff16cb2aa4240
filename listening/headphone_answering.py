"""The answers to the headphone check, judged here.

What is answered is kept whatever the study does with it, and no rater is told which
answers were right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby

from django.db import transaction

from listening import answering, headphones
from listening.models import HeadphoneTrial, Session, Study
from listening.models.study import HeadphonePolicy


@transaction.atomic
def take(
    session: Session,
    *,
    asked: tuple[int, int],
    answers: Mapping[int, int],
    at: datetime,
) -> None:
    """Keep the answers to an attempt, by position, and decide how it goes on.

    `asked` is its round and its number there. Another one than is to be answered, as a
    second click brings, changes nothing. The session's row is locked, so of two at once
    the first counts.
    """
    before = answering.held(session.pk)
    trials = session.headphone_trials.current()
    is_asked = before.step == "headphones" and trials and trials[0].asked == asked
    if not is_asked:
        session.refresh_from_db()
        return
    for trial in trials:
        trial.answer, trial.answered_at = answers[trial.position], at
    HeadphoneTrial.objects.bulk_update(trials, ["answer", "answered_at"])
    right = rounds_right(session)
    after: dict[str, object] = {"headphones_right": min(right.values())}
    _, attempt = asked
    if right[trials[0].round] >= session.study.headphone_mark:
        after |= behind(at)
    elif attempt == headphones.ATTEMPTS:
        after |= failing(session.study, at=at)
    answering.move(session, before=Session.State.TRIALS, at=at, **after)


def rounds_right(session: Session) -> dict[int, int]:
    """Return the right answers of each round that was begun: of its better attempt."""
    trials = session.headphone_trials.answered()
    found: dict[int, int] = {}
    for (number, _), attempt in groupby(trials, key=lambda trial: trial.asked):
        found[number] = max(found.get(number, 0), right_of(attempt))
    return found


def right_of(attempt: Iterable[HeadphoneTrial]) -> int:
    """Return the right answers to the kind of sound that was answered worse."""
    counted = [trial for trial in attempt if trial.kind != headphones.SIDE]
    kinds = {trial.kind for trial in counted}
    return min(sum(t.is_right for t in counted if t.kind == kind) for kind in kinds)


def failing(study: Study, *, at: datetime) -> dict[str, object]:
    """Return what becomes of a session whose last attempt did not pass."""
    ends: dict[str, dict[str, object]] = {
        HeadphonePolicy.FLAG: behind(at),
        HeadphonePolicy.WARN: {},  # the page warns until the rater goes on
        HeadphonePolicy.EXCLUDE: {"state": answering.ENDINGS["no-headphones"]},
    }
    return ends[study.headphone_policy]


def behind(at: datetime) -> dict[str, object]:
    """Return what is so of a session once a round is behind the rater."""
    return {"headphones_checked_at": at, "headphones_due": False}


def go_on(session: Session, *, at: datetime) -> None:
    """Record that the rater has read the warning, once every attempt is answered."""
    if not session.headphone_trials.current():
        trials = Session.State.TRIALS
        answering.move(session, before=trials, at=at, **behind(at))
