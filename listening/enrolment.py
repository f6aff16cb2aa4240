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
from django.utils.translation import gettext, gettext_noop

from listening import cells, methods
from listening.asking import as_asked
from listening.designs import (
    SCHEDULE_VERSION,
    Candidate,
    Drawn,
    ImpossibleDesign,
    draw,
    problems,
)
from listening.models import Invitation, PanelIdentity, Rater, Session, Study, Trial
from listening.panels import Claim
from listening.schedule import TOGETHER
from listening.together import store_sounds, systems_of
from stimuli.models import Mixture


class Refusal(Enum):
    """Why somebody cannot begin, in words for them."""

    DRAFT = gettext_noop("This study has not opened yet. Please come back later.")
    PAUSED = gettext_noop("This study is taking a break. Please come back later.")
    CLOSED = gettext_noop("This study is closed. Thank you for your interest.")
    FULL = gettext_noop(
        "Every place in this study is taken at the moment. A place becomes free when "
        "somebody stops: you may try again in half an hour."
    )

    @property
    def words(self) -> str:
        return gettext(self.value)


class EnrolmentRefused(Exception):
    """The study takes nobody now; `reason` says why."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.words)
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


def stage_now(study: Study, *, at: datetime) -> Session.Stage:
    """Return the stage of those who begin at `at`; raise `EnrolmentRefused` if nobody.

    After the study's last day nobody new comes in; a pilot has none.
    """
    state = Study.State(study.state)
    if state in REFUSED_IN:
        raise EnrolmentRefused(REFUSED_IN[state])
    if state is Study.State.LIVE and study.has_ended(at):
        raise EnrolmentRefused(Refusal.CLOSED)
    return STAGE_IN[state]


def is_full(study: Study, *, stage: str, at: datetime) -> bool:
    """Return whether people hold as many places as the study has, or fill its cells."""
    people = study.sessions.filter(stage=stage, rater__simulated=False)
    if people.holding_a_place(at).count() >= study.rater_quota:
        return True
    room = cells.room(study, stage=stage, at=at, simulated=False)
    left = cells.for_units(study, room)
    return not cells.units_with_room(study, left, each=trials_each(study))


def trials_each(study: Study) -> int:
    """Return how many test trials of a session each comparison has."""
    if methods.load(study.method).is_together:
        return study.trials_per_session
    return study.trials_per_session // max(study.comparisons.count(), 1)


@transaction.atomic
def admit(
    *,
    study: Study,
    seed: int,
    at: datetime,
    claim: Claim | None = None,
    invitation: Invitation | None = None,
) -> Session:
    """Return the session of who presses Start: the one that they have, or a new one.

    A panel's participant and an invitation have one session each, however often and
    from however many browsers they come; the study's row is locked meanwhile.

    Raises `EnrolmentRefused` and `ImpossibleDesign` as `enrol` does.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    present = begun(study, claim=claim, invitation=invitation)
    if present is not None:
        return present
    session = enrol(study=study, stage=stage_now(study, at=at), seed=seed, at=at)
    if claim is not None:
        PanelIdentity.objects.create(
            study=study,
            panel=claim.panel,
            pseudonym=claim.pseudonym,
            session=session,
            created_at=at,
        )
    if invitation is not None:
        Invitation.objects.filter(pk=invitation.pk).update(session=session)
    return session


def begun(
    study: Study, *, claim: Claim | None = None, invitation: Invitation | None = None
) -> Session | None:
    """Return the session that this participant or invitation already has, if any."""
    if invitation is not None:
        return study.sessions.filter(invitation=invitation).first()
    if claim is not None:
        known = study.sessions.filter(panel_identity__pseudonym=claim.pseudonym)
        return known.first()
    return None


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
    room: dict[cells.Cell, int] = {}
    if stage != Session.Stage.PREVIEW:
        if stage_now(study, at=at) != stage:
            raise EnrolmentRefused(Refusal.DRAFT)
        if not simulated and is_full(study, stage=stage, at=at):
            raise EnrolmentRefused(Refusal.FULL)
        room = cells.room(study, stage=stage, at=at, simulated=simulated)
    drawn = schedule(
        study,
        room,
        exposure=exposure(study, stage=stage, at=at, simulated=simulated),
        seed=seed,
    )
    drawn = as_asked(
        drawn,
        methods.load(study.method),
        seed=seed,
        begun=first_scales(study, stage=stage, at=at, simulated=simulated),
        together=systems_of(study),
    )
    design = study.frozen_designs.newest() if stage == Session.Stage.LIVE else None
    session = Session.objects.create(
        study=study,
        rater=Rater.objects.create(simulated=simulated),
        stage=stage,
        seed=seed,
        schedule_version=SCHEDULE_VERSION,
        design_version=design.version if design else None,
        started_at=at,
        last_seen_at=at,
    )
    store(session, drawn)
    return session


def schedule(
    study: Study,
    room: cells.Room,
    *,
    exposure: Counter[tuple[int, int, bool]],
    seed: int,
) -> list[Drawn]:
    """Draw a session from the cells that have room.

    A comparison whose cells are full is left out, and the session is shorter by its
    trials: each of the others keeps its number, so A and B stay balanced.
    """
    comparisons = cells.units_of(study)
    trials = study.trials_per_session
    if room:
        each = trials_each(study)
        room = cells.for_units(study, room)
        comparisons = cells.units_with_room(study, room, each=each)
        if not comparisons:
            raise EnrolmentRefused(Refusal.FULL)
        trials = each * len(comparisons)
    try:
        return draw(
            comparisons=comparisons,
            candidates=candidates(study),
            trials=trials,
            training=study.training_trials,
            exposure=exposure,
            seed=seed,
            checks=study.checks,
            room=room,
            alone=not methods.load(study.method).has_pairs,
        )
    except ImpossibleDesign as error:
        if room:
            raise EnrolmentRefused(Refusal.FULL) from error
        raise


def store(session: Session, drawn: list[Drawn]) -> None:
    """Store the schedule of `session`, with a fresh token for each trial and member."""
    trials = [
        Trial(
            session=session,
            position=position,
            kind=one.kind,
            comparison_id=one.comparison or None,
            mixture_id=one.candidate.mixture,
            enhanced_first=one.enhanced_first,
            x_first=one.x_first,
            scale=one.scale,
            repeats=next(
                (n for n, other in enumerate(drawn, start=1) if one.repeats(other)),
                None,
            ),
        )
        for position, one in enumerate(drawn, start=1)
    ]
    for trial in trials:
        trial.renew_tokens()
    Trial.objects.bulk_create(trials)
    store_sounds(trials, drawn)


def candidates(study: Study) -> list[Candidate]:
    """Return the mixtures that were rendered with all systems that `study` plays.

    A study may have been restored without its sounds: what has no file is not played.
    """
    systems = {system for c in study.comparisons.all() for system in c.systems}
    systems |= set(study.gold_pair) if study.gold_trials else set()
    systems |= set(methods.load(study.method).beside)
    rendered = Q(
        stimuli__status="done", stimuli__file__gt="", stimuli__system__in=systems
    )
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
        Trial.objects.one_a_sound()
        .filter(session__in=sessions.holding_a_place(at), kind=Trial.Kind.TEST)
        .order_by()
        .values_list("comparison", "mixture", "enhanced_first")
        .annotate(Count("pk"))
    )
    return Counter({(c or TOGETHER, m, first): count for c, m, first, count in given})


def first_scales(
    study: Study, *, stage: str, at: datetime, simulated: bool
) -> Counter[str]:
    """Return how many sessions, of those that count in `exposure`, began with which."""
    sessions = study.sessions.filter(stage=stage, rater__simulated=simulated)
    first = Trial.objects.filter(
        session__in=sessions.holding_a_place(at), position=1
    ).order_by()
    return Counter(dict(first.values_list("scale").annotate(Count("pk"))))


def problems_of_schedule(study: Study) -> list[str]:
    """Return why no schedule of `study` can be drawn, in words; empty if one can."""
    return problems(
        comparisons=len(cells.units_of(study)),
        sentences=len({c.sentence for c in candidates(study)}),
        trials=study.trials_per_session,
        checks=study.checks,
        alone=not methods.load(study.method).has_pairs,
    )
