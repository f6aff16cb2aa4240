"""A session left out by hand, for a reason, and taken back for another one.

Its answers stay where they are. They leave the analysis, which is always made with and
without, and its place is free: neither quotas nor the balance of what is heard count
it. Both steps are kept with name, time and reason.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from listening.models import Exclusion, Session, Study


@transaction.atomic
def leave_out(session: Session, *, by: str, reason: str, at: datetime) -> Exclusion:
    """Leave `session` out and return the row that says so; of two clicks one counts."""
    Study.objects.select_for_update().get(pk=session.study_id)
    return Exclusion.objects.standing().get_or_create(
        session=session, defaults={"at": at, "by": by, "reason": reason}
    )[0]


@transaction.atomic
def take_back(session: Session, *, by: str, reason: str, at: datetime) -> None:
    """Count `session` again, if it was left out; the study may then have too many."""
    Study.objects.select_for_update().get(pk=session.study_id)
    standing = Exclusion.objects.standing().filter(session=session)
    standing.update(undone_at=at, undone_by=by, undone_reason=reason)


def by_rater(study: Study) -> dict[str, str]:
    """Return the code of every rater of the live study who is left out, and why."""
    found = Exclusion.objects.standing().filter(
        session__in=study.sessions.for_results()
    )
    return dict(found.order_by("pk").values_list("session__rater__code", "reason"))
