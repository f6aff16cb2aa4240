"""Equivalence in a table: which pairs are tested, on what, and in which words."""

import csv
import io

import numpy as np
import pandas as pd
import pytest

from listening.analysis import Margins, analyse
from listening.analysis.equivalences import reversed_test
from listening.analysis.results import Analysis, Json
from listening.export.equivalence import equivalence_csv
from listening.reporting import wording
from listening.reporting.reports import report_of
from listening.reporting.tables import tables_of
from listening.statistics.equivalence import equivalence
from tests.listening.tables_of_trials import reference_table, simulated_table

EQUIVALENCE = ("equivalence", "equivalence_by_snr")


def alike_table() -> pd.DataFrame:
    """Two systems that are equally good, each heard often against unprocessed."""
    table = simulated_table(5, raters=60, utterances=60, shift=0.2)
    rng = np.random.default_rng(1)
    return table.assign(system=rng.choice(["a", "b"], len(table)))


@pytest.fixture(scope="module")
def alike() -> Analysis:
    return analyse(alike_table(), margins=Margins(share=0.1))


def table_called(key: str, analysis: Analysis) -> Json:
    (found,) = [table for table in tables_of(analysis) if table["key"] == key]
    return found


def test_without_a_margin_nothing_is_tested() -> None:
    assert "equivalence" not in analyse(simulated_table()).as_json()


def test_systems_against_the_same_third_are_tested_indirectly(alike: Analysis) -> None:
    (found,) = alike.as_json()["equivalence"]
    assert (found["system"], found["other"], found["against"]) == (
        "a",
        "b",
        "unprocessed",
    )
    (difference,) = [d for d in alike.as_json()["contrasts"] if d["snr_db"] is None]
    assert found["glmm"]["estimate"] == difference["estimate"]
    assert found["glmm"]["ci_level"] == pytest.approx(0.9)
    assert found["glmm"]["verdict"] == "equivalent"
    assert found["cluster_robust"]["estimate"] == pytest.approx(
        found["glmm"]["estimate"], abs=0.02
    )


def test_a_share_within_the_margin_is_equivalence_by_its_90_percent_interval() -> None:
    """Direct: the model's 90 % interval is within the margin if and only if p < 5 %."""
    table = simulated_table(5, raters=60, utterances=60, systems=("a",), shift=0)
    table = table.assign(reference="baseline")
    (found,) = analyse(table, margins=Margins(share=0.1)).as_json()["equivalence"]
    assert found["kind"] == "direct"
    (narrow,) = analyse(table, confidence=0.9).as_json()["preference_overall"]
    assert found["glmm"]["ci_low"] == pytest.approx(narrow["ci_low"], abs=1e-9)
    assert found["glmm"]["ci_high"] == pytest.approx(narrow["ci_high"], abs=1e-9)
    inside = narrow["ci_low"] > 0.4 and narrow["ci_high"] < 0.6
    assert (found["glmm"]["p"] < 0.05) == inside


def test_enhanced_against_unprocessed_is_no_question_of_equivalence() -> None:
    analysis = analyse(reference_table("s10"), margins=Margins(share=0.05))
    assert not analysis.equivalences


def test_words_follow_the_verdict(alike: Analysis) -> None:
    *_, said = wording.findings(alike)
    assert "a and b are equivalent within the margin" in said
    assert said.endswith("Both against unprocessed.")


def test_non_inferiority_is_said_of_the_system_that_has_it() -> None:
    """Seen from b, a is not shown to be non-inferior; seen from a, b is."""
    test = equivalence(-0.03, 0.03, 40, low=-0.05, high=0.05)
    assert test.verdict == "inconclusive"
    assert reversed_test(test).verdict == "non-inferior"
    assert reversed_test(reversed_test(test)) == test


def test_a_table_with_one_rater_has_no_test() -> None:
    table = pd.concat([simulated_table(raters=1)])
    (found,) = analyse(table, margins=Margins(share=0.05)).equivalences
    assert found.headline is None
    assert wording.findings(analyse(table, margins=Margins(share=0.05)))


def test_the_table_has_a_row_for_each_analysis_of_a_pair(alike: Analysis) -> None:
    (block,) = table_called("equivalence", alike)["blocks"]
    assert block["comparison"] == "a and b"
    rows = [[cell["text"] for cell in row] for row in block["rows"]]
    assert [row[:2] for row in rows] == [
        ["both against unprocessed", "preference, mixed model"],
        ["both against unprocessed", "preference, clustered"],
    ]
    for row in rows:
        assert row[2].endswith(" points")
        assert row[4] == "±10.0"
        assert row[-1] == "a and b are equivalent within the margin."


def test_without_a_margin_there_is_no_table() -> None:
    found = [table["key"] for table in tables_of(analyse(simulated_table()))]
    assert "equivalence" not in found


def test_the_table_says_why_a_pair_was_not_tested() -> None:
    table = simulated_table(raters=1)
    shown = table_called("equivalence", analyse(table, margins=Margins(share=0.05)))
    (row,) = shown["blocks"][0]["rows"]
    assert row[-1]["text"] == "Not tested: too few raters or utterances."


def test_the_table_is_in_the_report_and_on_the_terminal(alike: Analysis) -> None:
    assert "As good as each other?" in report_of(alike, title="Alike")
    lines = wording.as_text(alike).splitlines()
    assert sum(line.startswith("a and b  both against unprocessed") for line in lines)


def test_the_csv_holds_the_numbers_of_the_json(alike: Analysis) -> None:
    found = list(csv.DictReader(io.StringIO(equivalence_csv(alike))))
    data = alike.as_json()
    told = {one["snr_db"]: one for key in EQUIVALENCE for one in data[key]}
    assert [(row["snr_db"], row["by"]) for row in found] == [
        (snr, by) for snr in ("", "-3.0", "3.0") for by in ("glmm", "cluster_robust")
    ]
    for row in found:
        test = told[float(row["snr_db"]) if row["snr_db"] else None][row["by"]]
        assert (row["raters"], row["unit"]) == ("all", "share difference")
        assert float(row["estimate"]) == test["estimate"]
        assert float(row["margin_high"]) == test["high"]
        assert row["verdict"] == test["verdict"]


# ---- single SNRs --------------------------------------------------------------------


def test_at_one_snr_it_is_the_test_of_its_trials_alone(alike: Analysis) -> None:
    """Clustered: as if there were no other SNR. Modelled: the contrast of that SNR."""
    data = alike.as_json()
    contrasts = {d["snr_db"]: d["estimate"] for d in data["contrasts"]}
    for found in data["equivalence_by_snr"]:
        at = alike_table().query(f"snr_db == {found['snr_db']}")
        (alone,) = analyse(
            at.reset_index(drop=True), margins=Margins(share=0.1)
        ).as_json()["equivalence"]
        assert found["cluster_robust"] == pytest.approx(alone["cluster_robust"])
        assert found["glmm"]["estimate"] == contrasts[found["snr_db"]]


def test_a_direct_comparison_at_one_snr_is_the_preference_there() -> None:
    table = simulated_table(5, raters=40, utterances=40, systems=("a",), shift=0)
    data = analyse(
        table.assign(reference="baseline"), margins=Margins(share=0.1)
    ).as_json()
    shares = {p["snr_db"]: p["estimate"] for p in data["preference"]}
    for found in data["equivalence_by_snr"]:
        assert found["kind"] == "direct"
        assert found["glmm"]["estimate"] == pytest.approx(shares[found["snr_db"]])


def test_single_snrs_have_a_table_that_says_what_is_claimed(alike: Analysis) -> None:
    table = table_called("equivalence-snr", alike)
    assert "The claim is the one over all SNRs" in table["note"]
    assert table["folded"]
    (block,) = table["blocks"]
    assert block["comparison"] == "a and b, both against unprocessed: preference"
    assert [row[0]["text"] for row in block["rows"]] == ["−3", "3"]
    assert not any("dB" in text for text in wording.findings(alike)[-1:])


@pytest.mark.parametrize("snrs", [(3.0,), tuple(np.linspace(-6, 6, 24))])
def test_one_snr_or_measured_ones_are_not_told_apart(snrs: tuple[float, ...]) -> None:
    table = simulated_table(2, utterances=24, snrs=snrs)
    analysis = analyse(table, margins=Margins(share=0.1))
    assert analysis.equivalences
    assert not analysis.equivalences_by_snr
