"""GET and POST /studies/new/"""

from typing import Any

import pytest
from django.test import Client

from listening.forms import StudyForm
from listening.models import Study
from stimuli.models import StimulusSet
from tests.scene import Scene, make_stimulus_set

URL = "/studies/new/?set=scene"
FILLED: dict[str, Any] = {
    "title": "Does Wiener help?",
    "method": "ab",
    "comparisons": ["wiener:unprocessed", "log-mmse:wiener"],
    "trials_per_session": 8,
    "training_trials": 1,
    "min_listening_s": 0.5,
    "seed": 7,
}


def made() -> Study:
    return Study.objects.exclude(slug="study").get()


def test_it_suggests_every_system_against_the_unprocessed(ada: Client) -> None:
    page = ada.get(URL).content.decode()
    assert page.count(" checked") == 2
    assert 'value="12"' in page  # trials: a multiple of four


def test_it_makes_a_draft_of_ours(ada: Client, scene: Scene) -> None:
    answer = ada.post(URL, FILLED)
    assert answer.headers["Location"] == "/studies/does-wiener-help/checks/"
    study = made()
    assert (study.owner, study.state) == (scene.ada, Study.State.DRAFT)
    assert study.stimulus_set == scene.stimulus_set
    assert [str(c) for c in study.comparisons.all()] == [
        "log-mmse against wiener",
        "wiener against unprocessed",
    ]


def test_it_takes_the_set_that_is_asked_for(ada: Client) -> None:
    make_stimulus_set(
        "other", snrs_db=(0.0,), mixtures_per_snr=2, systems=("unprocessed", "omlsa")
    )
    ada.post(
        "/studies/new/?set=other",
        FILLED | {"comparisons": ["omlsa:unprocessed"], "trials_per_session": 2},
    )
    assert made().stimulus_set.slug == "other"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title", "", "This field is required."),
        ("method", "guess", "guess is not one of the available choices."),
        ("trials_per_session", 7, "multiple of 4"),
        ("trials_per_session", 0, "greater than or equal to 2"),
        ("comparisons", ["omlsa:unprocessed"], "not a pair of systems"),
        ("comparisons", ["wiener:wiener"], "not a pair of systems"),
        ("min_listening_s", "nan", "Enter a number."),
        ("min_listening_s", "-1", "greater than or equal to 0"),
        ("seed", -1, "greater than or equal to 0"),
    ],
)
def test_it_says_what_is_wrong_and_makes_nothing(
    ada: Client, field: str, value: object, message: str
) -> None:
    answer = ada.post(URL, FILLED | {field: value})
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert Study.objects.count() == 1


def test_a_draft_may_lack_comparisons(ada: Client) -> None:
    ada.post(URL, FILLED | {"comparisons": []})
    assert made().comparisons.count() == 0


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Study", "study-2"),
        ("New", "new-2"),
        ("Какой?", "study-2"),
        ("a" * 99, "a" * 40),
    ],
)
def test_its_address_is_free_and_short(ada: Client, title: str, slug: str) -> None:
    ada.post(URL, FILLED | {"title": title})
    assert made().slug == slug


def test_it_escapes_what_is_typed(ada: Client) -> None:
    ada.post(URL, FILLED | {"title": "<script>alert(1)</script>"})
    assert "<script>alert" not in ada.get("/studies/").content.decode()


def test_without_stimuli_it_says_so(ada: Client) -> None:
    StimulusSet.objects.update(state=StimulusSet.State.DRAFT)
    assert "No stimuli yet" in ada.get(URL).content.decode()


def test_it_sends_a_stranger_to_log_in(client: Client, scene: Scene) -> None:
    assert client.post(URL, FILLED).status_code == 302
    assert Study.objects.count() == 1


def test_it_takes_no_other_verb(ada: Client) -> None:
    assert ada.put(URL).status_code == 405


def test_the_form_offers_every_pair_of_two_systems(scene: Scene) -> None:
    form = StudyForm(instance=Study(), stimulus_set=scene.stimulus_set)
    offered = [pair for _, row in form.grid() for pair in row if pair]
    assert len(offered) == 3 * 2
