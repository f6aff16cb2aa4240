"""The logs of what experimenters did while a study ran, as tables."""

from listening.export.columns import Column, Table
from listening.models import Exclusion, Study, Unblinding

EXCLUSIONS: Table[Study] = Table(
    "exclusions",
    "One row for each time that an experimenter left a session of the live study out "
    "by hand, taken back or not",
    (
        Column("session", "number, as in trials", lambda e: e.session_id),
        Column("rater", "random code of the rater", lambda e: e.session.rater.code),
        Column("at", "when, UTC", lambda e: e.at),
        Column("by", "who did it", lambda e: e.by),
        Column("reason", "why", lambda e: e.reason),
        Column("undone_at", "when it was taken back, UTC", lambda e: e.undone_at),
        Column("undone_by", "who took it back", lambda e: e.undone_by),
        Column("undone_reason", "why", lambda e: e.undone_reason),
    ),
    lambda study: (
        Exclusion.objects.filter(session__in=study.sessions.for_results())
        .select_related("session__rater")
        .order_by("pk")
    ),
)

UNBLINDINGS: Table[Study] = Table(
    "unblindings",
    "One row if somebody looked at the outcome before the stop rule was met",
    (
        Column("at", "when, UTC", lambda u: u.at),
        Column("by", "who did it", lambda u: u.by),
        Column("reason", "why", lambda u: u.reason),
        Column("raters", "people who had finished", lambda u: u.raters),
        Column("simulated", "programs that had finished", lambda u: u.simulated),
        Column("answers", "of both, of the test", lambda u: u.answers),
    ),
    lambda study: Unblinding.objects.filter(study=study),
)
