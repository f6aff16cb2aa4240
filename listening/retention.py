"""Who took part is forgotten after the days that the study declares.

Sessions and answers stay, under their random codes; what could tell whose they are
goes. Invitations go with their addresses, used or not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.db import transaction
from django.db.models import Model, QuerySet

from listening.models import Study


def panel_identities(study: Study, at: datetime) -> QuerySet:
    return study.panel_identities.filter(created_at__lt=_limit(study, at))


def invitations(study: Study, at: datetime) -> QuerySet:
    return study.invitations.filter(created_at__lt=_limit(study, at))


def _limit(study: Study, at: datetime) -> datetime:
    return at - timedelta(days=study.identity_days)


# What is deleted of a study, by the name that the command prints
OF_A_STUDY: dict[str, Callable[[Study, datetime], QuerySet]] = {
    "panel identities": panel_identities,
    "invitations": invitations,
}
# Experimenters' log-ins, with their addresses: kept as long as they can lock out
LOG_INS = (AccessAttempt, AccessFailureLog, AccessLog)


def of_log_ins(model: type[Model], before: datetime) -> QuerySet:
    return model._default_manager.filter(attempt_time__lt=before)


@transaction.atomic
def forget(*, at: datetime, dry_run: bool = False) -> dict[str, int]:
    """Delete what is older than it may be, and return how many rows of each name.

    A dry run only counts.
    """
    found = [
        (f"{name} of {study.slug}", rows(study, at))
        for study in Study.objects.order_by("slug")
        for name, rows in OF_A_STUDY.items()
    ]
    before = at - timedelta(hours=settings.AXES_COOLOFF_TIME)
    found += [
        (str(model._meta.verbose_name_plural), of_log_ins(model, before))
        for model in LOG_INS
    ]
    counts = {name: rows.count() for name, rows in found}
    if not dry_run:
        for _, rows in found:
            rows.delete()
    return {name: count for name, count in counts.items() if count}
