"""GET and POST /studies/<slug>/checks/: declared before the study opens, then fixed."""

from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from listening import launching
from listening.checks_form import ChecksForm
from listening.launching import open_study, preview
from listening.models import Session, Study
from tests.scene import Scene, make_checked_study

URL = "/studies/checked/checks/"
FILLED: dict[str, Any] = {
    "gold_trials": 3,
    "placebo_trials": 2,
    "repeat_trials": 1,
    "gold_system": "clean",
    "gold_reference": "unprocessed",
    "headphone_check": "none",
    "headphone_policy": "flag",
    "headphone_mark": 5,
}


@pytest.fixture
def draft(scene: Scene) -> Study:
    return make_checked_study(scene, state="draft", opened_at=None)


def test_it_declares_trials_and_rules(ada: Client, draft: Study) -> None:
    rules = {"gold_use": "0.34", "gold_pay": "0.7", "run_use": "0"}
    assert ada.post(URL, FILLED | rules).status_code == 302
    draft.refresh_from_db()
    assert (draft.checks.gold, draft.checks.placebo, draft.checks.repeat) == (3, 2, 1)
    assert draft.gold_pair == ("clean", "unprocessed")
    assert draft.exclusion_rules == {
        "gold": {"pay": 0.7, "use": 0.34},
        "run": {"use": 0.0},
    }
    page = ada.get("/studies/checked/").content.decode()
    assert "3 gold, 2 placebo and 1 repeated trials; 2 exclusion rules" in page


def test_it_shows_what_was_declared(ada: Client, draft: Study) -> None:
    Study.objects.update(exclusion_rules={"gold": {"use": 0.25}})
    page = ada.get(URL).content.decode()
    assert 'value="0.25"' in page
    assert 'placeholder="0.000001"' in page


def test_the_pair_that_is_proposed_can_be_kept(ada: Client, draft: Study) -> None:
    ada.post(URL, FILLED | {"gold_reference": "lowpass-3.5k"})
    draft.refresh_from_db()
    assert (draft.gold_trials, draft.gold_reference) == (3, "lowpass-3.5k")


def test_by_default_there_are_neither(ada: Client, scene: Scene) -> None:
    assert scene.study.checks.total == 0
    assert scene.study.exclusion_rules == {}


REFUSED: dict[str, dict[str, Any]] = {
    "At most 20 in a session": {"gold_trials": 21},
    "repeat at most half of them, 2": {"repeat_trials": 3},
    "Choose another one than the good one": {"gold_reference": "clean"},
    "Select a valid choice": {"gold_reference": "mp3"},
    "needs at least 2 gold trials in a session": {"gold_trials": 1, "gold_use": 0.5},
    "needs at least 4 repeat trials": {"repeats_use": 0.5},
    "The limit of run for pay is stricter": {"run_use": 0.01, "run_pay": 0.1},
    "less than or equal to 1": {"gold_use": 34},
}


@pytest.mark.parametrize("words", REFUSED)
def test_nonsense_is_told_at_its_field(ada: Client, draft: Study, words: str) -> None:
    response = ada.post(URL, FILLED | REFUSED[words])
    assert words in response.content.decode()
    draft.refresh_from_db()
    assert (draft.gold_trials, draft.exclusion_rules) == (2, {})


def test_a_rule_on_listening_wants_a_page_that_demands_some(
    ada: Client, draft: Study
) -> None:
    Study.objects.update(min_listening_s=0)
    page = ada.post(URL, FILLED | {"heard_use": 0.2}).content.decode()
    assert "This study demands no listening" in page


def test_once_opened_the_declaration_stands(ada: Client, draft: Study) -> None:
    open_study(draft, at=now())
    page = ada.get(URL).content.decode()
    assert "This study is open. Pause it to amend its design." in page
    assert "Save and go on" not in page
    assert page.count("disabled") >= 5 + 2 * 8
    ada.post(URL, FILLED | {"gold_use": "0.1"})
    draft.refresh_from_db()
    assert (draft.gold_trials, draft.exclusion_rules) == (2, {})


def test_a_study_that_opens_while_the_form_is_filled_in_keeps_its_rules(
    draft: Study,
) -> None:
    form = ChecksForm(FILLED | {"gold_use": "0.1"}, instance=draft)
    assert form.is_valid()
    open_study(Study.objects.get(pk=draft.pk), at=now())
    assert form.keep(at=now()) == ""
    assert "Pause it to amend" in str(form.errors)
    draft.refresh_from_db()
    assert draft.exclusion_rules == {}


def test_previews_of_what_it_was_are_discarded(ada: Client, draft: Study) -> None:
    preview(draft, at=now())
    ada.post(URL, FILLED)
    assert not Session.objects.filter(study=draft).exists()


def test_launching_says_what_gold_trials_lack(scene: Scene) -> None:
    Study.objects.update(gold_trials=1, opened_at=None)
    scene.study.refresh_from_db()
    found = " ".join(launching.problems(scene.study))
    assert "scene has no clean, lowpass-3.5k, which gold trials need" in found


def test_launching_counts_the_sentences_of_all_kinds(draft: Study) -> None:
    Study.objects.update(gold_trials=7, placebo_trials=2)
    draft.refresh_from_db()
    [problem] = launching.problems(draft)
    assert "4 trials, 7 gold trials and 2 placebos need 13 different" in problem


def test_launching_refuses_rules_that_mean_nothing(draft: Study) -> None:
    Study.objects.update(exclusion_rules={"mood": {"use": 0.5}})
    draft.refresh_from_db()
    [problem] = launching.problems(draft)
    assert "there is no rule or limit called mood" in problem


def test_another_owner_and_a_stranger_do_not_see_it(
    client: Client, scene: Scene, draft: Study
) -> None:
    assert client.get(URL).status_code == 302
    client.force_login(scene.eve)
    assert client.get(URL).status_code == 404
    assert client.post(URL, FILLED).status_code == 404
    assert client.delete(URL).status_code == 405


@pytest.mark.parametrize(
    ("method", "there", "lacking"),
    [
        ("ab", ["Good member", "Clean against degraded", "A and B swapped"], " X"),
        (
            "abx",
            ["Good member", "fail to find X", "All sounds are the same"],
            "against",
        ),
        ("acr", ["Good sound", "by itself", "No"], "member"),
        ("p835", ["Bad sound", "scored again", "no sides to favour"], "swapped"),
    ],
)
def test_the_form_speaks_of_what_a_trial_is(
    scene: Scene, method: str, there: list[str], lacking: str
) -> None:
    form = ChecksForm(instance=Study(stimulus_set=scene.stimulus_set, method=method))
    names = [
        name for name in form.fields if name.startswith(("gold", "placebo", "rep"))
    ]
    told = " ".join(f"{form[name].label}: {form[name].help_text}" for name in names[:5])
    for words in there:
        assert words in told
    assert lacking not in told
