"""Who prefers what stays hidden until a study is over.

Whoever watches the outcome while answers come in stops when it looks nice, and finds
too often what is not there. So nothing shows it before the stop rule is met: the study
has as many raters, or as many answers in its cells, as were wanted, or it is closed.
Whoever has to look before gives a reason, and that is kept, shown and exported.

Programs are treated as people are. They meet the rule for people only where no person
has answered.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from listening import cells
from listening.enrolment import trials_each
from listening.models import Study, Trial, Unblinding
from listening.models.session import SessionQuerySet
from listening.models.trial import TrialQuerySet


def is_blind(study: Study) -> bool:
    """Return whether there is an outcome that may not be seen yet."""
    if study.state == Study.State.CLOSED or unblinding_of(study) is not None:
        return False
    return answers_of(study).exists() and not stop_rule_met(study)


def blind_studies() -> list[int]:
    """Return the numbers of all studies whose outcome may not be seen yet."""
    running = Study.objects.exclude(state=Study.State.CLOSED)
    return [study.pk for study in running if is_blind(study)]


def unblinding_of(study: Study) -> Unblinding | None:
    return Unblinding.objects.filter(study=study).first()


def stop_rule_met(study: Study) -> bool:
    """Return whether as many have finished as were wanted, or all cells are full."""
    done = finished(study)
    return done.count() >= study.rater_quota or cells_are_full(study, done)


def finished(study: Study) -> SessionQuerySet:
    """Return the complete sessions that count, of programs if no person answered."""
    programs = not answers_of(study).by_people().exists()
    complete = study.sessions.for_results().complete().counted()
    return complete.filter(rater__simulated=programs)


def cells_are_full(study: Study, sessions: SessionQuerySet) -> bool:
    """Return whether no comparison takes another session, if cells have a quota.

    A cell that is closed to new raters is not full for that: opening and closing one
    would be a way to look.
    """
    if study.cell_quota is None:
        return False
    given = cells.given_in(sessions)
    quota = study.cell_quota
    room = {cell: max(0, quota - given[cell]) for cell in cells.all_cells(study)}
    each = trials_each(study)
    room_of = cells.for_units(study, room)
    return bool(room) and not cells.units_with_room(study, room_of, each=each)


def answers_of(study: Study) -> TrialQuerySet:
    return Trial.objects.for_results().filter(session__study=study)


@transaction.atomic
def unblind(study: Study, *, by: str, reason: str, at: datetime) -> Unblinding | None:
    """Let the outcome be seen now, and keep who decided that, why and at what point.

    Of two clicks the first one counts. None if there is nothing to uncover.
    """
    Study.objects.select_for_update().get(pk=study.pk)
    if not is_blind(study):
        return unblinding_of(study)
    complete = study.sessions.for_results().complete()
    return Unblinding.objects.create(
        study=study,
        at=at,
        by=by,
        reason=reason,
        raters=complete.filter(rater__simulated=False).count(),
        simulated=complete.filter(rater__simulated=True).count(),
        answers=answers_of(study).count(),
    )
