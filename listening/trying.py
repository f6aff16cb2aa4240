"""How a study was tried before it opened: by a dry run of programs, by a pilot."""

from __future__ import annotations

from dataclasses import dataclass

from listening.models import Study, Trial


@dataclass(frozen=True)
class DryRun:
    """What became of simulated raters who went through as previews."""

    raters: int
    complete: int
    trials: int
    answers: int
    kinds: dict[str, int]  # trials of a session, by kind


@dataclass(frozen=True)
class Pilot:
    begun: int
    complete: int


def dry_run_of(study: Study) -> DryRun | None:
    """Return how the last dry run of `study` went; None if there was none."""
    sessions = study.sessions.of_dry_run()
    first = sessions.order_by("pk").first()
    if first is None:
        return None
    trials = Trial.objects.filter(session__in=sessions)
    kinds = list(first.trials.order_by("position").values_list("kind", flat=True))
    return DryRun(
        raters=sessions.count(),
        complete=sessions.complete().count(),
        trials=trials.count(),
        answers=trials.answered().count(),
        kinds={kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
    )


def pilot_of(study: Study) -> Pilot | None:
    """Return how many came to the pilot of `study`; None if nobody did."""
    sessions = study.sessions.of_pilot()
    begun = sessions.count()
    return Pilot(begun, sessions.complete().count()) if begun else None
