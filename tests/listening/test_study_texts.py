"""GET and POST /studies/<slug>/texts/"""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.forms import model_to_dict
from django.test import Client

from listening.enrolment import enrol
from listening.models import Session, Study
from listening.texts_form import TextsForm
from tests.raters import finish
from tests.scene import Scene, make_study

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def draft(scene: Scene) -> Study:
    return make_study(
        scene.ada, scene.stimulus_set, slug="draft", state="draft", opened_at=None
    )


@pytest.fixture
def paused(scene: Scene) -> Study:
    """Return a paused study in which somebody agreed to the first consent."""
    finish(enrol(study=scene.study, stage="live", seed=1, at=NOON), at=NOON)
    Study.objects.update(state=Study.State.PAUSED)
    scene.study.refresh_from_db()
    return scene.study


def filled(study: Study, **changes: Any) -> dict[str, Any]:
    return model_to_dict(study, fields=TextsForm.Meta.fields) | changes


def url(study: Study) -> str:
    return f"/studies/{study.slug}/texts/"


def test_it_changes_a_draft_and_leads_on(ada: Client, draft: Study) -> None:
    answer = ada.post(url(draft), filled(draft, question="Which?", language="de"))
    assert answer.headers["Location"] == "/studies/draft/recruiting/"
    draft.refresh_from_db()
    assert (draft.question, draft.language) == ("Which?", "de")


def test_before_anybody_took_part_the_version_stays(ada: Client, draft: Study) -> None:
    ada.post(url(draft), filled(draft, consent_text="Agreed?"))
    draft.refresh_from_db()
    assert (draft.consent_text, draft.consent_version) == ("Agreed?", 1)


def test_new_words_of_consent_are_a_new_version(ada: Client, paused: Study) -> None:
    ada.post(url(paused), filled(paused, consent_text="Agreed?", reason="Clearer."))
    paused.refresh_from_db()
    assert paused.consent_version == 2
    assert Session.objects.get(study=paused).consent_version == 1


def test_a_new_question_is_no_new_consent(ada: Client, paused: Study) -> None:
    ada.post(url(paused), filled(paused, question="Which?", reason="Shorter."))
    paused.refresh_from_db()
    assert (paused.question, paused.consent_version) == ("Which?", 1)


def test_it_says_what_is_wrong(ada: Client, draft: Study) -> None:
    answer = ada.post(url(draft), filled(draft, question="x" * 201))
    assert "at most 200 characters" in answer.content.decode()


def test_another_owner_and_a_stranger_do_not_see_it(
    client: Client, scene: Scene
) -> None:
    assert client.get(url(scene.study)).status_code == 302
    client.force_login(scene.eve)
    assert client.get(url(scene.study)).status_code == 404
    assert client.post(url(scene.study), {}).status_code == 404
    assert client.delete(url(scene.study)).status_code == 405
