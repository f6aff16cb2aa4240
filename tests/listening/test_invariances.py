"""How results must change when the table is written in another way."""

import numpy as np
import pandas as pd
import pytest

from listening.analysis import analyse
from listening.analysis.results import Analysis
from tests.listening.tables_of_trials import simulated_table

Place = tuple[str, float | None]  # system and SNR

CLOSE = 1e-6  # the optimum is found to about 1e-7


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return simulated_table(3, raters=14, utterances=16)


@pytest.fixture(scope="module")
def original(table: pd.DataFrame) -> Analysis:
    return analyse(table)


def preferences(analysis: Analysis) -> dict[Place, list[float]]:
    return {
        (cell.system, cell.snr_db): [
            cell.headline.estimate,
            cell.headline.ci_low,
            cell.headline.ci_high,
            cell.headline.p_holm,
        ]
        for cell in (*analysis.cells, *analysis.overall)
        if cell.headline
    }


def assert_same(found: Analysis, expected: Analysis) -> None:
    mine, theirs = preferences(found), preferences(expected)
    assert mine.keys() == theirs.keys()
    for place, numbers in mine.items():
        assert numbers == pytest.approx(theirs[place], abs=CLOSE)
    likelihoods = [a.models[0].trend.log_likelihood for a in (found, expected)]
    assert likelihoods[0] == pytest.approx(likelihoods[1], abs=CLOSE)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_does_not_matter(
    table: pd.DataFrame, original: Analysis, seed: int
) -> None:
    rows = np.random.default_rng(seed).permutation(len(table))
    assert_same(analyse(table.iloc[rows].reset_index(drop=True)), original)


@pytest.mark.parametrize("column", ["rater", "utterance"])
def test_the_names_of_raters_and_utterances_do_not_matter(
    table: pd.DataFrame, original: Analysis, column: str
) -> None:
    names = table[column].unique()
    others = np.random.default_rng(1).permutation(names)
    renamed = table[column].map(dict(zip(names, others, strict=True)))
    assert_same(analyse(table.assign(**{column: renamed})), original)


def test_other_names_of_systems_change_the_coding_and_nothing_else(
    table: pd.DataFrame, original: Analysis
) -> None:
    swapped = analyse(table.assign(system=table["system"].map({"a": "b", "b": "a"})))
    back = {"a": "b", "b": "a"}
    mine, theirs = preferences(swapped), preferences(original)
    for (system, snr), numbers in theirs.items():
        assert mine[back[system], snr] == pytest.approx(numbers, abs=CLOSE)
    one, other = (a.models[0].differences[-1].difference for a in (swapped, original))
    assert one.estimate == pytest.approx(-other.estimate, abs=CLOSE)
    assert one.ci_low == pytest.approx(-other.ci_high, abs=CLOSE)


def test_the_opposite_answers_give_the_opposite_preference(
    table: pd.DataFrame, original: Analysis
) -> None:
    flipped = analyse(table.assign(preferred=1 - table["preferred"]))
    mine, theirs = preferences(flipped), preferences(original)
    for place, (estimate, low, high, p) in theirs.items():
        expected = [1 - estimate, 1 - high, 1 - low, p]
        assert mine[place] == pytest.approx(expected, abs=CLOSE)
    slopes = [
        [t.slope.estimate for t in a.models[0].trends] for a in (flipped, original)
    ]
    assert slopes[0] == pytest.approx([-slope for slope in slopes[1]], abs=CLOSE)


def test_a_copy_with_other_people_and_words_halves_the_variance(
    table: pd.DataFrame, original: Analysis
) -> None:
    copy = table.assign(rater=table["rater"] + "'", utterance=table["utterance"] + "'")
    twice = analyse(pd.concat([table, copy], ignore_index=True)).models[0].trend
    once = original.models[0].trend
    assert twice.beta == pytest.approx(once.beta, abs=CLOSE)
    assert twice.se == pytest.approx(once.se / np.sqrt(2), rel=1e-5)
    assert twice.log_likelihood == pytest.approx(2 * once.log_likelihood, abs=CLOSE)


def test_other_units_of_snr_scale_the_slope_alone(
    table: pd.DataFrame, original: Analysis
) -> None:
    scaled = analyse(table.assign(snr_db=10 * table["snr_db"] + 5))
    slopes = [a.models[0].trends[0].slope.estimate for a in (scaled, original)]
    assert 10 * slopes[0] == pytest.approx(slopes[1], abs=CLOSE)
    mine, theirs = (list(preferences(a).values()) for a in (scaled, original))
    assert np.array(mine) == pytest.approx(np.array(theirs), abs=CLOSE)
