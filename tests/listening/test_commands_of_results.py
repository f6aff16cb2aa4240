"""The commands analyze, export and simulate."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from listening.models import Session, Study
from listening.reporting.equivalence_wording import NOT_DECLARED
from listening.simulation import simulate
from tests.listening.test_simulation import AT
from tests.scene import Scene, uncover

ROWS = "rater,utterance,system,snr_db,preferred\nr,u,a,0,1\ns,v,a,0,0\nr,v,a,3,1\n"


def run(*args: str) -> str:
    out = io.StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "trials.csv"
    path.write_text(ROWS)
    return path


def test_analyze_prints_the_table_and_a_sentence(table: Path) -> None:
    said = run("analyze", str(table))
    assert "95 % clustered" in said
    assert "The answers leave open" in said


def test_analyze_writes_json_figure_and_report(table: Path, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.json", "a.svg", "a.html")]
    options = zip(("--json", "--figure", "--report"), map(str, files), strict=True)
    run("analyze", str(table), *(word for pair in options for word in pair))
    assert json.loads(files[0].read_text())["trials"][0]["n"] == 2
    assert b"<svg" in files[1].read_bytes()
    report = files[2].read_text()
    assert "<svg" in report
    assert "src=" not in report  # it needs no other file


def test_analyze_json_to_the_screen_is_nothing_but_json(table: Path) -> None:
    assert json.loads(run("analyze", str(table), "--json", "-"))["binomial"]


def test_analyze_takes_a_study(scene: Scene) -> None:
    simulate(scene.study, raters=2, seed=1, at=AT)
    uncover(scene.study)
    assert "simulated by a program" in run("analyze", "study")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["nix"], "nix: there is neither such a study nor such a file"),
        (["nix.csv"], "nix.csv: No such file or directory"),
        (["study"], "study: the study has no answers yet"),
        (["study", "--margin", "5"], "--margin 5: a share between 0 and 0.5"),
        (
            ["study", "--rating-margin", "0"],
            "--rating-margin 0: points between 0 and 3",
        ),
        (["study", "--figure", "x.gif"], "x.gif: a figure is .svg, .pdf or .png"),
    ],
)
def test_analyze_refuses_in_one_line(
    scene: Scene, args: list[str], message: str
) -> None:
    with pytest.raises(CommandError) as error:
        run("analyze", *args)
    assert str(error.value) == message


def test_analyze_says_where_it_cannot_write(table: Path, tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "x.svg"
    with pytest.raises(CommandError, match=r"x\.svg: No such file or directory"):
        run("analyze", str(table), "--figure", str(target))


def test_export_writes_a_folder(scene: Scene, tmp_path: Path) -> None:
    assert "files in" in run("export", "study", "--to", str(tmp_path / "out"))
    assert (tmp_path / "out" / "reproduce.R").exists()


@pytest.mark.parametrize(
    "args", [["export", "nix", "--to=x"], ["simulate", "nix", "--raters=1", "--seed=1"]]
)
def test_a_study_that_is_not_there_is_refused(scene: Scene, args: list[str]) -> None:
    with pytest.raises(CommandError, match="nix: there is no such study"):
        run(*args)


def test_export_says_if_the_folder_is_a_file(scene: Scene, table: Path) -> None:
    with pytest.raises(CommandError, match=r"trials\.csv: "):
        run("export", "study", "--to", str(table))


def test_simulate_adds_raters_each_time(scene: Scene) -> None:
    for _ in range(2):  # the same seed: other raters with the same answers
        said = run("simulate", "study", "--raters", "2", "--seed", "7")
        assert said == "2 simulated raters completed study.\n"
    assert Session.objects.complete().count() == 4


def test_simulate_needs_an_open_study(scene: Scene) -> None:
    Study.objects.update(state=Study.State.CLOSED)
    with pytest.raises(CommandError, match="study: This study is closed"):
        run("simulate", "study", "--raters", "1", "--seed", "1")


@pytest.mark.parametrize(("raters", "seed"), [("0", "1"), ("1", "-1")])
def test_simulate_refuses_senseless_numbers(
    scene: Scene, raters: str, seed: str
) -> None:
    with pytest.raises(CommandError, match="--raters is 1 or more"):
        run("simulate", "study", f"--raters={raters}", f"--seed={seed}")


def test_analyze_tests_equivalence_with_the_margin_that_a_study_declared(
    scene: Scene,
) -> None:
    simulate(scene.study, raters=6, seed=1, at=AT)
    uncover(scene.study)
    assert "equivalence" not in run("analyze", "study", "--json", "-")
    Study.objects.update(equivalence_margin=0.05)
    data = json.loads(run("analyze", "study", "--json", "-"))
    assert data["equivalence"][0]["against"] == "unprocessed"
    assert data["equivalence"][0]["margin_declared"]


def test_analyze_tells_a_margin_that_came_after_the_study_opened(scene: Scene) -> None:
    simulate(scene.study, raters=6, seed=1, at=AT)
    uncover(scene.study)
    Study.objects.update(equivalence_margin=0.05)
    assert NOT_DECLARED in run("analyze", "study", "--margin", "0.1")
    assert NOT_DECLARED not in run("analyze", "study", "--margin", "0.05")


def test_analyze_tests_mean_ratings_with_a_margin_of_their_own(scene: Scene) -> None:
    Study.objects.update(method="ccr", rating_margin=0.25)
    simulate(scene.study, raters=6, seed=1, at=AT)
    uncover(scene.study)
    data = json.loads(run("analyze", "study", "--json", "-"))
    assert {one["unit"] for one in data["equivalence"]} == {"rating difference"}


def test_analyze_models_slopes_as_the_study_declared(scene: Scene) -> None:
    simulate(scene.study, raters=12, seed=1, at=AT)
    uncover(scene.study)
    Study.objects.update(rater_slopes=True)
    sd = "rater:snr_c"
    assert (
        sd
        in json.loads(run("analyze", "study", "--json", "-"))["glmm"]["random_effects"]
    )
    without = json.loads(run("analyze", "study", "--no-slopes", "--json", "-"))
    assert sd not in without["glmm"]["random_effects"]
