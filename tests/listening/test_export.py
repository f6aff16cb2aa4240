"""What leaves the house: complete, readable by ourselves, and safe to open."""

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from listening.analysis import analyse
from listening.analysis.tables import read_table, trials_of
from listening.export import FILES, REPRODUCE, export_study
from listening.export.folder import TABLES
from listening.export.writing import as_csv
from listening.models import Session, Trial
from listening.reporting.drawing import FORMATS
from listening.simulation import simulate
from tests.listening.test_simulation import AT
from tests.scene import Scene, make_checked_study


@pytest.fixture
def folder(scene: Scene, tmp_path: Path) -> Path:
    simulate(scene.study, raters=2, seed=1, at=AT)
    export_study(scene.study, tmp_path / "export")
    return tmp_path / "export"


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_file_is_there(folder: Path) -> None:
    found = {path.name for path in folder.iterdir()}
    figures = {f"{n}.{f}" for n in ("preference", "raters") for f in FORMATS}
    assert found == {*FILES, *figures}


def test_the_trials_are_read_back_to_the_same_numbers(
    folder: Path, scene: Scene
) -> None:
    expected = analyse(trials_of(scene.study)).as_json()
    for name in ("trials.csv", "trials.parquet"):
        found = analyse(read_table(folder / name)).as_json()
        for key in ("trials", "binomial", "cluster_robust", "position_bias"):
            assert found[key] == expected[key]
    assert (
        json.loads((folder / "analysis.json").read_text())["overall"]
        == (expected["overall"])
    )


def test_simulated_rows_say_so(folder: Path) -> None:
    for name in ("trials.csv", "raters.csv", "sessions.csv"):
        assert {row["simulated"] for row in lines(folder / name)} == {"1"}
    assert "simulated by a program" in (folder / "README.txt").read_text()


def test_every_column_is_in_the_data_dictionary(folder: Path) -> None:
    told = {(r["file"], r["column"]) for r in lines(folder / "data_dictionary.csv")}
    for table in TABLES:
        header = (folder / f"{table.name}.csv").read_text().partition("\n")[0]
        assert {(f"{table.name}.csv", name) for name in header.split(",")} <= told
    assert all(row["description"] for row in lines(folder / "data_dictionary.csv"))


def test_no_secret_of_a_rater_or_of_the_study_leaves(
    folder: Path, scene: Scene
) -> None:
    everything = b"".join(path.read_bytes() for path in folder.iterdir())
    secrets = [scene.study.code]
    secrets += Session.objects.values_list("code", flat=True)
    secrets += Session.objects.values_list("completion_code", flat=True)
    secrets += Trial.objects.values_list("token_a", flat=True)
    assert [secret for secret in secrets if secret.encode() in everything] == []


def test_the_design_says_how_to_run_it_again(folder: Path) -> None:
    design = json.loads((folder / "design.json").read_text())
    assert design["study"]["seed"] == 1
    assert {c["system"] for c in design["comparisons"]} == {"wiener", "log-mmse"}
    assert design["stimulus_set"]["snrs_db"] == [-6, -3, 0, 3, 6, 9]
    assert "earshot" in design["software"]


def test_the_types_of_the_parquet_file_are_those_of_the_data(folder: Path) -> None:
    table = pd.read_parquet(folder / "trials.parquet")
    assert pd.api.types.is_numeric_dtype(table["snr_db"])
    assert pd.api.types.is_numeric_dtype(table["enhanced_first"])


def test_it_can_be_run_twice(folder: Path, scene: Scene) -> None:
    before = (folder / "trials.csv").read_text()
    export_study(scene.study, folder)
    assert (folder / "trials.csv").read_text() == before
    assert not list(folder.glob("*.part"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_text_that_a_spreadsheet_would_run_is_disarmed(text: str) -> None:
    file = io.StringIO(as_csv(["a", "b"], [[text, -1.5]]), newline="")
    _, row = csv.reader(file)
    assert row == [f"'{text}", "-1.5"]


@pytest.fixture
def checked(scene: Scene, tmp_path: Path) -> Path:
    study = make_checked_study(scene, exclusion_rules={"gold": {"use": 0.4}})
    simulate(study, raters=3, seed=1, at=AT)
    export_study(study, tmp_path / "checked")
    return tmp_path / "checked"


def test_trials_that_are_not_analysed_lie_in_a_table_of_their_own(
    checked: Path,
) -> None:
    trials, checks = lines(checked / "trials.csv"), lines(checked / "checks.csv")
    assert {row["kind"] for row in trials} == {"test"}
    kinds = [row["kind"] for row in checks]
    assert sorted(set(kinds)) == ["gold", "placebo", "repeat", "training"]
    assert len(checks) == 3 * (1 + 2 + 1 + 1)
    assert trials[0].keys() == checks[0].keys()
    for row in checks:
        assert (row["repeats"] == "") == (row["kind"] != "repeat")
        assert (row["enhanced_first"] == "") == (row["kind"] == "placebo")
        pair = (row["system"], row["reference"])
        assert (pair == ("clean", "lowpass-3.5k")) == (row["kind"] == "gold")
        assert (pair[0] == pair[1]) == (row["kind"] == "placebo")


def test_a_repeat_points_to_its_first_time(checked: Path) -> None:
    place = {
        (row["session"], row["position"]): row for row in lines(checked / "trials.csv")
    }
    again = [row for row in lines(checked / "checks.csv") if row["kind"] == "repeat"]
    for row in again:
        first = place[row["session"], row["repeats"]]
        assert first["utterance"] == row["utterance"]
        assert first["enhanced_first"] != row["enhanced_first"]


def test_raters_come_with_their_checks_and_decisions(checked: Path) -> None:
    for row in lines(checked / "raters.csv"):
        assert row["gold_trials"] == "2"
        assert row["repeat_trials"] == "1"
        out = float(row["gold_failed"]) / 2 > 0.4
        assert row["used"] == str(int(not out))
        assert row["paid"] == "1"
        assert row["reasons"] == ("gold" if out else "")


def test_without_rules_nothing_is_said_of_use_and_pay(folder: Path) -> None:
    for row in lines(folder / "raters.csv"):
        assert (row["used"], row["paid"], row["gold_trials"]) == ("", "", "")


def test_the_script_keeps_to_test_trials() -> None:
    assert 'trials <- trials[trials$kind == "test", ]' in REPRODUCE.read_text()
