"""The page of a trial, and what is posted to it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.timezone import now

from listening.enrolment import enrol
from listening.models import Response, Session, Study
from tests.raters import start
from tests.scene import Scene, make_study

HTMX = {"HX-Request": "true"}


@pytest.fixture
def session(scene: Scene) -> Session:
    session = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=1, at=now())
    return start(session, at=now())


@pytest.fixture
def url(client: Client, session: Session) -> str:
    """Return the address of the trial page, seen once: the first trial is shown."""
    url = f"/session/{session.code}/trial/"
    assert client.get(url).status_code == 200
    return url


def posted(position: object = 1, **changes: object) -> dict[str, Any]:
    return {"position": position, "key": str(uuid4()), "value": "-1"} | changes


def test_it_shows_the_question_and_the_answers(client: Client, url: str) -> None:
    page = client.get(url).content.decode()
    assert "Which one would you rather listen to?" in page
    for part in ("Play A", "Play B", "Pause", "Next", "Practice"):
        assert part in page
    assert page.count('type="radio"') == 2


def test_the_trial_on_the_screen_is_marked_as_shown(
    client: Client, url: str, session: Session
) -> None:
    assert [t.shown_at is not None for t in session.trials.all()] == [True] + [
        False
    ] * 4


def test_an_answer_leads_to_the_next_trial(client: Client, url: str) -> None:
    response = client.post(url, posted(), follow=True)
    assert response.redirect_chain == [(url, 302)]
    assert "<strong>1</strong> of 4" in response.content.decode()
    assert Response.objects.get().value == -1


def test_htmx_gets_the_part_that_changes(client: Client, url: str) -> None:
    response = client.post(url, posted(), headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in page
    assert 'id="trial"' in page
    assert 'name="position" value="2"' in page


def test_the_last_answer_leads_to_the_code(client: Client, url: str) -> None:
    for position in range(1, 5):
        client.post(url, posted(position), headers=HTMX)
    response = client.post(url, posted(5), headers=HTMX)
    assert response["HX-Redirect"] == url.replace("/trial/", "/done/")
    assert Session.objects.get().completion_code


def test_an_answer_twice_is_kept_once(client: Client, url: str) -> None:
    first = posted()
    client.post(url, first)
    client.post(url, first)
    client.post(url, posted(value="1"))
    assert Response.objects.get().value == -1


def test_the_last_answer_twice_leads_to_the_code_again(
    client: Client, url: str
) -> None:
    for position in range(1, 6):
        client.post(url, posted(position), headers=HTMX)
    response = client.post(url, posted(5), headers=HTMX)
    assert response["HX-Redirect"].endswith("/done/")
    assert Response.objects.count() == 5


def test_an_answer_to_a_trial_that_was_not_shown_is_refused(
    client: Client, url: str
) -> None:
    response = client.post(url, posted(2))
    assert response.status_code == 409
    assert b"not shown yet" in response.content
    assert not Response.objects.exists()


def test_a_key_that_answered_another_pair_is_refused(client: Client, url: str) -> None:
    first = posted()
    client.post(url, first, follow=True)
    assert client.post(url, posted(2, key=first["key"])).status_code == 409
    assert Response.objects.count() == 1


@pytest.mark.parametrize("position", ["0", "6", "-1", "x", "", "9" * 40])
def test_there_is_no_such_trial(client: Client, url: str, position: str) -> None:
    assert client.post(url, posted(position=position)).status_code == 404


def test_another_raters_trial_cannot_be_answered(
    client: Client, url: str, session: Session, scene: Scene
) -> None:
    """A position counts within the session whose code the address has."""
    other = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=2, at=now())
    start(other, at=now())
    client.post(url, posted())
    assert other.trials.answered().count() == 0
    assert session.trials.answered().count() == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": ""}, "Please choose an answer."),
        ({"value": "0"}, "Please choose one of the answers."),
        ({"value": "3"}, "Please choose one of the answers."),
        ({"value": "A"}, "Please choose one of the answers."),
        ({"key": ""}, "without key"),
        ({"key": "not a key"}, "valid UUID"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_bad_answer_is_told(
    client: Client,
    url: str,
    change: dict[str, str],
    words: str,
    headers: dict[str, str],
) -> None:
    response = client.post(url, posted(**change), headers=headers)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Response.objects.exists()


def test_what_the_browser_tells_is_kept(client: Client, url: str) -> None:
    told = {"listened_a_s": "1.25", "listened_b_s": "2", "switches": "4"}
    client.post(url, posted(**told, response_time_s="9.5"))
    kept = Response.objects.get()
    assert (kept.listened_a_s, kept.listened_b_s) == (1.25, 2)
    assert (kept.switches, kept.response_time_s) == (4, 9.5)


@pytest.mark.parametrize("nonsense", ["", "nan", "inf", "-1", "1e300", "soon"])
def test_nonsense_is_not_kept_and_the_answer_is(
    client: Client, url: str, nonsense: str
) -> None:
    client.post(url, posted(listened_a_s=nonsense, switches=nonsense))
    kept = Response.objects.get()
    assert kept.value == -1
    assert kept.listened_a_s is None
    assert kept.switches is None


def test_seven_steps_are_offered_for_graded_answers(
    client: Client, scene: Scene
) -> None:
    study = make_study(scene.ada, scene.stimulus_set, slug="graded", method="ccr")
    session = enrol(study=study, stage=Session.Stage.LIVE, seed=1, at=now())
    start(session, at=now())
    url = f"/session/{session.code}/trial/"
    assert client.get(url).content.decode().count('type="radio"') == 7
    client.post(url, posted(value="3"))
    assert Response.objects.get().value == 3


def test_the_time_left_follows_the_raters_pace(
    client: Client, url: str, session: Session
) -> None:
    assert "about 2 minutes left" in client.get(url).content.decode()
    for position in range(1, 4):
        client.get(url)
        ago = now() - timedelta(minutes=4.9)
        session.trials.filter(position=position).update(shown_at=ago)
        client.post(url, posted(position))
    assert "about 10 minutes left" in client.get(url).content.decode()


def test_a_paused_study_lets_those_under_way_finish(client: Client, url: str) -> None:
    Study.objects.update(state=Study.State.PAUSED)
    assert client.post(url, posted()).status_code == 302


def test_the_page_needs_few_queries(
    client: Client, url: str, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(8):
        client.get(url)
