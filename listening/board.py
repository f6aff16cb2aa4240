"""How a running study stands: who came, who finished, and how full each cell is.

Outcomes are left out: who watches the answers while they come in stops too early.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, F, Q, QuerySet

from listening import cells
from listening.models import Comparison, Session, Study, Trial
from listening.models.session import FRESH

State = Session.State


# The volume is set, or cannot be, after consent
STATES_AFTER_CONSENT = (State.COMPLETE, State.SCREENED_OUT, State.TECHNICAL)
# Steps of those who ended before the last answer
EARLY_ENDS = {
    "Did not agree": State.DECLINED,
    "Without headphones": State.SCREENED_OUT,
    "Technical problem": State.TECHNICAL,
}


@dataclass(frozen=True)
class Step:
    """A step of the funnel."""

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
class Board:
    funnel: list[Step]
    rows: list[Row]
    snrs_db: list[float]
    expected: float  # answers in each cell once every rater that is wanted has finished
    complete: int  # sessions of people
    simulated: int  # complete sessions of programs
    median_minutes: float | None  # people, from arrival to the last answer


def board(study: Study, *, at: datetime) -> Board:
    """Return how the live stage of `study` stands at the time `at`."""
    sessions = list(
        study.sessions.for_results()
        .annotate(simulated=F("rater__simulated"))
        .values_list(
            "state",
            "simulated",
            "last_seen_at",
            "started_at",
            "completed_at",
            "headphones_right",
        )
    )
    done = Counter(
        simulated for state, simulated, *_ in sessions if state == "complete"
    )
    times = [
        (completed - started).total_seconds() / 60
        for _, simulated, _, started, completed, _ in sessions
        if completed and not simulated
    ]
    snrs = cells.snrs_of(study)
    comparisons = list(study.comparisons.all())
    expected = _expected(study, cells=max(len(comparisons) * len(snrs), 1))
    return Board(
        funnel=_funnel(
            [(state, sim, at - seen) for state, sim, seen, *_ in sessions],
            _of_headphones(study, [(right, sim) for _, sim, *_, right in sessions]),
        ),
        rows=_rows(study, comparisons, snrs, expected),
        snrs_db=snrs,
        expected=expected,
        complete=done[False],
        simulated=done[True],
        median_minutes=median(times) if times else None,
    )


def overview(user: object) -> QuerySet[Study]:
    """Return the studies of `user`, each with its numbers of complete sessions."""
    complete = Q(
        sessions__stage=Session.Stage.LIVE, sessions__state=Session.State.COMPLETE
    )
    simulated = Q(sessions__rater__simulated=True)
    return (
        Study.objects.of(user)
        .select_related("stimulus_set")
        .annotate(
            people=Count("sessions", filter=complete & ~simulated),
            simulated=Count("sessions", filter=complete & simulated),
        )
    )


def _of_headphones(
    study: Study, sessions: list[tuple[int | None, bool]]
) -> dict[str, list[bool]]:
    """Return who passed the headphone check, and who not, if there is one.

    `sessions`: right answers, None before the first attempt, and whether simulated.
    """
    if not study.headphone_kinds:
        return {}
    mark = study.headphone_mark
    tried = [(right, sim) for right, sim in sessions if right is not None]
    return {
        "Passed the headphone check": [sim for right, sim in tried if right >= mark],
        "Did not pass it": [sim for right, sim in tried if right < mark],
    }


def _funnel(
    sessions: list[tuple[str, bool, timedelta]], headphones: dict[str, list[bool]]
) -> list[Step]:
    """Return the steps of `sessions`: state, whether simulated, time since heard of."""
    agreed = {State.TRIALS, *STATES_AFTER_CONSENT}
    steps = {
        "Arrived": [sim for _, sim, _ in sessions],
        "Agreed to take part": [sim for state, sim, _ in sessions if state in agreed],
        **headphones,
        "Finished": [sim for state, sim, _ in sessions if state == State.COMPLETE],
        "Under way now": [
            sim for state, sim, ago in sessions if state == "trials" and ago <= FRESH
        ],
        "Left before the end": [
            sim for state, sim, ago in sessions if state == "trials" and ago > FRESH
        ],
    } | {
        label: [sim for state, sim, _ in sessions if state == end]
        for label, end in EARLY_ENDS.items()
    }
    return [
        Step(label, people=who.count(False), simulated=who.count(True))
        for label, who in steps.items()
    ]


def _answers(study: Study) -> dict[tuple[int, float], int]:
    """Return the number of answers by comparison and SNR, where there are any."""
    trials = Trial.objects.filter(session__study=study).for_results().one_a_sound()
    places = trials.order_by().values_list("comparison", "mixture__snr_db")
    counts = places.annotate(Count("pk"))
    return {(comparison, snr): count for comparison, snr, count in counts}


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
