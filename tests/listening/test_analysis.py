"""From a table to numbers: counts by hand, tests against the statistics' own tests."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from listening.analysis import analyse
from listening.analysis.tables import checked
from listening.reporting import wording
from listening.statistics.clustered import clustered_share


def table_of(
    rows: list[tuple[Any, ...]], *, answer: str = "preferred", **columns: Any
) -> pd.DataFrame:
    names = ["rater", "utterance", "system", "snr_db", answer]
    return checked(pd.DataFrame(rows, columns=names).assign(**columns))


def crossed(share: float, *, raters: int = 8, utterances: int = 9) -> pd.DataFrame:
    """Every rater answers every utterance at two SNRs."""
    rng = np.random.default_rng(4)
    return table_of(
        [
            (f"r{r}", f"u{u}", "wiener", snr, int(rng.random() < share))
            for r in range(raters)
            for u in range(utterances)
            for snr in (-6, 3)
        ],
        enhanced_first=np.arange(2 * raters * utterances) % 2,
    )


TIES = [
    ("r1", "u1", "a", 0, 1),
    ("r1", "u2", "a", 0, 1),
    ("r2", "u1", "a", 0, 0),
    ("r2", "u2", "a", 0, None),
    ("r3", "u1", "a", 0, None),
]


def test_ties_are_counted_and_never_split() -> None:
    data = analyse(table_of(TIES)).as_json()
    (trials,) = data["trials"]
    assert trials == {
        "system": "a",
        "reference": "unprocessed",
        "snr_db": 0,
        "n": 5,
        "preferred": 2,
        "not_preferred": 1,
        "ties": 2,
        "tie_share": 0.4,
    }
    assert data["binomial"][0]["estimate"] == pytest.approx(2 / 3)
    assert data["binomial"][0]["n"] == 3


def test_the_exact_test_is_that_of_the_counts_and_says_what_it_assumes() -> None:
    data = analyse(crossed(0.7)).as_json()
    for counts, test in zip(data["trials"], data["binomial"], strict=True):
        expected = stats.binomtest(counts["preferred"], counts["n"]).pvalue
        assert test["p"] == pytest.approx(expected)
        assert test["note"] == "assumes independent trials"
        wilson = stats.binomtest(counts["preferred"], counts["n"]).proportion_ci(
            method="wilson"
        )
        assert test["intervals"]["wilson"] == pytest.approx(list(wilson))
        assert set(test["intervals"]) == {"clopper-pearson", "wilson", "jeffreys"}


def test_the_clustered_interval_is_that_of_the_rows_of_the_cell() -> None:
    table = crossed(0.7)
    rows = table[table["snr_db"] == -6]
    y, *codes = (pd.factorize(rows[c])[0] for c in ("preferred", "rater", "utterance"))
    expected = clustered_share(rows["preferred"].to_numpy(float), *codes)
    (found, _) = analyse(table).cells
    assert found.clustered == expected
    assert y.size == found.n == 72


def test_p_values_are_adjusted_over_the_snrs_of_a_comparison() -> None:
    tests = analyse(crossed(0.6)).as_json()["cluster_robust"]
    p = sorted(test["p"] for test in tests)
    holm = [min(1, 2 * p[0]), max(min(1, 2 * p[0]), p[1])]
    assert sorted(test["p_holm"] for test in tests) == pytest.approx(holm)


def test_ratings_have_means_and_their_sign_is_the_preference() -> None:
    rows = [
        (f"r{r}", f"u{u}", "a", 0, rating)
        for r, u, rating in [(1, 1, 3), (1, 2, 0), (2, 1, -1), (2, 2, 2), (3, 1, 1)]
    ]
    data = analyse(table_of(rows, answer="rating")).as_json()
    assert data["mean_rating"][0]["estimate"] == pytest.approx(1.0)
    assert data["mean_rating"][0]["counts"]["3"] == 1
    assert (data["trials"][0]["preferred"], data["trials"][0]["ties"]) == (3, 1)


def test_json_has_the_keys_that_exist_and_no_nan() -> None:
    data = analyse(crossed(0.6)).as_json()
    there = {"trials", "binomial", "cluster_robust", "position_bias", "raters"}
    assert there | {"glmm", "preference"} <= set(data)
    assert not {"clmm", "mean_rating"} & set(data)
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_nothing_is_said_of_position_where_it_is_not_known() -> None:
    assert "position_bias" not in analyse(table_of(TIES)).as_json()


def test_an_empty_table_has_an_empty_analysis() -> None:
    analysis = analyse(table_of(TIES).iloc[:0])
    assert (analysis.n, analysis.cells, analysis.warnings) == (0, (), ())
    assert json.dumps(analysis.as_json(), allow_nan=False)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (table_of([("r", "u", "a", 0, 1), ("r", "v", "a", 0, 0)]), "only one rater"),
        (table_of([("r", "u", "a", 0, 1), ("s", "u", "a", 0, 0)]), "only one utteranc"),
        (table_of([("r", "u", "a", 0, None)]), "nobody preferred either"),
        (crossed(1.0), "all answers are alike"),
        (crossed(0.97), "so near to 0 or 100 %"),
        (crossed(0.6, utterances=3), "only 3 utterances"),
        (table_of(TIES + TIES[:1]), "1 answer repeats"),
        (table_of(TIES, simulated=[1, 0, 0, 0, 0]), "1 of the 5 answers were simulat"),
        (table_of(TIES, enhanced_first=1), "The enhanced member was A in 100 %"),
    ],
)
def test_it_warns_in_words(table: pd.DataFrame, words: str) -> None:
    assert words in " ".join(analyse(table).warnings)


@pytest.mark.parametrize(
    ("share", "sentence"),
    [
        (0.8, "wiener was preferred over unprocessed:"),
        (0.2, "unprocessed was preferred over wiener, which won only"),
        (0.5, "The answers leave open which of wiener and unprocessed is preferred"),
    ],
)
def test_sentences_say_what_the_interval_says(share: float, sentence: str) -> None:
    (finding,) = wording.findings(analyse(crossed(share)))
    assert finding.startswith(sentence)
    assert "no difference" not in finding


def test_an_open_question_is_not_called_equality() -> None:
    (finding,) = wording.findings(analyse(crossed(0.5)))
    assert "That does not show that they are equal." in finding
