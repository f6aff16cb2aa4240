"""Cells, the comparisons at each SNR: which are asked about, and how full they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from listening.models import ClosedCell, Study, Trial
from listening.models.session import SessionQuerySet
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
    """Return how often each cell was given in `sessions`."""
    sounds = Trial.objects.one_a_sound()
    trials = sounds.filter(session__in=sessions, kind=Trial.Kind.TEST)
    by_cell = trials.order_by().values_list("comparison", "mixture__snr_db")
    counts = by_cell.annotate(Count("pk"))
    return Counter({(comparison, snr): count for comparison, snr, count in counts})


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


def comparisons_with_room(study: Study, room: Room, *, each: int) -> list[int]:
    """Return the comparisons whose cells together still take `each` answers."""
    snrs = snrs_of(study)
    comparisons = study.comparisons.values_list("pk", flat=True)
    return [c for c in comparisons if sum(room.get((c, s), each) for s in snrs) >= each]


@transaction.atomic
def recruit_in(study: Study, cells: Collection[Cell]) -> None:
    """Ask new raters about `cells`, and about no others of `study`."""
    ClosedCell.objects.filter(comparison__study=study).delete()
    ClosedCell.objects.bulk_create(
        ClosedCell(comparison_id=comparison, snr_db=snr_db)
        for comparison, snr_db in all_cells(study)
        if (comparison, snr_db) not in cells
    )
