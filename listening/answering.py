"""What a rater does in a session, one verb each. Every verb may come twice.

A browser that lost its connection repeats what it sent; the repetition finds the work
done and changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from listening import browsers, headphone_check, methods
from listening.methods.method import REACH
from listening.models import Response, Session, Study, Trial, TrialSound
from listening.models.study import new_code

# problem that a rater tells of -> how the session ends
ENDINGS = {
    "no-headphones": Session.State.SCREENED_OUT,
    "no-sound": Session.State.TECHNICAL,
}

LONGEST_S = 24 * 3600.0  # beyond this a browser's clock is not believed
MOST_TIMES = 100_000
RATES_HZ = (3_000.0, 768_000.0)  # of any sound device


class NotPossible(Exception):
    """The session is not at the point where this can be done; the text says why."""


class StudyClosed(NotPossible):
    """The study takes no more answers."""


class NotShown(NotPossible):
    """The trial was not shown yet, so it cannot be answered."""


class KeyUsed(NotPossible):
    """The key belongs to the answer to another trial."""


class ConsentChanged(NotPossible):
    """The words of consent are not those that the rater read."""


class BadValue(ValueError):
    """The value is none of the method's answers."""


def require_open(session: Session) -> None:
    """Raise `StudyClosed` if the study is over; a preview is always possible.

    While a study is paused, who has begun may finish.
    """
    closed = session.study.state == Study.State.CLOSED
    if closed and session.stage != Session.Stage.PREVIEW:
        raise StudyClosed(_("This study is closed and takes no more answers."))


def held(number: int) -> Session:
    """Return a session with its study, its row locked until the transaction ends."""
    locked = Session.objects.select_for_update(of=("self",))
    return locked.select_related("study").get(pk=number)


def move(session: Session, *, before: str, at: datetime, **after: object) -> bool:
    """Change `session` if its state still is `before`; return whether it was."""
    require_open(session)
    same = Session.objects.filter(pk=session.pk, state=before)
    moved = same.update(last_seen_at=at, **after) == 1
    session.refresh_from_db()
    return moved


@transaction.atomic
def consent(
    session: Session,
    *,
    at: datetime,
    version: int | None = None,
    language: str = settings.LANGUAGE_CODE,
    user_agent: str = "",
) -> None:
    """Record the agreement to the consent text as it stands, and keep its words.

    `language` is the one in which it was read, and `version` that of the text on the
    rater's screen; `ConsentChanged` is raised if the study has another one by now. Of
    what the browser says of itself only its kind and that of its system are kept.
    """
    session.study = Study.objects.select_for_update().get(pk=session.study_id)
    present = session.study.consent_version
    if version is not None and version != present:
        raise ConsentChanged(_("The text has changed. Please read it again."))
    agreed = move(
        session,
        before=Session.State.CONSENT,
        at=at,
        state=Session.State.TRIALS,
        consented_at=at,
        consent_version=present,
        language=language,
        browser=browsers.browser_of(user_agent),
        platform=browsers.platform_of(user_agent),
    )
    if agreed:
        session.study.keep_consent_text(language=language)


def decline(session: Session, *, at: datetime) -> None:
    """Record that the rater does not agree: the place becomes free."""
    move(session, before=Session.State.CONSENT, at=at, state=Session.State.DECLINED)


def end(session: Session, *, problem: str, at: datetime) -> None:
    """Record that the rater cannot take part, because of a `problem` of `ENDINGS`.

    The place becomes free; what was answered before stays as it is.
    """
    for before in (Session.State.CONSENT, Session.State.TRIALS):
        if move(session, before=before, at=at, state=ENDINGS[problem]):
            return


def remark(session: Session, *, comment: str) -> None:
    """Keep what the rater has to say once the session is over; the last text counts."""
    over = Session.objects.filter(pk=session.pk, state=Session.State.COMPLETE)
    over.update(comment=comment)


@transaction.atomic
def check_sound(session: Session, *, at: datetime) -> None:
    """Record when the rater had set the volume, the first time or again.

    If the study checks headphones, that comes next.
    """
    before = held(session.pk)
    if before.step != "sound-check":
        session.refresh_from_db()
        return
    trials = Session.State.TRIALS
    due = ask_for_headphones(before, again=before.sound_due)
    after = {"sound_checked_at": at, "sound_due": False, "headphones_due": due}
    move(session, before=trials, at=at, **after)


def ask_for_headphones(session: Session, *, again: bool) -> bool:
    """Return whether the headphone check is due now, with a round of it drawn.

    It is if it never was behind the rater, as of those in whose midst a study comes to
    have one, or is to be answered `again`.
    """
    lacking = session.headphones_checked_at is None
    due = bool(session.study.headphone_kinds) and (lacking or again)
    if due and not session.headphones_due:
        headphone_check.draw(session)
    return due


def show(trial: Trial, *, at: datetime) -> None:
    """Record that `trial` is on the rater's screen; the first time counts."""
    unseen = Trial.objects.filter(pk=trial.pk, shown_at=None)
    unseen.update(shown_at=at)
    trial.refresh_from_db(fields=["shown_at"])
    Session.objects.filter(pk=trial.session_id).update(last_seen_at=at)


@transaction.atomic
def answer(
    trial: Trial,
    *,
    key: UUID,
    value: int,
    at: datetime,
    **told: float | None,
) -> Response:
    """Keep the answer to `trial` and return it; of two answers the first one counts.

    The last answer completes the session and makes its completion code, in the same
    transaction. What a browser has `told` about listening, columns of `LISTENING`, is
    kept if it is plausible.

    Raises
    ------
    BadValue
        If the study's method has no such answer.
    StudyClosed, NotShown, KeyUsed
        If the trial cannot be answered now.
    """
    session = held(trial.session_id)
    if (first := Response.objects.filter(trial=trial).first()) is not None:
        return first
    require_answerable(session, trial, key=key)
    if value not in methods.load(session.study.method).values:
        raise BadValue(f"{value} is none of the answers of this study.")
    response = Response.objects.create(
        trial=trial,
        key=key,
        value=value,
        answered_at=at,
        **{name: LISTENING[name](number) for name, number in told.items()},
    )
    go_on(session, at=at)
    return response


@transaction.atomic
def answer_with_scores(
    trial: Trial,
    *,
    key: UUID,
    scores: Mapping[str, int],
    listened_s: Mapping[str, float | None],
    at: datetime,
    **told: float | None,
) -> Response:
    """Keep the scores of all sounds of `trial` as one answer, or none of them.

    Scores and times are by the letters of the sounds. All else is as in `answer`.
    """
    session = held(trial.session_id)
    if (first := Response.objects.filter(trial=trial).first()) is not None:
        return first
    require_answerable(session, trial, key=key)
    sounds = list(trial.sounds.all())
    if scores.keys() != {sound.letter for sound in sounds}:
        raise BadValue("Every sound but the reference has one score.")
    low, high = REACH[trial.scale]
    if not all(low <= score <= high for score in scores.values()):
        raise BadValue(f"Scores are from {low} to {high}.")
    for sound in sounds:
        sound.score = scores[sound.letter]
        sound.listened_s = plausible(listened_s.get(sound.letter))
    TrialSound.objects.bulk_update(sounds, ["score", "listened_s"])
    response = Response.objects.create(
        trial=trial,
        key=key,
        answered_at=at,
        **{name: LISTENING[name](number) for name, number in told.items()},
    )
    go_on(session, at=at)
    return response


def require_answerable(session: Session, trial: Trial, *, key: UUID) -> None:
    """Raise `NotPossible` if `trial` cannot be answered now."""
    require_open(session)
    if trial.shown_at is None:
        raise NotShown(_("This question was not shown yet."))
    if Response.objects.filter(key=key).exists():
        raise KeyUsed(_("This answer was already given to another question."))


def go_on(session: Session, *, at: datetime) -> None:
    """Complete `session` if every trial of it is answered, else see to its set-up."""
    session.last_seen_at = at
    if session.trials.unanswered().exists():
        session.sound_due = session.sound_is_old(at)
        due = ask_for_headphones(session, again=session.sound_due)
        session.headphones_due = due
    else:
        session.state = Session.State.COMPLETE
        session.completed_at = at
        session.completion_code = new_code()
        session.sound_due = session.headphones_due = False
    session.save(
        update_fields=[
            "last_seen_at",
            "sound_due",
            "headphones_due",
            "state",
            "completed_at",
            "completion_code",
        ]
    )


def plausible(seconds: float | None) -> float | None:
    """Return `seconds` if they can be true, else None."""
    if seconds is None or not math.isfinite(seconds) or not 0 <= seconds <= LONGEST_S:
        return None
    return seconds


def plausible_count(count: float | None) -> int | None:
    """Return `count` if it can be true, else None."""
    return int(count) if count is not None and 0 <= count <= MOST_TIMES else None


def plausible_rate(rate_hz: float | None) -> float | None:
    """Return `rate_hz` if sound can be played at it, else None."""
    low, high = RATES_HZ
    return rate_hz if rate_hz is not None and low <= rate_hz <= high else None


# What a browser tells with an answer, a column of `Response` each -> what is kept of it
LISTENING: dict[str, Callable[[float | None], float | None]] = {
    "listened_a_s": plausible,
    "listened_b_s": plausible,
    "listened_x_s": plausible,
    "switches": plausible_count,
    "plays": plausible_count,
    "seeks": plausible_count,
    "absences": plausible_count,
    "device_changes": plausible_count,
    "underruns": plausible_count,
    "response_time_s": plausible,
    "context_rate_hz": plausible_rate,
}
