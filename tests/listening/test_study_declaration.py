"""GET and POST /studies/<slug>/declaration/: hypotheses, margins, when to stop."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from listening import launching
from listening.enrolment import EnrolmentRefused, enrol
from listening.models import Study
from tests.scene import Scene, make_study

URL = "/studies/draft/declaration/"
FILLED: dict[str, Any] = {
    "hypotheses": "Wiener is preferred at 0 dB.",
    "equivalence_margin": "0.1",
    "rating_margin": "",
    "rater_quota": 20,
    "cell_quota": 40,
    "ends_on": "2026-06-30",
}


@pytest.fixture
def draft(scene: Scene) -> Study:
    return make_study(
        scene.ada, scene.stimulus_set, slug="draft", state="draft", opened_at=None
    )


def test_it_keeps_what_is_declared(ada: Client, draft: Study) -> None:
    answer = ada.post(URL, FILLED | {"rater_slopes": "on"})
    assert answer.headers["Location"] == "/studies/draft/texts/"
    draft.refresh_from_db()
    assert draft.hypotheses == "Wiener is preferred at 0 dB."
    assert (draft.equivalence_margin, draft.rating_margin) == (0.1, None)
    assert (draft.rater_quota, draft.cell_quota) == (20, 40)
    assert (draft.ends_on, draft.rater_slopes) == (date(2026, 6, 30), True)
    assert 'value="2026-06-30"' in ada.get(URL).content.decode()


def test_graded_answers_have_a_margin_of_their_own(ada: Client, draft: Study) -> None:
    Study.objects.filter(slug="draft").update(method="ccr")
    ada.post(URL, FILLED | {"rating_margin": "0.25"})
    draft.refresh_from_db()
    assert draft.rating_margin == 0.25


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("rater_quota", 0, "greater than or equal to 1"),
        ("cell_quota", 0, "greater than or equal to 1"),
        ("equivalence_margin", "0.6", "less than or equal to 0.3"),
        ("rating_margin", "0.25", "Only graded answers have a mean rating."),
        ("rating_margin", "4", "less than or equal to 1.5"),
        ("ends_on", "tomorrow", "Enter a valid date."),
    ],
)
def test_it_says_what_is_wrong_and_keeps_nothing(
    ada: Client, draft: Study, field: str, value: object, message: str
) -> None:
    answer = ada.post(URL, FILLED | {field: value})
    assert message in answer.content.decode()
    draft.refresh_from_db()
    assert draft.hypotheses == ""


def test_after_the_last_day_nobody_new_begins(scene: Scene) -> None:
    Study.objects.update(ends_on=date(2026, 6, 30))
    study = Study.objects.get()
    evening = datetime(2026, 6, 30, 20, tzinfo=UTC)
    enrol(study=study, stage="live", seed=1, at=evening)
    with pytest.raises(EnrolmentRefused, match="This study is closed"):
        enrol(study=study, stage="live", seed=2, at=evening + timedelta(days=1))


def test_a_study_whose_last_day_is_over_does_not_open(draft: Study) -> None:
    draft.ends_on = date(2020, 2, 3)
    [problem] = launching.problems(draft)
    assert "The last day, 3 February 2020, is over" in problem


def test_a_margin_of_another_method_is_told(draft: Study) -> None:
    draft.rating_margin = 0.25
    [problem] = launching.problems(draft)
    assert problem == "Only graded answers have a mean rating."


def test_another_owner_and_a_stranger_do_not_see_it(
    client: Client, scene: Scene, draft: Study
) -> None:
    assert client.get(URL).status_code == 302
    client.force_login(scene.eve)
    assert client.get(URL).status_code == 404
    assert client.post(URL, FILLED).status_code == 404
    assert client.delete(URL).status_code == 405
