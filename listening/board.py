"""How a running study stands: who came, who finished, and how full each cell is.

Outcomes are left out: who watches the answers while they come in stops too early.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, F, Q, QuerySet

from listening.models import Comparison, Session, Study, Trial
from listening.models.session import FRESH
from stimuli.models import Mixture

State = Session.State


@dataclass(frozen=True)
class Step:
    """A step of the funnel."""

    label: str
    people: int
    simulated: int
    share: float  # of those who arrived, people and simulated, in percent


@dataclass(frozen=True)
class Cell:
    snr_db: float
    answers: int
    expected: float  # once every rater that is wanted has finished

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.answers / self.expected))


@dataclass(frozen=True)
class Row:
    comparison: Comparison
    cells: list[Cell]


@dataclass(frozen=True)
class Board:
    funnel: list[Step]
    rows: list[Row]
    snrs_db: list[float]
    complete: int  # sessions of people
    simulated: int  # complete sessions of programs
    median_minutes: float | None  # people, from arrival to the last answer


def board(study: Study, *, at: datetime) -> Board:
    """Return how the live stage of `study` stands at the time `at`."""
    sessions = list(
        study.sessions.for_results()
        .annotate(simulated=F("rater__simulated"))
        .values_list("state", "simulated", "last_seen_at", "started_at", "completed_at")
    )
    done = Counter(simulated for state, simulated, *_ in sessions if state == "complete")
    times = [
        (completed - started).total_seconds() / 60
        for _, simulated, _, started, completed in sessions
        if completed and not simulated
    ]
    rows = _rows(study)
    return Board(
        funnel=_funnel(
            [(state, sim, at - seen) for state, sim, seen, _, _ in sessions]
        ),
        rows=rows,
        snrs_db=[cell.snr_db for cell in rows[0].cells] if rows else [],
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


def _funnel(sessions: list[tuple[str, bool, timedelta]]) -> list[Step]:
    """Return the steps of `sessions`: state, whether simulated, time since heard of."""
    agreed = (State.TRIALS, State.COMPLETE)
    steps = {
        "Arrived": [sim for _, sim, _ in sessions],
        "Agreed to take part": [sim for state, sim, _ in sessions if state in agreed],
        "Finished": [sim for state, sim, _ in sessions if state == State.COMPLETE],
        "Under way now": [
            sim for state, sim, ago in sessions if state == "trials" and ago <= FRESH
        ],
        "Left before the end": [
            sim for state, sim, ago in sessions if state == "trials" and ago > FRESH
        ],
        "Did not agree": [sim for state, sim, _ in sessions if state == State.DECLINED],
    }
    return [
        Step(
            label,
            people=who.count(False),
            simulated=who.count(True),
            share=100 * len(who) / max(len(sessions), 1),
        )
        for label, who in steps.items()
    ]


def _rows(study: Study) -> list[Row]:
    """Return the answers of each comparison at each SNR that the stimulus set has."""
    mixtures = Mixture.objects.filter(stimulus_set_id=study.stimulus_set_id)
    snrs = sorted(set(mixtures.values_list("snr_db", flat=True)))
    comparisons = list(study.comparisons.all())
    answers = {
        (comparison, snr): count
        for comparison, snr, count in Trial.objects.filter(session__study=study)
        .for_results()
        .order_by()
        .values_list("comparison", "mixture__snr_db")
        .annotate(Count("pk"))
    }
    trials = study.rater_quota * study.trials_per_session
    expected = trials / max(len(snrs) * len(comparisons), 1)
    return [
        Row(c, [Cell(snr, answers.get((c.pk, snr), 0), expected) for snr in snrs])
        for c in comparisons
    ]
