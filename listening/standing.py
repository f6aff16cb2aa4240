"""Where the results of a study stand: there at once, kept, or under way.

Analysing some thousand answers takes less than half a second and is done while the
browser waits. More of them are the worker's, and the page says how far it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from listening.computing import Kept, Results, fresh, key_of
from listening.models import AnalysisResult, Study, Trial
from listening.tasks import compute_results

AT_ONCE = 2500  # answers


@dataclass(frozen=True)
class Standing:
    """What there is to show, and what is on its way."""

    results: Results | None  # perhaps of fewer answers than there are now
    under_way: AnalysisResult | None


def standing_of(study: Study) -> Standing:
    """Return the results of `study`, and have the worker make them if they are many."""
    answers = Trial.objects.for_results().filter(session__study=study)
    if answers.count() <= AT_ONCE:
        return Standing(fresh(study), None)
    key = key_of(study)
    row, created = AnalysisResult.objects.get_or_create(study=study, key=key)
    if row.is_lost:
        row.delete()
        row, created = AnalysisResult.objects.get_or_create(study=study, key=key)
    if created:
        compute_results.enqueue(row.pk)
    if row.state == AnalysisResult.State.DONE:
        return Standing(Kept(bytes(row.content)), None)
    before = AnalysisResult.objects.filter(study=study).done().last()
    return Standing(Kept(bytes(before.content)) if before else None, row)
