"""Mean opinion scores: their numbers, words, tables, figures and files."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from django.test import Client

from listening.analysis import Analysis, analyse, analyse_study
from listening.analysis.tables import TableError, checked, read_table
from listening.export import export_study
from listening.models import Study
from listening.reporting.figures import FIGURES, names_of
from listening.reporting.methods_paragraph import methods_paragraph
from listening.reporting.reports import report_of
from listening.reporting.score_tables import score_tables_of
from listening.reporting.wording import as_text
from listening.simulation import simulate
from listening.statistics.clustered import clustered_mean
from tests.scene import Scene, make_scored_study, uncover

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
OFFSETS = {"unprocessed": 2.4, "wiener": 3.0, "tinylstm": 3.8}


def scored_table(raters: int = 12, utterances: int = 8, seed: int = 1) -> pd.DataFrame:
    """All raters, strict or not, score all systems on all utterances, easy or not."""
    rng = np.random.default_rng(seed)
    strict, easy = rng.normal(0, 0.8, raters), rng.normal(0, 0.3, utterances)
    rows = [
        {
            "rater": f"r{r:02d}",
            "utterance": f"u{u}",
            "system": system,
            "snr_db": (-6.0, 0.0)[u % 2],
            "score": float(np.clip(round(mean + strict[r] + easy[u] + noise), 1, 5)),
        }
        for r in range(raters)
        for u in range(utterances)
        for system, mean in OFFSETS.items()
        for noise in [rng.normal(0, 0.6)]
    ]
    return checked(pd.DataFrame(rows))


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return scored_table()


@pytest.fixture(scope="module")
def analysis(table: pd.DataFrame) -> Analysis:
    return analyse(table)


# ---- numbers ------------------------------------------------------------------------


def test_two_raters_and_two_utterances_by_hand() -> None:
    """Scores 5 4 / 3 2: residuals 1.5 .5 / -.5 -1.5 from a mean of 3.5.

    V_rater = 2 (2^2 + 2^2) / 16 = 1, V_utterance = 2 (1^2 + 1^2) / 16 = 0.25 and
    V_cell = (1.5^2 + .5^2 + .5^2 + 1.5^2) / 16 = 0.3125: the sum 0.9375 is below
    V_rater, which is the floor; so the standard error is 1.
    """
    names = ["rater", "utterance", "score"]
    rows = [("a", "u", 5), ("a", "v", 4), ("b", "u", 3), ("b", "v", 2)]
    table = pd.DataFrame(rows, columns=names).assign(system="wiener", snr_db=0)
    [cell] = analyse(checked(table)).cells
    assert cell.rating
    assert cell.rating.clustered
    assert cell.rating.mean == 3.5
    assert cell.rating.clustered.se == pytest.approx(1)
    assert cell.rating.sd == pytest.approx(np.std([5, 4, 3, 2], ddof=1))
    assert cell.rating.clustered.df == 1
    assert (cell.rating.clustered.ci_low, cell.rating.clustered.ci_high) == (1, 5)


def test_a_difference_is_the_mean_of_paired_differences(
    table: pd.DataFrame, analysis: Analysis
) -> None:
    """Where all is scored by all, that of pairs by the formula for one mean."""
    wide = table.pivot_table(
        index=["rater", "utterance"], columns="system", values="score"
    ).reset_index()
    paired = (wide["tinylstm"] - wide["unprocessed"]).to_numpy()
    who, what = (pd.factorize(wide[name])[0] for name in ("rater", "utterance"))
    wanted = clustered_mean(paired, who, what)
    [one] = [
        d
        for d in analysis.differences
        if (d.system, d.other) == ("tinylstm", "unprocessed")
    ]
    assert one.found
    assert one.found.estimate == pytest.approx(wanted.estimate)
    assert one.found.df == wanted.df
    assert one.found.p < one.p_holm < 0.001


def test_at_one_snr_a_difference_is_exactly_that(table: pd.DataFrame) -> None:
    table = table[table["snr_db"] == 0]
    wide = table.pivot_table(
        index=["rater", "utterance"], columns="system", values="score"
    ).reset_index()
    paired = (wide["tinylstm"] - wide["wiener"]).to_numpy()
    who, what = (pd.factorize(wide[name])[0] for name in ("rater", "utterance"))
    wanted = clustered_mean(paired, who, what)
    [one, *_] = analyse(table).differences
    assert (one.system, one.other) == ("tinylstm", "wiener")
    assert one.found
    assert one.found.se == pytest.approx(wanted.se)
    assert one.found.ci_low == pytest.approx(wanted.ci_low)


def test_strict_raters_widen_a_mean_and_not_a_difference(analysis: Analysis) -> None:
    of_means = {c.system: c.rating.clustered for c in analysis.overall if c.rating}
    for one in analysis.differences:
        high, low = of_means[one.system], of_means[one.other]
        assert one.found
        assert high
        assert low
        assert min(high.design_effect, low.design_effect) > 3
        assert one.found.se < 0.7 * np.hypot(high.se, low.se)


def test_snrs_count_alike_in_a_difference(table: pd.DataFrame) -> None:
    """With fewer answers at one SNR the difference stays the mean of the two."""
    fewer = table[(table["snr_db"] == 0) | (table["rater"] < "r04")]
    means = fewer.groupby(["system", "snr_db"])["score"].mean().unstack()
    [one, *_] = analyse(fewer).differences
    assert one.found
    wanted = (means.loc[one.system] - means.loc[one.other]).mean()
    assert one.found.estimate == pytest.approx(wanted)


def test_systems_at_different_snrs_are_not_compared(table: pd.DataFrame) -> None:
    apart = table[(table["system"] == "wiener") == (table["snr_db"] == 0)]
    why = {(d.system, d.other): d.why_none for d in analyse(apart).differences}
    assert why["wiener", "unprocessed"] == "there is no SNR at which both were heard"


def test_the_json_has_every_number(table: pd.DataFrame, analysis: Analysis) -> None:
    data = analysis.as_json()
    assert not {"glmm", "preference", "trials", "binomial"} & set(data)
    assert len(data["mean_opinion_score"]) == 6
    for row in data["mean_opinion_score"]:
        rows = table[
            (table["system"] == row["system"]) & (table["snr_db"] == row["snr_db"])
        ]
        assert row["estimate"] == pytest.approx(rows["score"].mean())
        assert sum(row["counts"].values()) == row["n"] == len(rows)
        assert row["ci_low"] < row["estimate"] < row["ci_high"]
    assert len(data["differences"]) == 3
    assert len(data["raters"]["means"]) == 12


def test_all_scores_alike_have_no_interval_and_a_reason(table: pd.DataFrame) -> None:
    found = analyse(table.assign(score=4.0))
    assert found.cells[0].rating
    assert found.cells[0].rating.clustered is None
    assert any("all answers are alike" in warning for warning in found.warnings)
    assert "4.00 (no interval)" in as_text(found)


# ---- tables of anybody's ------------------------------------------------------------


@pytest.mark.parametrize("score", ["0", "6", "3.5", "good"])
def test_a_score_that_is_none_is_named_with_its_row(tmp_path: Path, score: str) -> None:
    path = tmp_path / "scores.csv"
    path.write_text(f"rater,utterance,system,snr_db,score\nR,U,wiener,0,{score}\n")
    with pytest.raises(TableError, match=f"row 1: `{score}` is not a whole number"):
        read_table(path)


def test_the_unprocessed_is_a_system_like_all(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("rater,utterance,system,snr_db,score\nR,U,unprocessed,0,3\n")
    table = read_table(path)
    assert table[["reference", "scale", "score"]].to_numpy().tolist() == [
        ["", "overall", 3.0]
    ]


# ---- words, figures, files ----------------------------------------------------------


def test_the_words_rank_means_and_name_what_differs(analysis: Analysis) -> None:
    text = as_text(analysis)
    places = [text.index(f"{name} 3.") for name in ("tinylstm", "wiener")]
    assert places == sorted(places)
    assert "tinylstm than unprocessed by 1." in text
    assert "Mean scores of single raters" in text
    for told in (text, report_of(analysis, title="MOS")):
        assert "prefer" not in told
    assert "ITU-T P.800" in methods_paragraph(analysis)
    assert "in 3 systems" in methods_paragraph(analysis)


def test_what_is_not_told_apart_stays_open(table: pd.DataFrame) -> None:
    rng = np.random.default_rng(3)
    shuffled = table.assign(score=rng.permutation(table["score"]))
    assert "does not show that they are equal" in as_text(analyse(shuffled))


def test_tables_hold_a_row_for_every_cell_and_pair(analysis: Analysis) -> None:
    means, differences, *_ = score_tables_of(analysis)
    assert [len(block["rows"]) for block in means["blocks"]] == [3, 3, 3]
    assert sum(len(block["rows"]) for block in differences["blocks"]) == 3


@pytest.mark.parametrize("fmt", ["svg", "pdf", "png"])
def test_the_figure_is_that_of_scores(analysis: Analysis, fmt: str) -> None:
    assert names_of(analysis) == ["overall"]
    assert FIGURES["overall"](analysis, fmt)


@pytest.fixture
def study(scene: Scene) -> Study:
    study = make_scored_study(scene.ada, scene.stimulus_set)
    simulate(study, raters=8, seed=1, at=AT)
    return study


def test_the_export_gives_the_same_numbers_again(study: Study, tmp_path: Path) -> None:
    export_study(study, tmp_path)
    again = analyse(read_table(tmp_path / "trials.csv")).as_json()
    first = analyse_study(study).as_json()
    for key in ("mean_opinion_score", "overall", "differences"):
        assert again[key] == first[key]
    assert (tmp_path / "overall.svg").exists()
    if shutil.which("Rscript"):
        subprocess.run(["Rscript", "reproduce.R"], cwd=tmp_path, check=True)
        found = pd.read_csv(tmp_path / "reproduced.csv")
        wanted = pd.DataFrame(first["mean_opinion_score"])
        merged = found.merge(wanted, on=["scale", "system", "snr_db"])
        assert len(merged) == len(wanted)
        known = merged.dropna(subset=["low"])
        assert np.allclose(known["low"], known["ci_low"].astype(float))


def test_the_results_page_shows_scores(study: Study, client: Client) -> None:
    uncover(study)
    client.force_login(study.owner)
    page = client.get(f"/studies/{study.slug}/results/").content.decode()
    assert "Mean opinion score: overall quality" in page
    assert "Differences: overall quality" in page
    assert "preferred" not in page


@pytest.mark.parametrize("method", ["acr", "p835"])
def test_before_the_first_score_the_files_are_those_of_scores(
    scene: Scene, tmp_path: Path, method: str
) -> None:
    study = make_scored_study(scene.ada, scene.stimulus_set, method=method)
    export_study(study, tmp_path)
    told = json.loads((tmp_path / "analysis.json").read_text())
    assert (told["mean_opinion_score"], told["differences"]) == ([], [])
    assert not {"trials", "binomial", "glmm", "preference"} & set(told)


def test_a_stranger_sees_none_of_it(study: Study, client: Client, scene: Scene) -> None:
    client.force_login(scene.eve)
    assert client.get(f"/studies/{study.slug}/results/").status_code == 404
