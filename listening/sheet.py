"""A session on one sheet: what happened when, what was answered, what was checked.

Sides are shown, A or B. Which system was on which side is shown once the outcome of the
study may be seen, not before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from listening import methods
from listening.analysis.checks import answers_of, evidence_of
from listening.analysis.screening import Decision, Evidence, decide, declared
from listening.blinding import is_blind
from listening.headphone_answering import rounds_right
from listening.models import Event, Exclusion, Response, Session, Trial

Kind = Event.Kind

# What is told of in the timeline; plays and switches are counted with the answers
TOLD = (
    *(Kind.FAILED, Kind.OFFLINE, Kind.UNDERRUN, Kind.INTERRUPTED, Kind.DEVICE),
    *(Kind.HIDDEN, Kind.VISIBLE, Kind.BLUR, Kind.FOCUS),
)


@dataclass(frozen=True)
class Moment:
    """Something that happened, so long after the rater came."""

    after: timedelta
    what: str
    is_event: bool = False  # told by the browser, by its own clock

    @property
    def clock(self) -> str:
        seconds = max(0, round(self.after.total_seconds()))
        return f"{seconds // 60}:{seconds % 60:02d}"


@dataclass(frozen=True)
class Asked:
    trial: Trial
    response: Response | None
    answer: str  # as the rater read it; "" if there is none
    systems: str  # of A and of B; "" while the outcome is hidden
    events: str  # what the browser told, counted


@dataclass(frozen=True)
class Listening:
    """Medians over the answers, in seconds; None where nothing is known."""

    a_s: float | None
    b_s: float | None
    response_s: float | None


@dataclass(frozen=True)
class Round:
    """A round of the headphone check."""

    number: int
    right: int  # of six
    passed: bool


@dataclass(frozen=True)
class Sheet:
    blind: bool
    moments: list[Moment]
    asked: list[Asked]
    listening: Listening
    first: int  # answers for A among the real trials, and for B
    second: int
    known: Evidence | None  # None before the first answer, and of a pilot
    decision: Decision | None  # None without declared rules
    headphones: list[Round]  # of the check, as far as they were answered
    exclusions: list[Exclusion]  # the log, oldest first

    @property
    def chosen(self) -> int:
        """Answers that chose a side."""
        return self.first + self.second

    @property
    def left_out(self) -> Exclusion | None:
        return next((e for e in self.exclusions if e.undone_at is None), None)


def sheet_of(session: Session) -> Sheet:
    """Return what is known of `session`."""
    trials = list(
        session.trials.with_answers().select_related(
            "response", "comparison", "mixture__utterance", "session__study"
        )
    )
    events = list(session.events.select_related("trial").order_by("trial", "at_s"))
    blind = is_blind(session.study)
    known = _known(session)
    rules = declared(session.study.exclusion_rules)
    real = [t for t in _answered(trials) if t.kind in (Trial.Kind.TEST, "repeat")]
    return Sheet(
        blind=blind,
        moments=sorted(_moments(session, trials, events), key=lambda m: m.after),
        asked=_asked(session, trials, events, blind=blind),
        listening=_listening([t.response for t in _answered(trials)]),
        first=sum((t.response.value or 0) < 0 for t in real),
        second=sum((t.response.value or 0) > 0 for t in real),
        known=known,
        decision=decide(known, rules) if known and rules else None,
        headphones=_headphones(session),
        exclusions=list(session.exclusions.all()),
    )


def _answered(trials: list[Trial]) -> list[Trial]:
    return [trial for trial in trials if hasattr(trial, "response")]


def _known(session: Session) -> Evidence | None:
    answers = answers_of(session.study)
    of_rater = answers[answers["session"] == session.pk].reset_index(drop=True)
    least_s = session.study.min_listening_s
    return next(iter(evidence_of(of_rater, min_listening_s=least_s)), None)


def _headphones(session: Session) -> list[Round]:
    mark = session.study.headphone_mark
    rounds = rounds_right(session).items()
    return [Round(number, right, right >= mark) for number, right in rounds]


# ---- timeline -----------------------------------------------------------------------


def _moments(
    session: Session, trials: list[Trial], events: list[Event]
) -> Iterator[Moment]:
    """Yield what happened; what happened at once comes in the order that it has."""
    began = session.started_at
    for at, what in _beginning(session):
        if at is not None:
            yield Moment(at - began, what)
    for trial in trials:
        if trial.shown_at is not None:
            yield Moment(trial.shown_at - began, f"Pair {trial.position} was shown")
        if hasattr(trial, "response"):
            at = trial.response.answered_at
            yield Moment(at - began, f"Pair {trial.position} was answered")
    for event in events:
        if event.kind in TOLD and event.trial.shown_at is not None:
            at = event.trial.shown_at + timedelta(seconds=event.at_s)
            what = f"Pair {event.trial.position}: {event.get_kind_display()}"
            yield Moment(at - began, what, is_event=True)
    if session.is_over:
        at = session.completed_at or session.last_seen_at
        yield Moment(at - began, f"Ended: {session.get_state_display().lower()}")


def _beginning(session: Session) -> Iterator[tuple[datetime | None, str]]:
    yield session.started_at, "Pressed Start"
    yield session.consented_at, "Agreed to take part"
    yield session.sound_checked_at, "Set the volume, the last time"
    for trial in session.headphone_trials.answered().filter(position=1):
        again = f" again ({trial.round})" if trial.round > 1 else ""
        yield trial.answered_at, f"Headphone check{again}, attempt {trial.attempt}"
    last = session.headphones_checked_at
    yield last, "Went on from the headphone check, the last time"


# ---- trials -------------------------------------------------------------------------


def _asked(
    session: Session, trials: list[Trial], events: list[Event], *, blind: bool
) -> list[Asked]:
    method = methods.load(session.study.method)
    labels = {choice.value: choice.label for choice in method.choices}
    of_trial: dict[int, Counter[str]] = {}
    for event in events:
        if event.kind in TOLD:
            counts = of_trial.setdefault(event.trial_id, Counter())
            counts[event.get_kind_display()] += 1
    return [
        _one(trial, labels, of_trial.get(trial.pk, Counter()), blind=blind)
        for trial in trials
    ]


def _one(
    trial: Trial, labels: dict[int, str], events: Counter[str], *, blind: bool
) -> Asked:
    response: Response | None = getattr(trial, "response", None)
    return Asked(
        trial=trial,
        response=response,
        answer=_answer(trial, response, labels) if response else "",
        systems="" if blind else " / ".join(_systems(trial)),
        events="; ".join(f"{what} ({count})" for what, count in events.items()),
    )


def _answer(trial: Trial, response: Response, labels: dict[int, str]) -> str:
    """Return the answer as the rater read it; of many sounds the scores, in order."""
    if response.value is None:
        return " / ".join(str(sound.score) for sound in trial.sounds.all())
    return labels.get(response.value, str(response.value))


def _systems(trial: Trial) -> Sequence[str]:
    """Return whose sounds are heard, in the order in which they are on the page."""
    if trial.is_together:
        return [sound.system for sound in trial.sounds.all()]
    return trial.members


def _listening(responses: list[Response]) -> Listening:
    def middle(name: str) -> float | None:
        told = [getattr(one, name) for one in responses]
        known = [value for value in told if value is not None]
        return median(known) if known else None

    names = ("listened_a_s", "listened_b_s", "response_time_s")
    return Listening(*(middle(name) for name in names))
