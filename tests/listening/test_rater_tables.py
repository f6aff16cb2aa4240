"""Raters together: whom most of them favour, and whether they agree."""

from math import comb
from typing import Any

import numpy as np
import pandas as pd
import pytest

from listening.analysis import analyse
from listening.analysis.results import Json
from listening.analysis.tables import checked
from listening.reporting import wording
from listening.reporting.methods_paragraph import methods_paragraph
from listening.reporting.reports import report_of
from listening.reporting.tables import tables_of
from tests.listening.tables_of_trials import simulated_table
from tests.reference import load

CASES = {case["name"]: case for case in load("agreement")["cases"]}


def table_of(case: str, column: str) -> pd.DataFrame:
    """Return answers of raters (rows) to utterances (columns) as a table of trials."""
    matrix = np.array(CASES[case]["data"], dtype=float)
    rows = [
        {"rater": f"r{r}", "utterance": f"u{u}", "system": "a", "snr_db": u % 2}
        | {column: int(matrix[r, u])}
        for r, u in np.argwhere(~np.isnan(matrix))
    ]
    return checked(pd.DataFrame(rows))


def agreement_of(table: pd.DataFrame) -> Json:
    (found,) = analyse(table).as_json()["agreement"]
    return dict(found)


def votes(for_system: int, for_reference: int, undecided: int) -> pd.DataFrame:
    """Return two answers of each rater, about an utterance each."""
    ways = [(1, 1)] * for_system + [(0, 0)] * for_reference + [(1, 0)] * undecided
    rows = [
        (f"r{r}", f"u{u}", "a", 0.0, answer)
        for r, way in enumerate(ways)
        for u, answer in enumerate(way)
    ]
    names = ["rater", "utterance", "system", "snr_db", "preferred"]
    return checked(pd.DataFrame(rows, columns=names))


def shown(table: pd.DataFrame, key: str) -> list[list[str]]:
    (found,) = [t for t in tables_of(analyse(table)) if t["key"] == key]
    (block,) = found["blocks"]
    return [[cell["text"] for cell in row] for row in block["rows"]]


# ---- agreement ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "column", "level"),
    [
        ("preferences", "preferred", "nominal"),
        ("graded", "rating", "ordinal"),
        ("published", "score", "interval"),
    ],
)
def test_alpha_is_that_of_the_package_krippendorff(
    case: str, column: str, level: str
) -> None:
    found = agreement_of(table_of(case, column))
    assert found["alpha"] == pytest.approx(CASES[case][level], abs=1e-12)
    assert found["ci_low"] < found["alpha"] < found["ci_high"]


def test_the_same_answers_have_the_same_interval() -> None:
    table = table_of("graded", "rating")
    mixed = table.sample(frac=1, random_state=1).reset_index(drop=True)
    assert agreement_of(mixed) == agreement_of(table)


def test_an_answer_that_was_given_again_does_not_count() -> None:
    table = table_of("graded", "rating")
    again = table.head(5).assign(rating=0)
    twice = pd.concat([table, again], ignore_index=True)
    assert agreement_of(twice) == agreement_of(table)


def test_a_tie_is_between_the_two() -> None:
    """Of 1, empty, 0 the alpha of ranks is that of the grades 1, 0, -1."""
    table = simulated_table(2, systems=("a",))
    grade = np.random.default_rng(3).integers(-1, 2, len(table))
    tied = table.assign(preferred=np.where(grade == 0, np.nan, grade > 0))
    graded = table.drop(columns="preferred").assign(rating=grade)
    found, expected = agreement_of(tied), agreement_of(graded)
    assert found["alpha"] == pytest.approx(expected["alpha"], abs=1e-12)


def test_every_comparison_has_its_own_agreement() -> None:
    analysis = analyse(simulated_table())
    assert [one.system for one in analysis.agreements] == ["a", "b"]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (simulated_table(raters=1, systems=("a",)), "no unit has answers of two"),
        (votes(3, 0, 0), "everybody answered the same throughout"),
    ],
)
def test_it_says_why_there_is_none(table: pd.DataFrame, words: str) -> None:
    assert words in agreement_of(table)["note"]
    assert words in shown(table, "agreement")[0][-1]


def test_words_follow_the_interval() -> None:
    """All raters share one opinion of every utterance; then everybody has another."""
    table = simulated_table(2, systems=("a",))
    number = table["utterance"].str[1:].astype(int)
    alike = table.assign(preferred=(number % 2).astype(float))
    assert shown(alike, "agreement")[0][-1] == "more alike than by chance"
    assert shown(alike, "agreement")[0][1] == "1.00"
    rng = np.random.default_rng(4)
    coins = table.assign(preferred=rng.integers(0, 2, len(table)).astype(float))
    assert shown(coins, "agreement")[0][-1] == "not told from chance"


def test_the_report_the_shell_and_the_methods_tell_what_alpha_means() -> None:
    analysis = analyse(simulated_table())
    for text in (report_of(analysis, title="x"), wording.as_text(analysis)):
        assert "A low alpha is not bad data by itself" in text
    assert "Krippendorff's alpha (2011; ordinal" in methods_paragraph(analysis)


# ---- majorities ---------------------------------------------------------------------


@pytest.mark.parametrize(("wins", "losses"), [(9, 1), (4, 5), (30, 2)])
def test_the_e_value_is_the_closed_form_of_the_uniform_mixture(
    wins: int, losses: int
) -> None:
    """The mixture of binomials over a uniform share gives every count 1 / (n + 1)."""
    (found,) = analyse(votes(wins, losses, 3)).as_json()["e_values"]
    n = wins + losses
    assert found["e_value"] == pytest.approx(2**n / (n + 1) / comb(n, wins))
    counts = ("raters_for", "raters_against", "raters_undecided")
    assert [found[name] for name in counts] == [wins, losses, 3]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (votes(20, 2, 1), ["20", "2", "1", "789", "a"]),
        (votes(2, 20, 1), ["2", "20", "1", "789", "unprocessed"]),
        (votes(9, 1, 0), ["9", "1", "0", "9.3", "open"]),
        (votes(60, 0, 0), ["60", "0", "0", "> 1,000,000", "a"]),
    ],
)
def test_evidence_is_named_from_an_e_value_of_20_on(
    table: pd.DataFrame, words: list[str]
) -> None:
    assert shown(table, "majorities")[0][1:] == words


def test_thousands_of_raters_of_one_mind_can_be_told() -> None:
    (found,) = analyse(votes(1200, 0, 0)).as_json()["e_values"]
    assert 1e290 < found["e_value"] < np.inf


def test_answers_that_tell_x_have_neither() -> None:
    table = simulated_table().rename(columns={"preferred": "correct"})
    data: dict[str, Any] = analyse(table).as_json()
    assert not {"agreement", "e_values"} & set(data)
