"""POST /studies/<slug>/duplicate/"""

from datetime import UTC, datetime

import pytest
from django.test import Client

from listening.duplicating import NOT_DESIGN, duplicate
from listening.enrolment import enrol
from listening.models import Invitation, Study
from tests.raters import finish
from tests.scene import Scene, make_study

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
URL = "/studies/study/duplicate/"


def test_the_design_is_the_same_and_nothing_that_happened(scene: Scene) -> None:
    finish(enrol(study=scene.study, stage="live", seed=1, at=NOON), at=NOON)
    Study.objects.update(
        gold_trials=3, rater_quota=7, cell_quota=2, exclusion_rules={"run": {"use": 0}}
    )
    scene.study.refresh_from_db()
    scene.study.completion_paths.create(outcome="complete", code="SECRET")
    Invitation.objects.create(
        study=scene.study, name="x@example.org", state="code", created_at=NOON
    )
    copy = duplicate(scene.study, owner=scene.ada)
    for field in Study._meta.concrete_fields:
        same = getattr(copy, field.name) == getattr(scene.study, field.name)
        assert same or field.name in NOT_DESIGN, field.name
    pairs = [
        study.comparisons.values_list("system", "reference") for study in studies()
    ]
    assert list(pairs[0]) == list(pairs[1])
    assert copy.state == Study.State.DRAFT
    assert copy.opened_at is None
    assert copy.code != scene.study.code
    for related in ("sessions", "invitations", "completion_paths", "consent_texts"):
        assert not getattr(copy, related).exists()


def studies() -> list[Study]:
    return list(Study.objects.order_by("pk"))


def test_every_copy_has_a_name_of_its_own(scene: Scene) -> None:
    long = make_study(scene.ada, scene.stimulus_set, slug="l" * 50)
    names = [duplicate(s, owner=scene.ada).slug for s in (scene.study, scene.study)]
    names += [duplicate(long, owner=scene.ada).slug for _ in range(2)]
    assert names[:2] == ["study-copy", "study-copy-2"]
    assert len({*names}) == 4
    assert max(map(len, names)) <= 50


def test_the_button_leads_to_the_draft(ada: Client, scene: Scene) -> None:
    page = ada.post(URL, follow=True).content.decode()
    assert "Copy of Does it help?" in page
    assert "This is a draft with the design of" in page


def test_only_by_the_owner_and_by_post(client: Client, scene: Scene) -> None:
    assert client.post(URL)["Location"].startswith("/accounts/login/")
    client.force_login(scene.eve)
    assert client.post(URL).status_code == 404
    client.force_login(scene.ada)
    assert client.get(URL).status_code == 405
    assert Study.objects.count() == 1


@pytest.mark.parametrize("state", Study.State)
def test_whatever_the_study_does(scene: Scene, state: str) -> None:
    scene.study.state = state
    assert duplicate(scene.study, owner=scene.ada).state == Study.State.DRAFT
