"""Rows that really go: a rater withdraws, or an experimenter's looks are cleared."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from listening.models import AnalysisResult, Rater, Response, Session, Study
from listening.models.session import SessionQuerySet


@transaction.atomic
def withdraw(session: Session) -> None:
    """Delete `session` with everything that was answered, told and claimed in it.

    Results that were kept were computed with these answers: they go as well. What is
    left is a count in the study, of those who took part and were not simulated. The
    study's row is locked, so of two clicks the second finds nothing and counts nothing.
    """
    study = Study.objects.select_for_update().get(pk=session.study_id)
    if not study.sessions.filter(pk=session.pk).exists():
        return
    counts = not session.is_preview and not session.rater.simulated
    erase(study.sessions.filter(pk=session.pk))
    AnalysisResult.objects.filter(study=study).delete()
    if counts:
        Study.objects.filter(pk=study.pk).update(withdrawals=F("withdrawals") + 1)


@transaction.atomic
def erase(sessions: SessionQuerySet) -> None:
    """Delete sessions with answers, trials, events and identities, and their raters.

    A rater who has another session stays for that.
    """
    raters = list(sessions.values_list("rater", flat=True))
    Response.objects.filter(trial__session__in=sessions).delete()
    sessions.delete()
    Rater.objects.filter(pk__in=raters, sessions=None).delete()
