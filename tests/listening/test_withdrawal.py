"""Taking everything back: /withdraw/, and what is left afterwards."""

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils.timezone import now

from listening import answering
from listening.analysis.tables import trials_of
from listening.answering import remark
from listening.enrolment import admit, enrol
from listening.export import export_study
from listening.invitations import invite
from listening.models import (
    AnalysisResult,
    Event,
    Invitation,
    PanelIdentity,
    Rater,
    Response,
    Session,
    Study,
    Trial,
)
from listening.models.session import new_withdrawal_code
from listening.panels import Claim
from listening.standing import standing_of
from listening.telemetry import record
from listening.withdrawal import withdraw
from tests.raters import finish, start
from tests.scene import Scene

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
URL = "/withdraw/"
PLAY = '[{"n": 0, "trial": 1, "kind": "play", "at_s": 1.5, "member": "a"}]'


@pytest.fixture
def session(scene: Scene) -> Session:
    """Return one complete session that has left something in every table."""
    claim = Claim("prolific", "c0ffee" + "0" * 58)
    invite(scene.study, ["rosa@example.org"], at=NOON)
    session = admit(
        study=scene.study,
        seed=1,
        at=NOON,
        claim=claim,
        invitation=Invitation.objects.get(),
    )
    finish(session, at=NOON)
    remark(session, comment="It hummed, said Rosa.")
    record(session, page=uuid4(), batch=PLAY, at=NOON)
    AnalysisResult.objects.create(study=scene.study, key="k", content=b"kept")
    return session


@pytest.fixture
def other(scene: Scene) -> Session:
    session = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=2, at=NOON)
    return finish(session, at=NOON)


def everything() -> str:
    """Return all rows of all tables as text."""
    with connection.cursor() as cursor:
        told = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            told.append(repr(cursor.fetchall()))
    return "".join(told)


def test_it_asks_before_it_deletes(client: Client, session: Session) -> None:
    assert "Withdrawal code" in client.get(URL).content.decode()
    page = client.post(URL, {"code": session.withdrawal_code}).content.decode()
    assert "Delete everything?" in page
    assert "5 answers" in page
    assert Session.objects.filter(pk=session.pk).exists()


def test_confirmed_it_is_gone_from_the_database(
    client: Client, session: Session, other: Session
) -> None:
    session.refresh_from_db()
    traces = [
        session.code,
        session.rater.code,
        session.withdrawal_code,
        session.completion_code,
        "said Rosa",
        "rosa@example.org",
        "c0ffee",
        *session.trials.values_list("token_a", flat=True),
    ]
    assert [t for t in traces if t not in everything()] == []
    data = {"code": session.withdrawal_code, "confirmed": "on"}
    response = client.post(URL, data)
    assert "Everything is deleted" in response.content.decode()
    assert [t for t in traces if t in everything()] == []
    left = (Session, Rater, Response, Trial, Event, PanelIdentity, Invitation)
    assert [model.objects.count() for model in left] == [1, 1, 5, 5, 0, 0, 0]
    assert not AnalysisResult.objects.exists()
    assert Study.objects.get().withdrawals == 1


def test_it_is_gone_from_results_and_export(
    session: Session, other: Session, tmp_path: Path
) -> None:
    code = session.rater.code
    export_study(session.study, tmp_path / "before")
    assert code in (tmp_path / "before/trials.csv").read_text()
    withdraw(session)
    results = standing_of(Study.objects.get()).results
    assert results is not None
    assert code.encode() not in results.file("analysis.json")
    assert len(trials_of(Study.objects.get())) == 4
    export_study(Study.objects.get(), tmp_path / "after")
    told = b"".join(path.read_bytes() for path in (tmp_path / "after").iterdir())
    assert code.encode() not in told
    assert other.rater.code.encode() in told


def test_the_board_says_how_many_withdrew(
    client: Client, scene: Scene, session: Session
) -> None:
    withdraw(session)
    client.force_login(scene.ada)
    page = client.get("/studies/study/").content.decode()
    assert "1 rater withdrew and left nothing behind." in page


def test_the_place_is_free_and_the_participant_may_come_anew(
    client: Client, session: Session
) -> None:
    withdraw(session)
    claim = Claim("prolific", "c0ffee" + "0" * 58)
    assert admit(study=session.study, seed=3, at=NOON, claim=claim).trials.exists()


def test_in_the_middle_of_a_session(client: Client, scene: Scene) -> None:
    session = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=1, at=now())
    code = session.withdrawal_code
    page = client.get(f"/session/{session.code}/consent/").content.decode()
    assert code in page
    client.post(URL, {"code": code, "confirmed": "on"})
    assert client.get(f"/session/{session.code}/").status_code == 404
    assert client.get(f"/r/{scene.study.code}/").status_code == 200


def test_the_code_is_shown_at_the_end(client: Client, session: Session) -> None:
    page = client.get(f"/session/{session.code}/done/").content.decode()
    assert session.withdrawal_code in page


@pytest.mark.parametrize(
    "change", [str.lower, lambda c: c.replace("-", " "), " {} ".format]
)
def test_a_code_is_known_however_it_is_typed(
    client: Client, session: Session, change: object
) -> None:
    typed = change(session.withdrawal_code)  # type: ignore[operator]
    assert b"Delete everything?" in client.post(URL, {"code": typed}).content


@pytest.mark.parametrize("code", ["2222-2222-2222-2222", "x", "'; DROP TABLE", "é"])
def test_a_code_that_was_made_up(client: Client, session: Session, code: str) -> None:
    response = client.post(URL, {"code": code, "confirmed": "on"})
    assert response.status_code == 404
    assert "No session has this code" in response.content.decode()
    assert Session.objects.count() == 1


@pytest.mark.parametrize("code", ["", "x" * 41])
def test_a_code_that_is_none(client: Client, scene: Scene, code: str) -> None:
    assert client.post(URL, {"code": code}).status_code == 422


def test_the_code_of_the_address_or_of_completion_deletes_nothing(
    client: Client, session: Session
) -> None:
    session.refresh_from_db()
    for code in (session.code, session.completion_code):
        client.post(URL, {"code": code, "confirmed": "on"})
    assert Session.objects.count() == 1


def test_a_second_time_it_is_not_known(client: Client, session: Session) -> None:
    data = {"code": session.withdrawal_code, "confirmed": "on"}
    assert client.post(URL, data).status_code == 200
    assert client.post(URL, data).status_code == 404
    assert Study.objects.get().withdrawals == 1


def test_a_preview_is_not_counted(scene: Scene) -> None:
    seen = enrol(study=scene.study, stage=Session.Stage.PREVIEW, seed=1, at=NOON)
    withdraw(seen)
    assert Study.objects.get().withdrawals == 0


def test_it_cannot_be_done_by_a_link_or_from_elsewhere(session: Session) -> None:
    query = f"?code={session.withdrawal_code}&confirmed=on"
    Client().get(URL + query)
    strict = Client(enforce_csrf_checks=True)
    data = {"code": session.withdrawal_code, "confirmed": "on"}
    assert strict.post(URL, data).status_code == 403
    assert Session.objects.count() == 1


def test_codes_are_long_and_hold_nothing_that_looks_alike() -> None:
    codes = {new_withdrawal_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(re.fullmatch(r"([2-9B-Z]{4}-){3}[2-9B-Z]{4}", code) for code in codes)
    assert not set("01OILSAEU") & set("".join(codes))


def test_an_answer_on_its_way_meanwhile_finds_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = start(
        enrol(study=scene.study, stage=Session.Stage.LIVE, seed=2, at=NOON), at=NOON
    )
    lock = answering.held

    def withdrawn_first(number: int) -> Session:
        withdraw(Session.objects.get(pk=number))
        return lock(number)

    client = Client()
    url = f"/session/{session.code}/trial/"
    assert client.get(url).status_code == 200
    monkeypatch.setattr(answering, "held", withdrawn_first)
    answer = {"position": 1, "key": uuid4(), "value": -1}
    assert client.post(url, answer).status_code == 404
