"""/admin/listening/: a look at everything, and no history rewritten."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from listening.enrolment import enrol
from listening.models import Session, Study
from tests.raters import finish
from tests.scene import Scene

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def session(scene: Scene) -> Session:
    return finish(enrol(study=scene.study, stage="live", seed=1, at=NOON), at=NOON)


@pytest.mark.parametrize("model", ["study", "session", "trial"])
def test_lists_and_pages_open(
    admin_client: Client, session: Session, model: str
) -> None:
    rows = {
        "study": session.study,
        "session": session,
        "trial": session.trials.earliest("pk"),
    }
    assert admin_client.get(f"/admin/listening/{model}/").status_code == 200
    page = admin_client.get(f"/admin/listening/{model}/{rows[model].pk}/change/")
    assert page.status_code == 200


def test_tokens_of_sounds_are_not_shown(admin_client: Client, session: Session) -> None:
    trial = session.trials.earliest("pk")
    for url in (f"session/{session.pk}", f"trial/{trial.pk}"):
        page = admin_client.get(f"/admin/listening/{url}/change/").content.decode()
        assert trial.token_a not in page


@pytest.mark.parametrize("model", ["session", "trial"])
def test_history_cannot_be_changed(
    admin_client: Client, session: Session, model: str
) -> None:
    pk = session.pk if model == "session" else session.trials.earliest("pk").pk
    for verb in ("change", "delete"):
        url = f"/admin/listening/{model}/{pk}/{verb}/"
        assert admin_client.post(url, {"post": "yes"}).status_code == 403
    assert admin_client.get(f"/admin/listening/{model}/add/").status_code == 403


def test_a_study_can_change_hands_only(
    admin_client: Client, scene: Scene, session: Session
) -> None:
    admin_client.post(
        f"/admin/listening/study/{scene.study.pk}/change/",
        {"owner": scene.eve.pk, "method": "ccr", "state": "closed"}
        | {"comparisons-TOTAL_FORMS": 0, "comparisons-INITIAL_FORMS": 0},
    )
    study = Study.objects.get()
    assert (study.owner, study.method, study.state) == (scene.eve, "ab", "live")
