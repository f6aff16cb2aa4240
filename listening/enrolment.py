"""Take somebody into a study: hold a place, and draw and store every trial at once.

Simulated raters and people are counted apart: a program neither takes a person's place
nor changes what people hear.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from enum import Enum

from django.db import transaction
from django.db.models import Count, Q

from listening.designs import SCHEDULE_VERSION, Candidate, Drawn, draw, problems
from listening.models import Rater, Session, Study, Trial
from stimuli.models import Mixture


class Refusal(Enum):
    """Why somebody cannot begin, in words for them."""

    DRAFT = "This study has not opened yet. Please come back later."
    PAUSED = "This study is taking a break. Please come back later."
    CLOSED = "This study is closed. Thank you for your interest."
    FULL = (
        "Every place in this study is taken at the moment. A place becomes free when "
        "somebody stops: you may try again in half an hour."
    )


class EnrolmentRefused(Exception):
    """The study takes nobody now; `reason` says why."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


REFUSED_IN = {
    Study.State.DRAFT: Refusal.DRAFT,
    Study.State.PAUSED: Refusal.PAUSED,
    Study.State.CLOSED: Refusal.CLOSED,
}
STAGE_IN = {
    Study.State.PILOT: Session.Stage.PILOT,
    Study.State.LIVE: Session.Stage.LIVE,
}


def stage_now(study: Study) -> Session.Stage:
    """Return the stage of those who begin now; raise `EnrolmentRefused` if nobody."""
    state = Study.State(study.state)
    if state in REFUSED_IN:
        raise EnrolmentRefused(REFUSED_IN[state])
    return STAGE_IN[state]


def is_full(study: Study, *, stage: str, at: datetime) -> bool:
    """Return whether people hold as many places as the study has."""
    people = study.sessions.filter(stage=stage, rater__simulated=False)
    return people.holding_a_place(at).count() >= study.rater_quota


@transaction.atomic
def enrol(
    *, study: Study, stage: str, seed: int, at: datetime, simulated: bool = False
) -> Session:
    """Create a rater of `study`, a session from `at` on, and its trials from `seed`.

    The study's row is locked, so that two who begin at once are drawn one after the
    other (SQLite locks the whole database when a transaction begins). A preview is
    possible at any time and counts nowhere.

    Raises
    ------
    EnrolmentRefused
        If the study is not open at this stage, or full.
    listening.designs.ImpossibleDesign
        If the study's numbers allow no schedule.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if stage != Session.Stage.PREVIEW:
        if stage_now(study) != stage:
            raise EnrolmentRefused(Refusal.DRAFT)
        if not simulated and is_full(study, stage=stage, at=at):
            raise EnrolmentRefused(Refusal.FULL)
    drawn = draw(
        comparisons=list(study.comparisons.values_list("pk", flat=True)),
        candidates=candidates(study),
        trials=study.trials_per_session,
        training=study.training_trials,
        exposure=exposure(study, stage=stage, at=at, simulated=simulated),
        seed=seed,
        checks=study.checks,
    )
    session = Session.objects.create(
        study=study,
        rater=Rater.objects.create(simulated=simulated),
        stage=stage,
        seed=seed,
        schedule_version=SCHEDULE_VERSION,
        started_at=at,
        last_seen_at=at,
    )
    store(session, drawn)
    return session


def store(session: Session, drawn: list[Drawn]) -> None:
    """Store the schedule of `session`, with a fresh token for each trial and member."""
    Trial.objects.bulk_create(
        Trial(
            session=session,
            position=position,
            kind=one.kind,
            comparison_id=one.comparison,
            mixture_id=one.candidate.mixture,
            enhanced_first=one.enhanced_first,
            repeats=next(
                (n for n, other in enumerate(drawn, start=1) if one.repeats(other)),
                None,
            ),
        )
        for position, one in enumerate(drawn, start=1)
    )


def candidates(study: Study) -> list[Candidate]:
    """Return the mixtures that were rendered with all systems that `study` plays."""
    pairs = [comparison.pair for comparison in study.comparisons.all()]
    pairs += [study.gold_pair] if study.gold_trials else []
    systems = {system for pair in pairs for system in pair}
    rendered = Q(stimuli__status="done", stimuli__system__in=systems)
    mixtures = (
        Mixture.objects.filter(stimulus_set_id=study.stimulus_set_id)
        .annotate(rendered=Count("stimuli", filter=rendered))
        .filter(rendered=len(systems))
        .select_related("utterance")
        .order_by("pk")
    )
    return [
        Candidate(m.pk, m.snr_db, m.utterance.sentence, m.utterance.speaker)
        for m in mixtures
    ]


def exposure(
    study: Study, *, stage: str, at: datetime, simulated: bool
) -> Counter[tuple[int, int, bool]]:
    """Return how often each comparison of each mixture was given in each position.

    Complete sessions count, and those under way that were heard of lately.
    """
    sessions = study.sessions.filter(stage=stage, rater__simulated=simulated)
    given = (
        Trial.objects.filter(
            session__in=sessions.holding_a_place(at), kind=Trial.Kind.TEST
        )
        .order_by()
        .values_list("comparison", "mixture", "enhanced_first")
        .annotate(Count("pk"))
    )
    return Counter({(c, m, first): count for c, m, first, count in given})


def problems_of_schedule(study: Study) -> list[str]:
    """Return why no schedule of `study` can be drawn, in words; empty if one can."""
    return problems(
        comparisons=study.comparisons.count(),
        sentences=len({c.sentence for c in candidates(study)}),
        trials=study.trials_per_session,
        checks=study.checks,
    )
