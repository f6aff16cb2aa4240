"""Cells, the comparisons at each SNR: which are asked about, and how full they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Count, QuerySet

from listening import methods
from listening.models import ClosedCell, Comparison, Study, Trial
from listening.models.session import SessionQuerySet
from listening.models.trial import TrialQuerySet
from listening.schedule import TOGETHER
from stimuli.models import Mixture

Cell = tuple[int, float]  # comparison, SNR in dB
Room = Mapping[Cell, int]  # answers that are still wanted; where absent, any number


def snrs_of(study: Study) -> list[float]:
    mixtures = Mixture.objects.filter(stimulus_set_id=study.stimulus_set_id)
    return sorted(set(mixtures.values_list("snr_db", flat=True)))


def all_cells(study: Study) -> list[Cell]:
    comparisons = study.comparisons.values_list("pk", flat=True)
    return [(c, snr_db) for c in comparisons for snr_db in snrs_of(study)]


def closed(study: Study) -> set[Cell]:
    """Return the cells in which nobody new is asked."""
    rows = ClosedCell.objects.filter(comparison__study=study)
    return set(rows.values_list("comparison", "snr_db"))


def given(study: Study, *, stage: str, at: datetime) -> Counter[Cell]:
    """Return how often people were given each cell: completed, or fresh under way."""
    people = study.sessions.filter(stage=stage, rater__simulated=False)
    return given_in(people.holding_a_place(at))


def given_in(sessions: SessionQuerySet) -> Counter[Cell]:
    """Return how often each cell was given in `sessions`, of one study."""
    trials = Trial.objects.filter(session__in=sessions, kind=Trial.Kind.TEST)
    asked = Comparison.objects.filter(study__sessions__in=sessions).distinct()
    return counted(trials.one_a_sound(), asked)


def counted(trials: TrialQuerySet, asked: QuerySet[Comparison]) -> Counter[Cell]:
    """Count `trials` by cell; one that is about no comparison is about all `asked`."""
    by_cell = trials.order_by().values_list("comparison", "mixture__snr_db")
    every = list(asked.values_list("pk", flat=True))
    found: Counter[Cell] = Counter()
    for comparison, snr_db, count in by_cell.annotate(Count("pk")):
        for one in every if comparison is None else [comparison]:
            found[one, snr_db] += count
    return found


def room(study: Study, *, stage: str, at: datetime, simulated: bool) -> dict[Cell, int]:
    """Return how many answers each cell still takes; those without limit are left out.

    Quotas are for people: a program fills none. A cell that is closed is closed to all.
    """
    shut = dict.fromkeys(closed(study), 0)
    if study.cell_quota is None or simulated:
        return shut
    counts = given(study, stage=stage, at=at)
    left = {cell: max(0, study.cell_quota - counts[cell]) for cell in all_cells(study)}
    return left | shut


def units_of(study: Study) -> list[int]:
    """Return what a schedule draws trials of: comparisons, or all of them as one."""
    comparisons = list(study.comparisons.values_list("pk", flat=True))
    together = methods.load(study.method).is_together
    return [TOGETHER] if together and comparisons else comparisons


def for_units(study: Study, room: Room) -> Room:
    """Return `room` by what a schedule draws: as little as any has, if together."""
    if units_of(study) != [TOGETHER]:
        return room
    least: dict[Cell, int] = {}
    for (_, snr_db), left in room.items():
        least[TOGETHER, snr_db] = min(left, least.get((TOGETHER, snr_db), left))
    return least


def units_with_room(study: Study, room: Room, *, each: int) -> list[int]:
    """Return what has cells that together still take `each` answers."""
    snrs, units = snrs_of(study), units_of(study)
    return [u for u in units if sum(room.get((u, s), each) for s in snrs) >= each]


@transaction.atomic
def recruit_in(study: Study, cells: Collection[Cell]) -> None:
    """Ask new raters about `cells`, and about no others of `study`."""
    ClosedCell.objects.filter(comparison__study=study).delete()
    ClosedCell.objects.bulk_create(
        ClosedCell(comparison_id=comparison, snr_db=snr_db)
        for comparison, snr_db in all_cells(study)
        if (comparison, snr_db) not in cells
    )
