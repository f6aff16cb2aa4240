"""The page that tells raters what is kept of them, held against what is kept."""

import pytest
from django.db.models import Model
from django.test import Client
from django.utils.html import escape

from listening.models import (
    Event,
    Exclusion,
    HeadphoneTrial,
    Invitation,
    PanelIdentity,
    Rater,
    Response,
    Session,
    Study,
    Trial,
    TrialSound,
)
from listening.privacy import IDENTITIES, KEPT
from tests.scene import Scene

# Which rows belong together is told by the words around the table
BETWEEN_ROWS = {"id", "rater", "session", "trial", "study"}


MODELS = [
    *(Rater, Session, Trial, TrialSound, Response, Event),
    *(HeadphoneTrial, PanelIdentity, Invitation, Exclusion),
]


@pytest.mark.parametrize("model", MODELS)
def test_every_column_is_told_of(model: type[Model]) -> None:
    told = {column for one in KEPT + IDENTITIES for column in one.columns}
    name = model._meta.model_name
    columns = {f.name for f in model._meta.concrete_fields} - BETWEEN_ROWS
    assert {f"{name}.{column}" for column in columns} - told == set()


def test_nothing_is_told_of_that_is_not_there() -> None:
    there = {
        f"{m._meta.model_name}.{f.name}"
        for m in MODELS
        for f in m._meta.concrete_fields
    }
    told = [column for one in KEPT + IDENTITIES for column in one.columns]
    assert set(told) <= there
    assert len(told) == len(set(told))


def test_the_page_says_for_how_long_and_whom_to_ask(
    client: Client, scene: Scene
) -> None:
    Study.objects.update(identity_days=45, contact="Ada <ada@example.org>")
    page = client.get(f"/r/{scene.study.code}/kept/").content.decode()
    assert "Deleted 45 days after" in page
    assert "Ada &lt;ada@example.org&gt;" in page
    for one in KEPT + IDENTITIES:
        assert escape(one.words) in page


@pytest.mark.parametrize("state", Study.State)
def test_it_can_be_read_whatever_the_study_does(
    client: Client, scene: Scene, state: str
) -> None:
    Study.objects.update(state=state)
    assert client.get(f"/r/{scene.study.code}/kept/").status_code == 200


def test_it_is_linked_from_where_one_decides(client: Client, scene: Scene) -> None:
    link = f"/r/{scene.study.code}/"
    address = f'href="{link}kept/"'
    assert address in client.get(link).content.decode()
    assert address in client.post(link, follow=True).content.decode()


def test_there_is_no_such_study(client: Client, db: None) -> None:
    assert client.get("/r/made-up/kept/").status_code == 404
