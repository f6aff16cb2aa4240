"""GET and POST /studies/<slug>/edit/"""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.forms import model_to_dict
from django.test import Client

from listening.launching import preview
from listening.models import Session, Study
from tests.raters import finish
from tests.scene import Scene, make_study

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def draft(scene: Scene) -> Study:
    return make_study(
        scene.ada, scene.stimulus_set, slug="draft", state="draft", opened_at=None
    )


def filled(study: Study, **changes: Any) -> dict[str, Any]:
    pairs = [f"{c.system}:{c.reference}" for c in study.comparisons.all()]
    row = model_to_dict(study, exclude=["owner", "stimulus_set"])
    fields = {name: "" if value is None else value for name, value in row.items()}
    return fields | {"comparisons": pairs} | changes


def url(study: Study) -> str:
    return f"/studies/{study.slug}/edit/"


def test_it_changes_a_draft(ada: Client, draft: Study) -> None:
    answer = ada.post(url(draft), filled(draft, method="ccr", title="Renamed"))
    assert answer.headers["Location"] == "/studies/draft/checks/"
    draft.refresh_from_db()
    assert (draft.method, draft.title, draft.slug) == ("ccr", "Renamed", "draft")


def test_what_is_saved_unchanged_leaves_previews(ada: Client, draft: Study) -> None:
    preview(draft, at=NOON)
    ada.post(url(draft), filled(draft))
    assert Session.objects.filter(study=draft).exists()


def test_it_replaces_comparisons_that_a_preview_rests_on(
    ada: Client, draft: Study
) -> None:
    finish(preview(draft, at=NOON), at=NOON)
    ada.post(url(draft), filled(draft, comparisons=["log-mmse:wiener"]))
    assert [str(c) for c in draft.comparisons.all()] == ["log-mmse against wiener"]
    assert not Session.objects.filter(study=draft).exists()


def test_an_open_study_is_shown_and_not_changed(ada: Client, scene: Scene) -> None:
    study = scene.study
    page = ada.get(url(study)).content.decode()
    assert "This study is open. Pause it to amend its design." in page
    assert "Save and go on" not in page
    answer = ada.post(url(study), filled(study, title="Renamed"))
    assert "Pause it to amend" in answer.content.decode()
    study.refresh_from_db()
    assert study.title == "Does it help?"


def test_it_says_what_is_wrong(ada: Client, draft: Study) -> None:
    answer = ada.post(url(draft), filled(draft, trials_per_session=5))
    assert "multiple of 4" in answer.content.decode()


def test_it_hides_from_another_owner(client: Client, scene: Scene) -> None:
    client.force_login(scene.eve)
    assert client.get(url(scene.study)).status_code == 404
    assert client.post(url(scene.study), {}).status_code == 404


def test_it_sends_a_stranger_to_log_in(client: Client, scene: Scene) -> None:
    answer = client.get(url(scene.study))
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_it_takes_no_other_verb(ada: Client, draft: Study) -> None:
    assert ada.delete(url(draft)).status_code == 405
