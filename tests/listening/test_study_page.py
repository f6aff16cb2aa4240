"""GET /studies/<slug>/ and /studies/<slug>/schedules/"""

from datetime import UTC, datetime

import pytest
from django.test import Client

from listening.enrolment import enrol
from tests.raters import finish
from tests.scene import Scene, make_study

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PAGES = ["/studies/study/", "/studies/study/schedules/"]


def test_it_shows_the_raters_link(ada: Client, scene: Scene) -> None:
    page = ada.get("/studies/study/").content.decode()
    assert f"http://testserver/r/{scene.study.code}/" in page


def test_it_says_why_a_draft_cannot_open(ada: Client, scene: Scene) -> None:
    make_study(
        scene.ada, scene.stimulus_set, slug="draft", state="draft", opened_at=None
    ).comparisons.all().delete()
    page = ada.get("/studies/draft/").content.decode()
    assert "There are no comparisons: choose at least one pair of systems." in page


def test_progress_comes_alone_for_htmx(ada: Client) -> None:
    part = ada.get("/studies/study/", headers={"hx-request": "true"}).content.decode()
    assert part.strip().startswith('<section id="progress"')
    assert "<html" not in part


def test_progress_tells_of_no_outcome(ada: Client, scene: Scene) -> None:
    """Whether all prefer A or all prefer B, the page is the same."""
    pages = []
    for value in (-1, 1):
        study = make_study(scene.ada, scene.stimulus_set, slug=f"all-{value + 1}")
        finish(enrol(study=study, stage="live", seed=1, at=NOON), at=NOON, value=value)
        part = ada.get(f"/studies/{study.slug}/", headers={"hx-request": "true"})
        pages.append(part.content.decode().replace(study.slug, "slug"))
    assert pages[0] == pages[1]


def test_schedules_are_balanced_and_not_stored(ada: Client, scene: Scene) -> None:
    page = ada.get("/studies/study/schedules/").content.decode()
    assert page.count("<summary>Rater") == 10
    assert '<td class="numbers">10</td><td class="numbers">10</td>' in page
    assert scene.study.sessions.count() == 0


def test_schedules_say_if_none_can_be_drawn(ada: Client, scene: Scene) -> None:
    make_study(scene.ada, scene.stimulus_set, slug="odd", trials_per_session=5)
    page = ada.get("/studies/odd/schedules/").content.decode()
    assert "No schedule can be drawn yet" in page


@pytest.mark.parametrize("url", PAGES)
def test_they_hide_from_another_owner(client: Client, scene: Scene, url: str) -> None:
    client.force_login(scene.eve)
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("url", PAGES)
def test_they_send_a_stranger_to_log_in(client: Client, scene: Scene, url: str) -> None:
    assert client.get(url).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("url", PAGES)
def test_they_cannot_be_posted_to(ada: Client, url: str) -> None:
    assert ada.post(url).status_code == 405
