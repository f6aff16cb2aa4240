"""The headphone check of a session: drawn with it, answered by page, judged here.

What is answered is kept whatever the study does with it, and no rater is told which
answers were right. The sounds and the reasons for the numbers are in `headphones`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np
from django.db import transaction

from listening import answering, headphones, wav
from listening.models import HeadphoneTrial, Session, Study
from listening.models.study import HeadphonePolicy

PER_KIND = headphones.TRIALS
STREAM = 1  # beside the schedule, which is drawn from the session's seed alone
SECONDS_A_TRIAL = 8.0  # to hear it and to answer


def trials_of(study: Study) -> int:
    """Return how many sounds an attempt has: those of each kind, and one for ears."""
    kinds = len(study.headphone_kinds)
    return PER_KIND * kinds + 1 if kinds else 0


def draw(session: Session) -> None:
    """Store every attempt of `session` before anything of it is shown."""
    HeadphoneTrial.objects.bulk_create(drawn(session))


def drawn(session: Session) -> list[HeadphoneTrial]:
    """Return every attempt of `session`, drawn from its seed; none without a check.

    Right answers are drawn each by itself: whoever guesses is right in one of three,
    whatever was right before.
    """
    counted = [k for k in session.study.headphone_kinds for _ in range(PER_KIND)]
    kinds = [headphones.SIDE, *counted] if counted else []
    rng = np.random.default_rng([session.seed, STREAM])
    return [
        HeadphoneTrial(
            session=session,
            attempt=attempt,
            position=position,
            kind=kind,
            odd=int(rng.integers(1, 3 if kind == headphones.SIDE else 4)),
            seed=int(rng.integers(2**32)),
        )
        for attempt in range(1, headphones.ATTEMPTS + 1)
        for position, kind in enumerate(kinds, start=1)
    ]


def sound_of(trial: HeadphoneTrial) -> bytes:
    """Return what is heard, a WAV file as loud as the study's speech."""
    level_dbov = trial.session.study.stimulus_set.level_db
    sound = headphones.sound(trial.kind, trial.seed, trial.odd, level_dbov=level_dbov)
    return wav.encode(sound, rate_hz=headphones.RATE_HZ)


@transaction.atomic
def take(
    session: Session, *, attempt: int, answers: Mapping[int, int], at: datetime
) -> None:
    """Keep the answers to an attempt, by position, and decide how it goes on.

    Another attempt than the one that is to be answered, as a second click brings,
    changes nothing. The session's row is locked, so of two at once the first counts.
    """
    before = (
        Session.objects.select_for_update(of=("self",))
        .select_related("study")
        .get(pk=session.pk)
    )
    trials = session.headphone_trials.current()
    is_asked = before.step == "headphones" and trials and trials[0].attempt == attempt
    if not is_asked:
        session.refresh_from_db()
        return
    for trial in trials:
        trial.answer, trial.answered_at = answers[trial.position], at
    HeadphoneTrial.objects.bulk_update(trials, ["answer", "answered_at"])
    right = max(before.headphones_right or 0, right_of(trials))
    after: dict[str, object] = {"headphones_right": right}
    if right >= session.study.headphone_mark:
        after |= {"headphones_checked_at": at}
    elif attempt == headphones.ATTEMPTS:
        after |= failing(session.study, at=at)
    answering.move(session, before=Session.State.TRIALS, at=at, **after)


def right_of(trials: list[HeadphoneTrial]) -> int:
    """Return the right answers to the kind that was answered worse."""
    kinds = {trial.kind for trial in trials} - {headphones.SIDE}
    return min(sum(t.is_right for t in trials if t.kind == kind) for kind in kinds)


def failing(study: Study, *, at: datetime) -> dict[str, object]:
    """Return what becomes of a session whose last attempt did not pass."""
    ends: dict[str, dict[str, object]] = {
        HeadphonePolicy.FLAG: {"headphones_checked_at": at},
        HeadphonePolicy.WARN: {},  # the page warns until the rater goes on
        HeadphonePolicy.EXCLUDE: {"state": answering.ENDINGS["no-headphones"]},
    }
    return ends[study.headphone_policy]


def go_on(session: Session, *, at: datetime) -> None:
    """Record that the rater has read the warning, once every attempt is answered."""
    if not session.headphone_trials.current():
        trials = Session.State.TRIALS
        answering.move(session, before=trials, at=at, headphones_checked_at=at)
