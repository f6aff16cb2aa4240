"""What a study needs before it opens."""

import pytest

from listening import launching
from listening.models import Comparison, Study
from stimuli.models import Stimulus
from tests.scene import Scene


def test_a_study_that_is_complete_has_no_problems(scene: Scene) -> None:
    assert launching.problems(scene.study) == []


def test_too_few_sentences(scene: Scene) -> None:
    scene.study.trials_per_session = 16  # of twelve
    [problem] = launching.problems(scene.study)
    assert "16 trials need 16 different sentences" in problem
    assert "has 12" in problem


def test_trials_that_cannot_be_balanced(scene: Scene) -> None:
    scene.study.trials_per_session = 6  # two comparisons
    [problem] = launching.problems(scene.study)
    assert "4 or 8, not 6" in problem


def test_a_system_that_the_set_lacks(scene: Scene) -> None:
    Comparison.objects.create(study=scene.study, system="omlsa")
    found = launching.problems(scene.study)
    assert "The stimulus set scene has no omlsa: edit the comparisons." in found


def test_stimuli_that_failed_are_no_sentences(scene: Scene) -> None:
    Stimulus.objects.filter(system="wiener").update(status="failed", error="broken")
    [problem] = launching.problems(scene.study)
    assert "has 0" in problem


def test_a_method_that_is_gone(scene: Scene) -> None:
    scene.study.method = "guess"
    [problem] = launching.problems(scene.study)
    assert problem.startswith("There is no method “guess”")


@pytest.mark.parametrize(
    ("comparisons", "trials"), [(0, 12), (1, 12), (2, 12), (3, 12), (5, 10), (9, 18)]
)
def test_the_suggestion_can_be_balanced(comparisons: int, trials: int) -> None:
    assert launching.suggest_trials(comparisons) == trials


def test_every_step_says_where_it_is_mended(scene: Scene) -> None:
    scene.study.comparisons.all().delete()
    scene.study.panel = "prolific"
    wrong = {s.step.title: s for s in launching.checklist(scene.study) if s.problems}
    assert list(wrong) == ["Method and comparisons", "Recruiting"]
    pages = [standing.step.page for standing in wrong.values()]
    assert pages == ["study-edit", "recruiting"]


def test_advice_keeps_no_study_from_opening(scene: Scene) -> None:
    looks = {s.step.title: s.look for s in launching.checklist(scene.study)}
    assert looks["Hypotheses and stop rule"] == looks["Dry run"] == "todo"
    assert launching.problems(scene.study) == []


def test_the_pages_of_a_draft_follow_each_other() -> None:
    walked = ["study-edit"]
    while walked[-1] != "study":
        walked.append(launching.page_after(walked[-1]))
    assert walked[1:] == [
        "study-checks",
        "study-declaration",
        "study-texts",
        "recruiting",
        "study",
    ]


def test_of_two_clicks_one_counts(scene: Scene) -> None:
    stale = Study.objects.get()
    launching.pause_study(scene.study)
    with pytest.raises(launching.LaunchRefused, match="paused cannot become paused"):
        launching.pause_study(stale)
