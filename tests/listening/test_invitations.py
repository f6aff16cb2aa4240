"""Personal invitations: lists read row by row, mails, and one session each."""

from datetime import UTC, datetime
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from listening.invitations import BadList, invite, names_in, retry, send_waiting
from listening.models import Invitation, Session
from listening.tasks import send_invitations
from tests.raters import finish
from tests.scene import Scene

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
SITE = "https://listen.example"
URL = "/studies/study/invitations/"


def upload(client: Client, content: str | bytes) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return client.post(URL, {"list": SimpleUploadedFile("people.csv", raw)})


@pytest.mark.parametrize(
    "content",
    [
        "rosa@example.org\nP01\n",
        "\ufeffrosa@example.org\r\n\r\nP01\r\n",
        "name,Email\nRosa,rosa@example.org\nPaul,P01\n",
        "address\n rosa@example.org \nP01",
    ],
)
def test_addresses_and_codes_are_read(content: str) -> None:
    assert names_in(content.encode()) == ["rosa@example.org", "P01"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("a@example.org\nb@\n", "Row 2: “b@” is not an address."),
        ("email\na@example.org\nP 1\n", "Row 3: “P 1” cannot be a code."),
        ("P01\nP02\nP01\n", "Row 3: “P01” was in row 1 already."),
        ("name,email\nRosa,\n", "Row 2: there is neither an address nor a code."),
        ("name,email\nRosa\n", "Row 2: there is neither an address nor a code."),
        ("=cmd|' /C calc'!A0", "Row 1: “=cmd|' /C calc'!A0” cannot be a code."),
        ("<script>@x", "Row 1: “<script>@x” is not an address."),
        ("a@example.org\n" + "x" * 300, "Row 2: “xxx"),
        ('"open', "The list is no CSV"),
        ("", "The list is empty."),
    ],
)
def test_a_bad_row_is_named(content: str, problem: str) -> None:
    with pytest.raises(BadList) as bad:
        names_in(content.encode())
    assert bad.value.problems[0].startswith(problem)


def test_what_is_no_text_is_named_by_its_row() -> None:
    with pytest.raises(BadList, match="Row 2 is not in UTF-8"):
        names_in(b"P01\nP\xff2\n")


def test_of_many_bad_rows_the_first_are_told() -> None:
    with pytest.raises(BadList) as bad:
        names_in("\n".join(f"x y{n}" for n in range(40)).encode())
    assert len(bad.value.problems) == 11
    assert bad.value.problems[-1] == "And 30 more rows."


def test_one_bad_row_invites_nobody(ada: Client) -> None:
    page = upload(ada, "rosa@example.org\nnot an address@\n").content.decode()
    assert "Row 2: “not an address@” is not an address." in page
    assert not Invitation.objects.exists()


def test_a_list_that_is_too_large_is_refused(ada: Client) -> None:
    page = upload(ada, b"x" * 1_000_001).content.decode()
    assert "larger than 1000 kB" in page


def test_addresses_wait_and_codes_get_links(ada: Client, scene: Scene) -> None:
    assert upload(ada, "rosa@example.org\nP01\n").status_code == 302
    states = dict(Invitation.objects.values_list("name", "state"))
    assert states == {"rosa@example.org": "waiting", "P01": "code"}
    again = upload(ada, "P01\nP02\n")
    page = ada.get(again["Location"]).content.decode()
    assert "1 invited. 1 had been invited before." in page
    token = Invitation.objects.get(name="P01").token
    listed = ada.get("/studies/study/invitations.csv").content.decode()
    assert f"P01,http://testserver/i/{token}/,link to hand on" in listed


def test_the_worker_sends_each_once(ada: Client, scene: Scene) -> None:
    invite(scene.study, ["rosa@example.org", "P01"], at=NOON)
    assert send_invitations.func(scene.study.pk, SITE) == 1
    assert send_invitations.func(scene.study.pk, SITE) == 0
    (sent,) = mail.outbox
    invitation = Invitation.objects.get(name="rosa@example.org")
    assert sent.to == ["rosa@example.org"]
    assert f"{SITE}/i/{invitation.token}/" in sent.body
    assert "Does it help?" in sent.subject
    assert invitation.state == "sent"


def test_a_title_cannot_forge_a_header(scene: Scene) -> None:
    scene.study.title = "Hello\nBcc: eve@example.org"
    invite(scene.study, ["rosa@example.org"], at=NOON)
    assert send_waiting(scene.study, site=SITE, at=NOON) == 1
    assert mail.outbox[0].recipients() == ["rosa@example.org"]
    assert "\n" not in mail.outbox[0].subject


class Refusing:
    """A mail server that knows nobody."""

    def __init__(self, **options: Any) -> None:
        pass

    def send_messages(self, messages: list[Any]) -> int:
        raise SMTPRecipientsRefused({"rosa@example.org": (550, b"no such user")})


def test_a_mail_that_is_refused_says_so_and_can_be_sent_again(
    ada: Client, scene: Scene, settings: Any
) -> None:
    invite(scene.study, ["rosa@example.org"], at=NOON)
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    assert send_waiting(scene.study, site=SITE, at=NOON) == 0
    page = ada.get("/studies/study/recruiting/").content.decode()
    assert "could not be sent" in page
    assert "no such user" in page
    settings.EMAIL_BACKEND = backend
    assert ada.post(f"{URL}again/").status_code == 302
    assert send_waiting(scene.study, site=SITE, at=NOON) == 1
    assert retry(scene.study) == 0


def test_an_invitation_is_one_session(client: Client, scene: Scene) -> None:
    invite(scene.study, ["P01"], at=NOON)
    invitation = Invitation.objects.get()
    link = f"/i/{invitation.token}/"
    assert b"Start" in client.get(link).content
    assert not Session.objects.exists()
    for browser in (client, Client(), Client()):
        browser.post(link)
    session = Session.objects.get()
    assert Client().get(link)["Location"] == f"/session/{session.code}/"
    invitation.refresh_from_db()
    assert invitation.progress == "asked for consent"
    finish(session, at=NOON)
    assert Invitation.objects.get().progress == "Complete"


def test_an_invitation_into_a_panels_study_needs_no_panel(
    client: Client, scene: Scene
) -> None:
    scene.study.panel = "prolific"
    scene.study.save()
    invite(scene.study, ["P01"], at=NOON)
    link = f"/i/{Invitation.objects.get().token}/"
    assert client.post(link).status_code == 302


def test_there_is_no_such_invitation(client: Client, scene: Scene) -> None:
    assert client.get("/i/made-up/").status_code == 404


@pytest.mark.parametrize("state", ["paused", "closed"])
def test_a_study_that_is_not_open_tells_who_is_invited(
    client: Client, scene: Scene, state: str
) -> None:
    invite(scene.study, ["P01"], at=NOON)
    scene.study.state = state
    scene.study.save()
    response = client.post(f"/i/{Invitation.objects.get().token}/")
    assert response.status_code in (403, 410)
    assert not Session.objects.exists()
