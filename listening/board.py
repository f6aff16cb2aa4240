"""How a running study stands: who came, who finished, and how full each cell is.

Outcomes are left out: who watches the answers while they come in stops too early.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from listening import cells
from listening.models import Comparison, LinkCount, Session, Study, Trial
from listening.models.session import FRESH, SessionQuerySet

State = Session.State
Kind = Trial.Kind

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Step:
    """A step on the way, or an end of it, and how many came there."""

    label: str
    people: int
    simulated: int


@dataclass(frozen=True)
class Cell:
    snr_db: float
    answers: int  # of people and of simulated raters
    percent: int  # of what is expected, at most 100
    closed: bool  # nobody new is asked


@dataclass(frozen=True)
class Row:
    comparison: Comparison
    cells: list[Cell]


@dataclass(frozen=True)
class Pace:
    """Trials that people answered, whatever they are about; scales are not counted."""

    last_hour: int
    an_hour: float  # over the last day, or since the first answer of that day


@dataclass(frozen=True)
class Board:
    funnel: list[Step]  # from the link to the last answer
    ends: list[Step]  # where the others are, each at one place
    rows: list[Row]
    snrs_db: list[float]
    expected: float  # answers in each cell once every rater that is wanted has finished
    complete: int  # sessions of people that count
    simulated: int  # complete sessions of programs that count
    median_minutes: float | None  # people, from arrival to the last answer
    pace: Pace


@dataclass(frozen=True)
class Seen:
    """What the board knows of a session."""

    session: Session
    practised: bool  # no training trial is left
    begun: bool  # a trial of whatever kind is answered
    left_out: bool
    quiet: bool  # was not heard of for so long that its place is free

    @property
    def simulated(self) -> bool:
        return self.session.rater.simulated

    @property
    def agreed(self) -> bool:
        return self.session.consented_at is not None

    @property
    def counts(self) -> bool:
        return self.session.state == State.COMPLETE and not self.left_out

    @property
    def has_left(self) -> bool:
        return self.quiet and not self.session.is_over

    @property
    def minutes(self) -> float | None:
        done = self.session.completed_at
        if done is None:
            return None
        return (done - self.session.started_at).total_seconds() / 60


Question = Callable[[Seen], bool]

# From pressing Start to the last answer; what a study does not have is not shown
WAY: Mapping[str, Question] = {
    "Arrived": lambda s: True,
    "Agreed to take part": lambda s: s.agreed,
    "Set the volume": lambda s: s.session.sound_checked_at is not None,
    "Passed the headphone check": lambda s: s.session.passed_headphones is True,
    "Finished training": lambda s: s.begun and s.practised,
    "Finished": lambda s: s.session.state == State.COMPLETE,
}
ENDS: Mapping[str, Question] = {
    "Under way now": lambda s: not s.session.is_over and not s.quiet,
    "Did not agree": lambda s: s.session.state == State.DECLINED,
    "Without headphones": lambda s: (
        s.session.state == State.SCREENED_OUT and s.session.may_begin_anew
    ),
    "Did not pass the headphone check": lambda s: (
        s.session.state == State.SCREENED_OUT and not s.session.may_begin_anew
    ),
    "Technical problem": lambda s: s.session.state == State.TECHNICAL,
    "Left before agreeing": lambda s: s.has_left and not s.agreed,
    "Left before the first pair": lambda s: s.has_left and s.agreed and not s.begun,
    "Left during training": lambda s: s.has_left and s.begun and not s.practised,
    "Left during the test": lambda s: s.has_left and s.begun and s.practised,
}
# of those who finished or not, beside all that
LEFT_OUT = "Left out by hand"
ONLY_IF: Mapping[str, Callable[[Study], object]] = {
    "Passed the headphone check": lambda study: study.headphone_kinds,
    "Did not pass the headphone check": lambda study: study.headphone_kinds,
    "Finished training": lambda study: study.training_trials,
    "Left during training": lambda study: study.training_trials,
}


def board(study: Study, *, at: datetime) -> Board:
    """Return how the live stage of `study` stands at the time `at`."""
    seen = sessions_seen(study, at=at)
    minutes = [s.minutes for s in seen if s.minutes is not None and not s.simulated]
    snrs = cells.snrs_of(study)
    comparisons = list(study.comparisons.all())
    expected = _expected(study, cells=max(len(cells.units_of(study)) * len(snrs), 1))
    return Board(
        funnel=[_opened(study), *_steps(study, seen, WAY)],
        ends=[
            *_steps(study, seen, ENDS),
            _step(LEFT_OUT, [s for s in seen if s.left_out]),
            Step("Withdrew", study.withdrawals, 0),
        ],
        rows=_rows(study, comparisons, snrs, expected),
        snrs_db=snrs,
        expected=expected,
        complete=sum(s.counts and not s.simulated for s in seen),
        simulated=sum(s.counts and s.simulated for s in seen),
        median_minutes=median(minutes) if minutes else None,
        pace=_pace(study, at=at),
    )


def overview(user: object) -> QuerySet[Study]:
    """Return the studies of `user`, each with its numbers of complete sessions."""
    counted = Session.objects.for_results().complete().counted()
    complete = Q(sessions__in=counted)
    simulated = Q(sessions__rater__simulated=True)
    return (
        Study.objects.of(user)
        .select_related("stimulus_set")
        .annotate(
            people=Count("sessions", filter=complete & ~simulated),
            simulated=Count("sessions", filter=complete & simulated),
        )
    )


def sessions_seen(study: Study, *, at: datetime) -> list[Seen]:
    """Return every session of the live stage of `study`, in one query."""
    return [
        Seen(
            session=session,
            practised=session.practised,  # type: ignore[attr-defined]
            begun=session.answered > 0,  # type: ignore[attr-defined]
            left_out=session.is_left_out,  # type: ignore[attr-defined]
            quiet=at - session.last_seen_at > FRESH,
        )
        for session in _annotated(study.sessions.for_results())
    ]


def _annotated(sessions: SessionQuerySet) -> SessionQuerySet:
    trials = Trial.objects.filter(session=OuterRef("pk"))
    return sessions.for_list().annotate(
        practised=~Exists(trials.filter(kind=Kind.TRAINING).unanswered()),
    )


def _opened(study: Study) -> Step:
    """Return how often the link was opened; programs come without it."""
    found = LinkCount.objects.filter(study=study).first()
    return Step("Link opened, times", found.opened if found else 0, 0)


def _steps(
    study: Study, seen: list[Seen], questions: Mapping[str, Question]
) -> list[Step]:
    return [
        _step(label, [s for s in seen if applies(s)])
        for label, applies in questions.items()
        if label not in ONLY_IF or ONLY_IF[label](study)
    ]


def _step(label: str, seen: list[Seen]) -> Step:
    simulated = sum(s.simulated for s in seen)
    return Step(label, len(seen) - simulated, simulated)


def _pace(study: Study, *, at: datetime) -> Pace:
    answered = Trial.objects.filter(session__study=study).answered().one_a_sound()
    answered = answered.live().by_people()
    times = answered.order_by().values_list("response__answered_at", flat=True)
    lately = list(times.filter(response__answered_at__range=(at - DAY, at)))
    hours = max((at - min(lately)) / HOUR, 1.0) if lately else 1.0
    return Pace(
        last_hour=sum(at - one <= HOUR for one in lately),
        an_hour=len(lately) / hours,
    )


def _answers(study: Study) -> Mapping[cells.Cell, int]:
    """Return the number of answers that count by comparison and SNR, if any."""
    counted = Trial.objects.filter(session__in=study.sessions.counted())
    trials = counted.for_results().one_a_sound()
    return cells.counted(trials, study.comparisons.all())


def _rows(
    study: Study, comparisons: list[Comparison], snrs_db: list[float], expected: float
) -> list[Row]:
    answers, shut = _answers(study), cells.closed(study)
    return [
        Row(
            c,
            [
                _cell(s, answers.get((c.pk, s), 0), expected, (c.pk, s) in shut)
                for s in snrs_db
            ],
        )
        for c in comparisons
    ]


def _cell(snr_db: float, answers: int, expected: float, closed: bool) -> Cell:
    return Cell(snr_db, answers, min(100, round(100 * answers / expected)), closed)


def _expected(study: Study, *, cells: int) -> float:
    """Return the answers of each of `cells` once every rater wanted has finished."""
    expected = study.rater_quota * study.trials_per_session / cells
    return expected if study.cell_quota is None else min(expected, study.cell_quota)
