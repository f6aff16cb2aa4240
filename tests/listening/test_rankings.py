"""All comparisons of a table together: the order of systems, and its words."""

import numpy as np
import pandas as pd
import pytest

from listening.analysis import analyse
from listening.reporting import wording
from tests.listening.tables_of_trials import reference_table, simulated_table


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
