"""GET and POST /studies/<slug>/recruiting/, and who may see what belongs to it."""

import re
from typing import Any

import pytest
from django.test import Client

from listening.cells import all_cells, closed
from listening.models import Outcome, Session, Study
from listening.recruiting_form import name_of
from tests.scene import Scene, make_study

URL = "/studies/study/recruiting/"
PAGES = [
    ("get", URL),
    ("post", URL),
    ("post", "/studies/study/invitations/"),
    ("post", "/studies/study/invitations/again/"),
    ("post", "/studies/study/erase/"),
    ("get", "/studies/study/invitations.csv"),
]


def filled(study: Study, **changes: Any) -> dict[str, Any]:
    cells = [name_of(cell) for cell in all_cells(study)]
    paths = {f"{what}_{o.name}": "" for o in Outcome for what in ("code", "url")}
    own = {"panel": "", "panel_parameters": "", "contact": ""}
    return own | paths | {"identity_days": 30, "recruiting": cells} | changes


def test_it_shows_the_links_of_panels(ada: Client, scene: Scene) -> None:
    page = ada.get(URL).content.decode()
    assert f"/r/{scene.study.code}/?PROLIFIC_PID={{{{%PROLIFIC_PID%}}}}" in page
    assert "workerId=${workerId}" in page


def test_no_two_fields_share_an_id(ada: Client) -> None:
    ids = re.findall(r' id="([^"]+)"', ada.get(URL).content.decode())
    assert len(ids) == len(set(ids))


def test_it_keeps_what_is_typed_also_once_the_study_is_open(
    ada: Client, scene: Scene
) -> None:
    changes = {
        "panel": "other",
        "panel_parameters": " rid ,wave",
        "contact": "Ada, ada@example.org",
        "code_COMPLETE": "C0MPLETE",
        "url_NO_CONSENT": "https://panel.example/no",
    }
    answer = ada.post(URL, filled(scene.study, **changes))
    assert answer["Location"] == URL
    study = Study.objects.get()
    assert (study.panel, study.panel_parameters) == ("other", "rid, wave")
    assert study.identity_days == 30
    paths = dict(study.completion_paths.values_list("outcome", "code"))
    assert paths[Outcome.COMPLETE] == "C0MPLETE"
    page = ada.get(URL).content.decode()
    assert 'value="https://panel.example/no"' in page


def test_a_cell_without_a_tick_recruits_no_more(ada: Client, scene: Scene) -> None:
    every = all_cells(scene.study)
    left = [name_of(cell) for cell in every[1:]]
    ada.post(URL, filled(scene.study, recruiting=left))
    assert closed(scene.study) == {every[0]}
    page = ada.get(URL).content.decode()
    assert page.count(" checked") == len(every) - 1
    assert "closed</span>" in ada.get("/studies/study/").content.decode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"panel": "guess"}, "guess is not one of the available choices."),
        ({"panel": "other"}, "Another panel needs at least one name."),
        ({"panel_parameters": "a b"}, "“a b” cannot be a parameter’s name."),
        ({"panel_parameters": "rid,rid"}, "A parameter is named twice."),
        ({"panel_parameters": "rid,,x"}, "“” cannot be a parameter’s name."),
        ({"identity_days": "-1"}, "greater than or equal to 0"),
        ({"code_COMPLETE": "a b"}, "A code has letters, digits"),
        ({"code_COMPLETE": "x" * 65}, "at most 64 characters"),
        ({"url_TECHNICAL": "javascript:alert(1)"}, "An address begins with https://"),
        ({"recruiting": ["9:99"]}, "9:99 is not a cell."),
    ],
)
def test_it_says_what_is_wrong_and_changes_nothing(
    ada: Client, scene: Scene, change: dict[str, Any], message: str
) -> None:
    page = ada.post(URL, filled(scene.study, **change)).content.decode()
    assert message in page
    study = Study.objects.get()
    assert (study.panel, study.identity_days) == ("", 90)
    assert not closed(study)
    assert not study.completion_paths.exists()


def test_somebody_who_lost_the_code_can_be_deleted_by_their_id(
    ada: Client, scene: Scene
) -> None:
    Client().post(f"/r/{scene.study.code}/?PROLIFIC_PID=rosa-1")
    Client().post(f"/r/{scene.study.code}/?PROLIFIC_PID=paul-2")
    url = "/studies/study/erase/"
    wrong = ({"panel": "mturk"}, {"participant": "rosa-2"}, {"participant": "a b"})
    right = {"panel": "prolific", "participant": "rosa-1"}
    for change in wrong:
        page = ada.post(url, right | change).content.decode()
        assert "Nobody with this id" in page or "not an id" in page
    assert Session.objects.count() == 2
    page = ada.post(url, right, follow=True).content.decode()
    assert "Everything of this participant is deleted." in page
    assert Session.objects.count() == 1
    assert Study.objects.get().withdrawals == 1


def test_nobody_is_deleted_from_anothers_study(client: Client, scene: Scene) -> None:
    make_study(scene.eve, scene.stimulus_set, slug="eves")
    Client().post(f"/r/{scene.study.code}/?PROLIFIC_PID=rosa-1")
    client.force_login(scene.eve)
    right = {"panel": "prolific", "participant": "rosa-1"}
    page = client.post("/studies/eves/erase/", right).content.decode()
    assert "Nobody with this id is known here." in page
    assert Session.objects.count() == 1


@pytest.mark.parametrize(("verb", "url"), PAGES)
def test_it_hides_from_another_owner(
    client: Client, scene: Scene, verb: str, url: str
) -> None:
    client.force_login(scene.eve)
    assert getattr(client, verb)(url).status_code == 404


@pytest.mark.parametrize(("verb", "url"), PAGES)
def test_it_sends_a_stranger_to_log_in(
    client: Client, scene: Scene, verb: str, url: str
) -> None:
    response = getattr(client, verb)(url)
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("url", [url for verb, url in PAGES[2:5]])
def test_it_must_be_posted(ada: Client, url: str) -> None:
    assert ada.get(url).status_code == 405


def test_the_page_needs_few_queries(
    ada: Client, scene: Scene, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(14):
        ada.get(URL)
