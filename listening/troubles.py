"""What went wrong in raters' browsers, and what browsers those were. Of people alone.

No outcome is among it: a sound that falters is no preference.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from listening.models import Event, Study, Trial
from listening.models.session import SessionQuerySet

Kind = Event.Kind

# What is shown of the events -> the kinds it is told by
TROUBLES = {
    "Sounds could not be loaded": (Kind.FAILED,),
    "An answer could not be sent at once": (Kind.OFFLINE,),
    "The sound faltered": (Kind.UNDERRUN,),
    "The device took the sound away": (Kind.INTERRUPTED,),
    "A sound device was plugged or unplugged": (Kind.DEVICE,),
    "The page was hidden or lost the focus": (Kind.HIDDEN, Kind.BLUR),
}


@dataclass(frozen=True)
class Share:
    label: str
    count: int
    of: int

    @property
    def percent(self) -> float:
        return 100 * self.count / self.of if self.of else 0.0


@dataclass(frozen=True)
class Troubles:
    sessions: list[Share]  # of those who were shown a pair
    answers: list[Share]  # of those that were given
    browsers: list[Share]  # of those who agreed


def troubles(study: Study) -> Troubles:
    """Return what went wrong in the live stage of `study` so far."""
    people = study.sessions.for_results().filter(rater__simulated=False)
    return Troubles(_of_sessions(people), _of_answers(people), _browsers(people))


def _of_sessions(people: SessionQuerySet) -> list[Share]:
    shown = people.filter(trials__shown_at__isnull=False).distinct().count()
    return [
        Share(label, _with_events(people, kinds), shown)
        for label, kinds in TROUBLES.items()
    ]


def _with_events(people: SessionQuerySet, kinds: tuple[Kind, ...]) -> int:
    events = Event.objects.filter(session__in=people, kind__in=kinds)
    return events.order_by().values("session").distinct().count()


def _of_answers(people: SessionQuerySet) -> list[Share]:
    given = Trial.objects.filter(session__in=people).answered()
    known = given.exclude(response__underruns=None)
    faltered = known.filter(response__underruns__gt=0).count()
    return [Share("Answers while the sound faltered", faltered, known.count())]


def _browsers(people: SessionQuerySet) -> list[Share]:
    """Return how many use which browser on which system, most first."""
    told = people.exclude(browser="").order_by()
    counts = told.values_list("browser", "platform").annotate(Count("pk"))
    of = told.count()
    found = [Share(f"{b} on {p}", count, of) for b, p, count in counts]
    return sorted(found, key=lambda one: (-one.count, one.label))
