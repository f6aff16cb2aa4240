"""Sessions left out by hand: the analysis without them, their place, and the log."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from listening.analysis import analyse_study
from listening.analysis.analyse import analyse
from listening.analysis.tables import trials_of
from listening.blinding import is_blind
from listening.board import board, overview
from listening.computing import key_of
from listening.enrolment import EnrolmentRefused, enrol, exposure
from listening.export import export_study
from listening.leaving_out import leave_out, take_back
from listening.models import Exclusion, Session, Study
from listening.reporting.methods_paragraph import methods_paragraph
from tests.raters import finish
from tests.scene import Scene, make_checked_study, uncover

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
WHY: dict[str, Any] = {"by": "ada", "reason": "Sat in a train.", "at": NOON}
BACK: dict[str, Any] = {"by": "ada", "reason": "Somebody else did.", "at": NOON}


def rated(study: Study, people: int) -> list[Session]:
    return [
        finish(enrol(study=study, stage="live", seed=seed, at=NOON), at=NOON)
        for seed in range(people)
    ]


def test_the_analysis_is_made_with_and_without(scene: Scene) -> None:
    out, *_ = rated(scene.study, 3)
    leave_out(out, **WHY)
    found = analyse_study(scene.study)
    assert found.exclusions is not None
    table = trials_of(scene.study)
    rest = analyse(table[table["rater"] != out.rater.code], position=True).as_json()
    without = found.exclusions.without.as_json()
    assert {key: without[key] for key in rest} == rest
    assert found.n == 12
    assert found.exclusions.without.n == 8
    told = found.as_json()["exclusions"]
    assert (told["not_used"], told["by_hand"]) == (1, 1)
    assert told["decisions"][0]["by_hand"] == WHY["reason"]


def test_taken_back_it_is_as_if_nothing_had_been(scene: Scene) -> None:
    out, *_ = rated(scene.study, 2)
    before = analyse_study(scene.study).as_json()
    leave_out(out, **WHY)
    take_back(out, **BACK)
    assert analyse_study(scene.study).as_json() == before
    log = Exclusion.objects.get()
    assert (log.reason, log.undone_reason) == (WHY["reason"], BACK["reason"])
    leave_out(out, **WHY)  # and again: both are on record
    assert Exclusion.objects.count() == 2


def test_rules_and_hand_are_told_apart(scene: Scene) -> None:
    """Whoever always chooses A fails half of the gold trials."""
    study = make_checked_study(scene, exclusion_rules={"gold": {"use": 0.34}})
    out, *_ = rated(study, 3)
    leave_out(out, **WHY)
    told = methods_paragraph(analyse_study(study))
    assert "The declared rules leave out 3 of 3 raters." in told
    assert (
        "By hand 1 of 3 raters is left out, 1 of them by the rules as well. Each of "
        "these has a reason that was written down at the time." in told
    )


def test_without_rules_nothing_is_said_of_rules(scene: Scene) -> None:
    out, *_ = rated(scene.study, 2)
    leave_out(out, **WHY)
    told = methods_paragraph(analyse_study(scene.study))
    assert "By hand 1 of 2 raters is left out." in told
    assert "declared" not in told


def test_its_place_is_free_and_what_it_heard_is_balanced_again(scene: Scene) -> None:
    Study.objects.update(rater_quota=2)
    scene.study.refresh_from_db()
    out, _ = rated(scene.study, 2)
    uncover(scene.study)
    heard = {"stage": "live", "at": NOON, "simulated": False}
    with pytest.raises(EnrolmentRefused):
        enrol(study=scene.study, stage="live", seed=5, at=NOON)
    assert sum(exposure(scene.study, **heard).values()) == 8  # type: ignore[arg-type]
    leave_out(out, **WHY)
    assert sum(exposure(scene.study, **heard).values()) == 4  # type: ignore[arg-type]
    enrol(study=scene.study, stage="live", seed=5, at=NOON)
    with pytest.raises(EnrolmentRefused):
        enrol(study=scene.study, stage="live", seed=6, at=NOON)


def test_a_study_that_lacks_one_is_hidden_again(scene: Scene) -> None:
    Study.objects.update(rater_quota=2)
    scene.study.refresh_from_db()
    out, _ = rated(scene.study, 2)
    assert not is_blind(scene.study)
    leave_out(out, **WHY)
    assert is_blind(scene.study)


def test_the_board_and_the_list_count_it_no_more(scene: Scene) -> None:
    out, *_ = rated(scene.study, 3)
    leave_out(out, **WHY)
    found = board(scene.study, at=NOON)
    steps = {step.label: step.people for step in (*found.funnel, *found.ends)}
    assert (steps["Finished"], steps["Left out by hand"]) == (3, 1)
    assert found.complete == 2
    assert sum(cell.answers for row in found.rows for cell in row.cells) == 8
    assert overview(scene.ada).get().people == 2  # type: ignore[attr-defined]


def test_kept_results_are_made_anew(scene: Scene) -> None:
    out, *_ = rated(scene.study, 2)
    before = key_of(scene.study)
    leave_out(out, **WHY)
    assert key_of(scene.study) != before
    take_back(out, **BACK)
    assert key_of(scene.study) == before


def test_of_two_clicks_one_counts(scene: Scene) -> None:
    (out,) = rated(scene.study, 1)
    leave_out(out, **WHY)
    leave_out(out, **(WHY | {"reason": "Again."}))
    assert Exclusion.objects.get().reason == WHY["reason"]
    take_back(out, **BACK)
    take_back(out, **(BACK | {"reason": "Again."}))
    assert Exclusion.objects.get().undone_reason == BACK["reason"]


@pytest.mark.parametrize(
    "row", [{"reason": ""}, {"undone_at": NOON}, {"undone_reason": "But why?"}]
)
def test_the_database_wants_reasons(scene: Scene, row: dict[str, Any]) -> None:
    (out,) = rated(scene.study, 1)
    with pytest.raises(IntegrityError):
        Exclusion.objects.create(session=out, **(WHY | row))


def test_the_export_holds_the_logs(scene: Scene, tmp_path: Path) -> None:
    out, *_ = rated(scene.study, 2)
    uncover(scene.study)
    leave_out(out, **WHY)
    export_study(scene.study, tmp_path)
    assert "Sat in a train." in (tmp_path / "exclusions.csv").read_text()
    assert "Sat in a train." in (tmp_path / "raters.csv").read_text()
    assert "A test looks." in (tmp_path / "unblindings.csv").read_text()
    data = json.loads((tmp_path / "analysis.json").read_text())
    assert data["exclusions"]["by_hand"] == 1


def test_the_results_page_says_who_and_why(scene: Scene, client: Client) -> None:
    out, *_ = rated(scene.study, 3)
    leave_out(out, **WHY)
    uncover(scene.study)
    client.force_login(scene.ada)
    page = client.get("/studies/study/results/").content.decode()
    assert "By hand 1 of 3 raters is left out." in page
    assert "Without the 1 left out" in page
    assert f"<code>{out.rater.code}</code> (not used)" in page
    assert "left out by hand: Sat in a train." in page
    assert "Rule, declared before" not in page
