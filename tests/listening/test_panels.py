"""Links of panels: what they claim, and the one session of each participant."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client

from listening.answering import decline
from listening.enrolment import admit
from listening.models import PanelIdentity, Session, Study
from listening.panels import PANELS, BadClaim, Claim, claim_of
from tests.raters import begun
from tests.scene import Scene, make_study

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
PID = "5f0c1d2e3a4b5c6d7e8f9a0b"
PROLIFIC = f"PROLIFIC_PID={PID}&STUDY_ID=64aa&SESSION_ID=77bb"
MTURK = "workerId=A1B2C3&assignmentId=3XYZ&hitId=3HIT"


@pytest.fixture
def link(scene: Scene) -> str:
    return f"/r/{scene.study.code}/"


@pytest.mark.parametrize(("query", "panel"), [(PROLIFIC, "prolific"), (MTURK, "mturk")])
def test_a_second_visit_resumes_from_any_browser(
    link: str, query: str, panel: str
) -> None:
    session = begun(Client(), f"{link}?{query}")
    for answer in (Client().get(f"{link}?{query}"), Client().post(f"{link}?{query}")):
        assert answer["Location"] == f"/session/{session.code}/"
    assert Session.objects.count() == 1
    assert PanelIdentity.objects.get().panel == panel


def test_another_participant_gets_another_session_in_the_same_browser(
    client: Client, link: str
) -> None:
    first = begun(client, f"{link}?{PROLIFIC}")
    second = begun(client, f"{link}?PROLIFIC_PID=someone-else")
    assert first != second


def test_looking_takes_no_place(client: Client, link: str) -> None:
    assert b"Start" in client.get(f"{link}?{PROLIFIC}").content
    assert not Session.objects.exists()
    assert not PanelIdentity.objects.exists()


def test_the_id_itself_is_stored_nowhere(client: Client, link: str) -> None:
    begun(client, f"{link}?{PROLIFIC}")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows = repr(cursor.fetchall())
            assert PID not in rows
            assert "77bb" not in rows


def test_a_claim_means_nothing_in_another_study(scene: Scene) -> None:
    other = make_study(scene.ada, scene.stimulus_set, slug="other")
    sessions = [
        begun(Client(), f"/r/{study.code}/?{PROLIFIC}")
        for study in (scene.study, other)
    ]
    assert sessions[0].study != sessions[1].study
    assert len(set(PanelIdentity.objects.values_list("pseudonym", flat=True))) == 2


def test_who_declined_comes_back_to_that(client: Client, link: str) -> None:
    session = begun(client, f"{link}?{PROLIFIC}")
    decline(session, at=NOON)
    page = Client().get(f"{link}?{PROLIFIC}", follow=True).content.decode()
    assert "You did not agree" in page
    assert "changed my mind" not in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("PROLIFIC_PID=", "garbled"),
        ("PROLIFIC_PID={{%PROLIFIC_PID%}}", "garbled"),
        ("PROLIFIC_PID=" + "a" * 65, "garbled"),
        ("PROLIFIC_PID=a&PROLIFIC_PID=b", "twice"),
        ("PROLIFIC_PID=%00", "garbled"),
        ("PROLIFIC_PID=<script>alert(1)</script>", "garbled"),
        ("PROLIFIC_PID=' OR 1=1 --", "garbled"),
        (f"PROLIFIC_PID={PID}&SESSION_ID=a b", "SESSION_ID is not an id"),
        ("workerId=A1&assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE", "accept the task"),
    ],
)
@pytest.mark.parametrize("verb", ["get", "post"])
def test_a_forged_or_garbled_claim_is_told_and_begins_nothing(
    client: Client, link: str, query: str, words: str, verb: str
) -> None:
    response = getattr(client, verb)(f"{link}?{query}")
    assert response.status_code == 400
    page = response.content.decode()
    assert words in page
    assert "<script>alert" not in page
    assert not Session.objects.exists()


@pytest.mark.parametrize("panel", PANELS)
def test_a_study_of_a_panel_takes_its_participants_alone(
    client: Client, link: str, panel: str
) -> None:
    Study.objects.update(panel=panel, panel_parameters="rid, wave")
    name = (PANELS[panel].parameters or ("rid",))[0]
    refused = client.post(link)
    assert refused.status_code == 400
    assert f"the link lacks {name}" in refused.content.decode()
    assert begun(client, f"{link}?{name}=abc").panel_identity.panel == panel
    assert client.get(link).status_code == 302  # known by the cookie from here on


def test_another_panel_has_its_own_names(scene: Scene) -> None:
    scene.study.panel, scene.study.panel_parameters = "other", "rid, wave"
    claim = claim_of(scene.study, QueryDict("rid=x1&wave=2&other=a b"))
    assert claim is not None
    assert claim.panel == "other"
    with pytest.raises(BadClaim, match="wave is not an id"):
        claim_of(scene.study, QueryDict("rid=x1&wave=a b"))


def test_nobody_in_particular(scene: Scene) -> None:
    assert claim_of(scene.study, QueryDict("utm_source=mail")) is None


@pytest.mark.django_db(transaction=True)
def test_of_ten_tabs_that_start_at_once_one_session_comes() -> None:
    scene = Scene.build()
    claim = Claim("prolific", "f" * 64)

    def start(seed: int) -> str:
        try:
            return admit(study=scene.study, seed=seed, at=NOON, claim=claim).code
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as tabs:
        assert len(set(tabs.map(start, range(10)))) == 1
    assert Session.objects.count() == PanelIdentity.objects.count() == 1
