"""POST /session/<code>/events/: what happens in a rater's browser, in batches."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from listening.answering import show
from listening.enrolment import enrol
from listening.export.columns import EVENTS
from listening.export.folder import Export
from listening.models import Event, Response, Session, Study
from listening.telemetry import MOST_IN_A_BATCH, BadBatch, record
from tests.raters import finish, start
from tests.scene import Scene

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def session(scene: Scene) -> Session:
    """Return a session whose first trial is on the screen."""
    session = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=1, at=NOON)
    start(session, at=NOON)
    show(session.trials.all()[0], at=NOON)
    return session


def event(**changes: Any) -> dict[str, Any]:
    return {"n": 0, "trial": 1, "kind": "play", "at_s": 1.25} | changes


def tell(client: Client, session: Session, *told: Any, page: object = None) -> Any:
    data = {"page": str(page or uuid4()), "events": json.dumps(told)}
    return client.post(f"/session/{session.code}/events/", data)


def test_it_keeps_what_it_is_told(client: Client, session: Session) -> None:
    full = event(audio_s=0.5, position_s=0.25, member="b")
    response = tell(client, session, full, event(n=1, kind="hidden", at_s=3))
    assert response.status_code == 204
    first, second = Event.objects.all()
    assert (first.kind, first.at_s, first.audio_s) == ("play", 1.25, 0.5)
    assert (first.position_s, first.member) == (0.25, "b")
    assert first.trial == session.trials.all()[0]
    assert (second.kind, second.audio_s, second.member) == ("hidden", None, "")


def test_a_batch_that_comes_twice_is_kept_once(
    client: Client, session: Session
) -> None:
    page = uuid4()
    for _ in range(2):
        assert tell(client, session, event(), page=page).status_code == 204
    tell(client, session, event(n=1), page=page)
    tell(client, session, event())
    assert Event.objects.count() == 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "explode"}, "Event 2, kind: 'explode' is not known."),
        ({"kind": ["play"]}, "Event 2, kind"),
        ({"at_s": -0.1}, "Event 2, at_s: '-0.1' is not between 0 and 86400 s."),
        ({"at_s": 86401}, "Event 2, at_s"),
        ({"at_s": 10**400}, "Event 2, at_s"),
        ({"at_s": "soon"}, "Event 2, at_s"),
        ({"at_s": True}, "Event 2, at_s"),
        ({"at_s": None}, "Event 2, at_s"),
        ({"audio_s": float("nan")}, "Event 2, audio_s: 'nan'"),
        ({"position_s": float("inf")}, "Event 2, position_s"),
        ({"member": "z"}, "Event 2, member: 'z' is no name of a sound."),
        ({"trial": 2}, "Event 2, trial: '2' was not shown."),
        ({"trial": "1"}, "Event 2, trial"),
        ({"trial": True}, "Event 2, trial"),
        ({"n": -1}, "Event 2, n: '-1'"),
        ({"n": 2**31}, "Event 2, n"),
        ({"received_at": "2000-01-01"}, "Event 2 is no object of at_s"),
    ],
)
def test_nonsense_is_named_and_nothing_of_the_batch_is_kept(
    client: Client, session: Session, change: dict[str, Any], words: str
) -> None:
    response = tell(client, session, event(), event(n=1) | change)
    assert response.status_code == 400
    assert response.content.decode().startswith(words)
    assert not Event.objects.exists()


@pytest.mark.parametrize("batch", ["", "{", "1", "{}", '["x"]', "[" * 100_000, "null"])
def test_a_batch_that_is_none(client: Client, session: Session, batch: str) -> None:
    data = {"page": str(uuid4()), "events": batch}
    response = client.post(f"/session/{session.code}/events/", data)
    assert response.status_code == 400
    assert not Event.objects.exists()


def test_a_page_without_its_mark(client: Client, session: Session) -> None:
    assert tell(client, session, event(), page="nonsense").status_code == 400


def test_a_batch_is_capped(session: Session) -> None:
    told = [event(n=n) for n in range(MOST_IN_A_BATCH + 1)]
    with pytest.raises(BadBatch, match="201 events at once: 200 at most"):
        record(session, page=uuid4(), batch=json.dumps(told), at=NOON)


def test_a_session_is_capped(
    client: Client, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listening.telemetry.MOST_IN_A_SESSION", 3)
    for _ in range(2):
        told = [event(n=n) for n in range(2)]
        assert tell(client, session, *told).status_code == 204
    assert Event.objects.count() == 3


def test_a_trial_of_another_session_is_not_ours(
    client: Client, scene: Scene, session: Session
) -> None:
    """A position counts within the session whose code the address has."""
    other = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=2, at=NOON)
    assert tell(client, other, event()).status_code == 400


def test_the_last_batch_may_come_after_the_last_answer(
    client: Client, session: Session
) -> None:
    finish(session, at=NOON)
    assert tell(client, session, event(kind="answer", trial=5)).status_code == 204


def test_a_closed_study_takes_nothing(client: Client, session: Session) -> None:
    Study.objects.update(state=Study.State.CLOSED)
    assert tell(client, session, event()).status_code == 410


def test_a_stranger_and_other_verbs(client: Client, session: Session) -> None:
    assert client.post("/session/made-up/events/").status_code == 404
    assert client.get(f"/session/{session.code}/events/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    assert tell(strict, session, event()).status_code == 403


def test_the_database_refuses_what_comes_before_its_trial(session: Session) -> None:
    trial = session.trials.all()[0]
    made = Event(session=session, trial=trial, page=uuid4(), number=1, kind="play")
    made.at_s, made.received_at = -1, NOON
    with pytest.raises(IntegrityError, match="an_event_is_not"), transaction.atomic():
        made.save()


def test_events_leave_the_house_with_their_dictionary(session: Session) -> None:
    page = uuid4()
    told = json.dumps([event(member="a"), event(n=1, kind="seek", position_s=0.3)])
    record(session, page=page, batch=told, at=NOON)
    export = Export(session.study)
    rows = list(csv.DictReader(io.StringIO(export.csv(EVENTS))))
    assert [row["kind"] for row in rows] == ["play", "seek"]
    assert rows[0]["rater"] == session.rater.code
    assert (rows[0]["position"], rows[0]["member"], rows[0]["page"]) == ("1", "a", "1")
    assert rows[1]["position_s"] == "0.3"
    assert str(page) not in export.csv(EVENTS)
    dictionary = dict(export.files())["data_dictionary.md"].decode()
    for kind in Event.Kind:
        assert f"{kind.value}: {kind.label}" in dictionary


def test_what_is_counted_travels_with_the_answer(
    client: Client, session: Session
) -> None:
    url = f"/session/{session.code}/trial/"
    counted = {"plays": "2", "seeks": "3", "absences": "1", "device_changes": "1"}
    more = {"underruns": "4", "context_rate_hz": "48000"}
    answer = {"position": 1, "key": str(uuid4()), "value": "1"}
    client.post(url, answer | counted | more)
    kept = Response.objects.get()
    assert (kept.plays, kept.seeks, kept.absences) == (2, 3, 1)
    assert (kept.device_changes, kept.underruns) == (1, 4)
    assert kept.context_rate_hz == 48_000


@pytest.mark.parametrize("rate", ["0", "-48000", "1e9", "nan", ""])
def test_a_rate_that_no_device_has_is_not_kept(
    client: Client, session: Session, rate: str
) -> None:
    answer = {"position": 1, "key": str(uuid4()), "value": "1"}
    client.post(f"/session/{session.code}/trial/", answer | {"context_rate_hz": rate})
    assert Response.objects.get().context_rate_hz is None
