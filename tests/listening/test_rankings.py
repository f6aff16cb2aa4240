"""All comparisons of a table together: the order of systems, and its words."""

import numpy as np
import pandas as pd
import pytest

from listening.analysis import analyse, rankings
from listening.analysis.results import Json
from listening.analysis.tables import checked
from listening.reporting import wording
from listening.reporting.methods_paragraph import methods_paragraph
from listening.reporting.tables import tables_of
from tests.listening.tables_of_trials import reference_table, simulated_table
from tests.reference import load


def wins(table: pd.DataFrame, system: str) -> float:
    share = table.loc[table["system"] == system, "preferred"].mean()
    return float(np.log(share / (1 - share)))


def test_a_star_of_comparisons_has_the_log_odds_of_its_wins() -> None:
    """Each system met unprocessed alone: strengths differ by the log odds of wins."""
    table = reference_table("s01")
    found = analyse(table).as_json()["ranking"]
    strength = {row["system"]: row["estimate"] for row in found["systems"]}
    assert [row["system"] for row in found["systems"]] == ["A", "B", "unprocessed", "C"]
    for system in "ABC":
        apart = strength[system] - strength["unprocessed"]
        assert apart == pytest.approx(wins(table, system), abs=1e-8)
    assert "order" not in found  # who was A is not in the table


def test_position_is_an_order_effect() -> None:
    data = analyse(reference_table("s11")).as_json()
    assert data["ranking"]["order"]["estimate"] > 0
    assert data["ranking"]["order"]["p"] < 0.01


# ---- with effects of raters ---------------------------------------------------------


def raters_table(*, ties: bool, noisy: str = "noisy") -> pd.DataFrame:
    """Return the reference comparisons, about one utterance: no effects of that."""
    rows = pd.read_csv("tests/reference/ranking/raters.csv")
    rows = rows[ties | (rows["answer"] != 0.5)]
    preferred = rows["answer"].map({1.0: "1", 0.0: "0", 0.5: ""})
    table = rows.replace({"noisy": noisy}).assign(preferred=preferred)
    table = table.rename(columns={"first": "system", "second": "reference"})
    whole = checked(table.assign(utterance="u", snr_db=0, enhanced_first=1))
    # the same comparisons, half of them told from the other side
    other = np.arange(len(whole)) % 2 == 1
    sides = ["system", "reference"]
    whole.loc[other, sides] = whole.loc[other, sides[::-1]].to_numpy()
    whole.loc[other, "preferred"] = 1 - whole.loc[other, "preferred"]
    whole.loc[other, "enhanced_first"] = 0
    return whole


def mixed_of(table: pd.DataFrame) -> Json:
    return dict(analyse(table).as_json()["ranking"]["with_rater_effects"])


@pytest.mark.parametrize(
    ("ties", "noisy", "close"), [(False, "unprocessed", 2e-4), (True, "noisy", 1e-3)]
)
def test_raters_who_differ_are_those_of_lme4_and_clmm(
    ties: bool, noisy: str, close: float
) -> None:
    """With unprocessed speech raters have a taste of their own, and without not."""
    expected = load("ranking/raters")["tied" if ties else "untied"]
    found = mixed_of(raters_table(ties=ties, noisy=noisy))
    strength = {row["system"]: row["estimate"] for row in found["systems"]}
    for name in "abc":
        off = strength[name] - strength[noisy] - expected["estimate"][name]
        assert abs(off) < close * expected["se"][name]
    assert found["random_effects"]["rater"]["order"] == pytest.approx(
        np.ravel(expected["sd"])[0], rel=1e-3
    )
    assert ("enhancement" in found["random_effects"]["rater"]) == (not ties)


def test_it_stands_beside_the_other_in_table_words_and_methods() -> None:
    analysis = analyse(raters_table(ties=False, noisy="unprocessed"))
    (table,) = [t for t in tables_of(analysis) if t["key"] == "ranking"]
    rows = [[c["text"] for c in row] for row in table["blocks"][0]["rows"]]
    assert [row[0] for row in rows] == ["a", "b", "c", "unprocessed"]
    assert all(float(row[5].replace("−", "-")) for row in rows)
    assert rows[-1][3:5] == ["", ""]  # nothing is below the last
    assert "the order is the same; raters' liking for enhancement" in " ".join(
        wording.notes(analysis)
    )
    assert "the same model with normally distributed effects" in methods_paragraph(
        analysis
    )


def test_without_order_ties_cannot_be_told_from_it_and_that_is_said() -> None:
    table = raters_table(ties=True).drop(columns="enhanced_first")
    analysis = analyse(table)
    assert analysis.ranking is not None
    assert analysis.mixed_ranking is None
    assert "No ranking with effects of raters: some answers are ties" in " ".join(
        analysis.warnings
    )


def test_without_ties_it_does_without_order() -> None:
    found = mixed_of(reference_table("s01"))
    assert "order" not in found
    assert [row["system"] for row in found["systems"]] == ["A", "B", "unprocessed", "C"]


def test_a_very_large_table_is_ranked_without_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rankings, "MOST_MIXED", 100)
    analysis = analyse(simulated_table())
    assert analysis.ranking is not None
    assert "there are more than 100 trials" in " ".join(analysis.warnings)
    assert analysis.as_json()["ranking"]["with_rater_effects"] is None
    (table,) = [t for t in tables_of(analysis) if t["key"] == "ranking"]
    assert table["blocks"][0]["rows"][0][-1]["text"] == "none"


# ---- where there is none ------------------------------------------------------------


def test_two_systems_need_no_ranking() -> None:
    analysis = analyse(reference_table("s10"))
    assert analysis.ranking is None
    assert "anking" not in " ".join(analysis.warnings)


def test_a_system_that_always_wins_has_no_place_and_that_is_said() -> None:
    table = simulated_table()
    table.loc[table["system"] == "a", "preferred"] = 1.0
    analysis = analyse(table)
    assert analysis.ranking is None
    assert "No ranking of systems: " in " ".join(analysis.warnings)


def test_words_give_the_order_and_leave_open_what_is_open() -> None:
    (said, *_) = wording.notes(analyse(reference_table("s01")))
    assert "in the order A, B, unprocessed, C;" in said
    assert "the order of those two is open" in said
