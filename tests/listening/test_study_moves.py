"""POST /studies/<slug>/open/, pause/, close/ and preview/"""

import pytest
from django.test import Client
from django.utils.timezone import now

from listening.models import Session, Study
from stimuli.models import StimulusSet
from tests.scene import Scene

MOVES = [
    *("open", "pause", "close", "preview", "dry-run"),
    *("pilot", "pilot/end", "pilot/discard"),
]


def put_in(state: str, scene: Scene) -> Study:
    opened = None if state in ("draft", "pilot") else now()
    Study.objects.update(state=state, opened_at=opened)
    return Study.objects.get()


@pytest.mark.parametrize(
    ("before", "move", "after"),
    [
        ("draft", "open", "live"),
        ("draft", "pilot", "pilot"),
        ("pilot", "pilot/end", "draft"),
        ("pilot", "open", "live"),
        ("paused", "open", "live"),
        ("live", "pause", "paused"),
        ("live", "close", "closed"),
        ("paused", "close", "closed"),
    ],
)
def test_a_move(ada: Client, scene: Scene, before: str, move: str, after: str) -> None:
    put_in(before, scene)
    answer = ada.post(f"/studies/study/{move}/")
    assert answer.headers["Location"] == "/studies/study/"
    study = Study.objects.get()
    assert study.state == after
    assert (study.opened_at is None) is (after in ("draft", "pilot"))
    assert (study.closed_at is not None) is (after == "closed")


@pytest.mark.parametrize(
    ("before", "move"),
    [
        ("draft", "pause"),
        ("draft", "close"),
        ("draft", "pilot/end"),
        ("pilot", "pause"),
        ("live", "pilot"),
        ("live", "pilot/end"),
        ("paused", "pilot"),
        ("closed", "open"),
        ("closed", "pause"),
    ],
)
def test_a_move_that_is_refused(
    ada: Client, scene: Scene, before: str, move: str
) -> None:
    put_in(before, scene)
    page = ada.post(f"/studies/study/{move}/", follow=True).content.decode()
    assert f"A study that is {before} cannot become" in page
    assert Study.objects.get().state == before


def test_opening_again_keeps_the_first_time(ada: Client, scene: Scene) -> None:
    first = put_in("paused", scene).opened_at
    ada.post("/studies/study/open/")
    assert Study.objects.get().opened_at == first


@pytest.mark.parametrize("move", ["open", "preview", "pilot", "dry-run"])
def test_what_is_missing_is_said(ada: Client, scene: Scene, move: str) -> None:
    study = put_in("draft", scene)
    study.comparisons.all().delete()
    StimulusSet.objects.update(state=StimulusSet.State.RUNNING)
    page = ada.post(f"/studies/study/{move}/", follow=True).content.decode()
    assert "There are no comparisons" in page
    assert "The stimulus set scene is not ready" in page
    assert Study.objects.get().state == "draft"
    assert not Session.objects.exists()


def test_a_preview_is_a_raters_session_that_is_not_counted(
    ada: Client, scene: Scene
) -> None:
    put_in("draft", scene)
    answer = ada.post("/studies/study/preview/")
    session = Session.objects.get()
    assert answer.headers["Location"] == f"/session/{session.code}/"
    assert session.stage == Session.Stage.PREVIEW
    assert session.trials.count() == 4 + 1
    assert not Session.objects.for_results().exists()


@pytest.mark.parametrize("move", MOVES)
def test_it_hides_from_another_owner(client: Client, scene: Scene, move: str) -> None:
    client.force_login(scene.eve)
    assert client.post(f"/studies/study/{move}/").status_code == 404
    assert Study.objects.get().state == "live"


@pytest.mark.parametrize("move", MOVES)
def test_it_sends_a_stranger_to_log_in(client: Client, scene: Scene, move: str) -> None:
    answer = client.post(f"/studies/study/{move}/")
    assert answer.headers["Location"].startswith("/accounts/login/")
    assert Study.objects.get().state == "live"


@pytest.mark.parametrize("move", MOVES)
def test_it_must_be_posted(ada: Client, scene: Scene, move: str) -> None:
    assert ada.get(f"/studies/study/{move}/").status_code == 405
    assert Study.objects.get().state == "live"


def test_a_form_of_another_site_is_refused(scene: Scene) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(scene.ada)
    answer = strict.post("/studies/study/close/")
    assert answer.status_code == 403
    assert "That form was too old" in answer.content.decode()
