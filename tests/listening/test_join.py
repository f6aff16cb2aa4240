"""The link that raters are sent."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from listening.models import Session, Study
from tests.raters import begun, finish
from tests.scene import Scene


@pytest.fixture
def link(scene: Scene) -> str:
    return f"/r/{scene.study.code}/"


def test_it_tells_what_is_needed_and_takes_no_place(client: Client, link: str) -> None:
    response = client.get(link)
    assert response.status_code == 200
    for words in ("Does it help?", "About 3 minutes", "Headphones", "Start"):
        assert words in response.content.decode()
    assert not Session.objects.exists()


def test_start_takes_a_place_without_login(client: Client, link: str) -> None:
    session = begun(client, link)
    assert session.stage == Session.Stage.LIVE
    assert session.state == Session.State.CONSENT


def test_the_link_resumes_in_the_same_browser(client: Client, link: str) -> None:
    session = begun(client, link)
    for answer in (client.get(link), client.post(link)):
        assert answer["Location"] == f"/session/{session.code}/"
    assert Session.objects.count() == 1
    assert Client().get(link).status_code == 200


def test_the_cookie_is_of_this_link_alone(client: Client, link: str) -> None:
    response = client.post(link)
    (name,) = (n for n in response.cookies if n.startswith("session-"))
    cookie = response.cookies[name]
    assert (cookie["path"], cookie["samesite"]) == (link, "Lax")
    assert cookie["httponly"]


def test_a_cookie_that_was_made_up_opens_nothing(client: Client, link: str) -> None:
    client.cookies[f"session-{link.split('/')[2]}"] = "made-up"
    assert client.get(link).status_code == 200


def test_who_declined_may_change_their_mind(client: Client, link: str) -> None:
    session = begun(client, link)
    client.post(f"/session/{session.code}/consent/", {"decision": "decline"})
    assert client.get(link).status_code == 200
    assert begun(client, link) != session


def test_who_is_done_comes_back_to_the_code(client: Client, link: str) -> None:
    session = finish(begun(client, link), at=now())
    response = client.get(link, follow=True)
    assert session.completion_code in response.content.decode()


@pytest.mark.parametrize(
    ("state", "status", "words"),
    [
        (Study.State.DRAFT, 403, "not opened yet"),
        (Study.State.PAUSED, 403, "taking a break"),
        (Study.State.CLOSED, 410, "is closed"),
    ],
)
@pytest.mark.parametrize("verb", ["get", "post"])
def test_a_study_that_is_not_open_says_why(
    client: Client, link: str, state: str, status: int, words: str, verb: str
) -> None:
    Study.objects.update(state=state)
    response = getattr(client, verb)(link)
    assert response.status_code == status
    assert words in response.content.decode()
    assert not Session.objects.exists()


@pytest.mark.parametrize("verb", ["get", "post"])
def test_a_full_study_says_so(client: Client, link: str, verb: str) -> None:
    begun(Client(), link)
    Study.objects.update(rater_quota=1)
    response = getattr(client, verb)(link)
    assert response.status_code == 403
    assert "Every place" in response.content.decode()
    Session.objects.update(last_seen_at=now() - timedelta(hours=1))
    assert client.get(link).status_code == 200


def test_a_study_that_cannot_be_drawn_is_not_open(client: Client, link: str) -> None:
    Study.objects.update(trials_per_session=400)
    assert client.post(link).status_code == 403


def test_there_is_no_such_study(client: Client, scene: Scene) -> None:
    assert client.get("/r/made-up/").status_code == 404


def test_other_verbs_are_refused(client: Client, link: str) -> None:
    assert client.delete(link).status_code == 405


def test_a_form_from_elsewhere_is_refused(link: str) -> None:
    assert Client(enforce_csrf_checks=True).post(link).status_code == 403
    assert not Session.objects.exists()
