"""What happens in a rater's browser, told in batches and kept as it was told.

A batch is kept whole or refused with a message that names the event and its field.
A batch that comes twice is kept once: an event is known by its page and number.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from listening.answering import LONGEST_S
from listening.models import Event, Session, Trial
from listening.models.event import MEMBERS

MOST_IN_A_BATCH = 200
MOST_IN_A_SESSION = 10_000  # beyond this nothing more is kept of a session
NUMBERS = 2**31  # below: what every database counts to


class BadBatch(ValueError):
    """The batch makes no sense; the text names the event and the field."""


@transaction.atomic
def record(session: Session, *, page: UUID, batch: str, at: datetime) -> int:
    """Keep the events of `batch`, a JSON list, and return how many it named.

    Each is an object with `n` (its number on the page), `trial` (position of a trial
    that was shown), `kind`, `at_s`, and, where they are known, `audio_s`, `position_s`
    and `member`. Other names are refused.

    Raises `BadBatch`.
    """
    Session.objects.select_for_update().get(pk=session.pk)
    shown = session.trials.exclude(shown_at=None).in_bulk(field_name="pk")
    trials = {trial.position: trial for trial in shown.values()}
    events = [
        _read(told, number=number, session=session, trials=trials)
        for number, told in enumerate(_parse(batch), start=1)
    ]
    free = MOST_IN_A_SESSION - session.events.count()
    for event in events:
        event.page, event.received_at = page, at
    Event.objects.bulk_create(events[: max(free, 0)], ignore_conflicts=True)
    return len(events)


def _parse(batch: str) -> list[Any]:
    try:
        told = json.loads(batch)
    except (ValueError, RecursionError) as error:
        raise BadBatch("The events are no JSON.") from error
    if not isinstance(told, list):
        raise BadBatch("The events are no list.")
    if len(told) > MOST_IN_A_BATCH:
        raise BadBatch(f"{len(told)} events at once: {MOST_IN_A_BATCH} at most.")
    return told


def _read(
    told: Any, *, number: int, session: Session, trials: dict[int, Trial]
) -> Event:
    """Return the event that the entry `number` of a batch tells of, not saved."""
    what = f"Event {number}"
    if not isinstance(told, dict) or not told.keys() <= FIELDS:
        raise BadBatch(f"{what} is no object of {', '.join(sorted(FIELDS))}.")
    kind, member, n = told.get("kind"), told.get("member", ""), told.get("n")
    if kind not in Event.Kind.values:
        raise BadBatch(f"{what}, kind: {str(kind)[:40]!r} is not known.")
    if member not in MEMBERS:
        raise BadBatch(f"{what}, member: {str(member)[:40]!r} is no name of a sound.")
    if type(n) is not int or not 0 <= n < NUMBERS:
        raise BadBatch(f"{what}, n: {str(n)[:40]!r} is no number of an event.")
    position = told.get("trial")
    if type(position) is not int or position not in trials:
        raise BadBatch(f"{what}, trial: {str(position)[:40]!r} was not shown.")
    return Event(
        session=session,
        trial=trials[position],
        number=n,
        kind=kind,
        member=member,
        at_s=_seconds(told, "at_s", what=what),
        audio_s=_seconds_if_known(told, "audio_s", what=what),
        position_s=_seconds_if_known(told, "position_s", what=what),
    )


FIELDS = {"n", "trial", "kind", "at_s", "audio_s", "position_s", "member"}


def _seconds(told: dict[str, Any], name: str, *, what: str) -> float:
    value = told.get(name)
    number = type(value) in (int, float)
    if not number or not 0 <= value <= LONGEST_S:  # type: ignore[operator]
        raise BadBatch(
            f"{what}, {name}: {str(value)[:40]!r} is not between 0 and {LONGEST_S:g} s."
        )
    return float(value)  # type: ignore[arg-type]


def _seconds_if_known(told: dict[str, Any], name: str, *, what: str) -> float | None:
    return None if told.get(name) is None else _seconds(told, name, what=what)
