"""Raters for tests: they do what people do, by our own verbs."""

from datetime import datetime
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db.models import QuerySet
from django.test import Client

from listening.answering import answer, consent, show
from listening.models import Session, Trial
from listening.simulation import set_up


def begun(client: Client, link: str) -> Session:
    """Press Start, and return the session that began."""
    response = client.post(link)
    assert response.status_code == 302
    return Session.objects.get(code=response["Location"].split("/")[-2])


def start(session: Session, *, at: datetime) -> Session:
    """Agree, set the volume and wear headphones: the first trial is next."""
    consent(session, at=at)
    set_up(session, at=at)
    return session


def finish(session: Session, *, at: datetime, value: int = -1) -> Session:
    """Go through the whole session and give `value` each time."""
    start(session, at=at)
    trials: QuerySet[Trial] = session.trials.unanswered()
    for trial in trials:
        show(trial, at=at)
        answer(trial, key=key_for(trial), value=value, at=at)
    session.refresh_from_db()
    return session


def key_for(trial: Trial, *, attempt: int = 1) -> UUID:
    """Return the key that a browser would make up for its answer to `trial`."""
    return uuid5(NAMESPACE_OID, f"{trial.token_a} {attempt}")
