"""Equivalence of mean ratings: against statsmodels, and the words that come of it."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.sandwich_covariance import cov_cluster

from listening.analysis import Analysis, Margins, analyse
from listening.analysis.results import Json
from listening.analysis.tables import checked
from listening.reporting import wording
from listening.reporting.methods_paragraph import methods_paragraph
from tests.listening.tables_of_trials import simulated_table

RATED = Margins(rating=0.5)
SNRS = (-3.0, 0.0, 3.0)


def rated_table(
    seed: int = 3, *, raters: int = 30, better: float = 0.0
) -> pd.DataFrame:
    """Return ratings of a and b against unprocessed, unevenly over three SNRs."""
    rng = np.random.default_rng(seed)
    n = raters * 12
    rater, utterance = np.repeat(np.arange(raters), 12), rng.integers(0, 15, n)
    system, snr = rng.integers(0, 2, n), rng.choice(SNRS, n, p=[0.5, 0.3, 0.2])
    latent = 0.7 + better * system - 0.1 * snr + rng.normal(0, 0.6, raters)[rater]
    latent += rng.normal(0, 0.4, 15)[utterance] + rng.normal(0, 1, n)
    table = pd.DataFrame(
        {
            "rater": [f"r{r}" for r in rater],
            "utterance": [f"u{u}" for u in utterance],
            "system": np.array(["a", "b"])[system],
            "snr_db": snr,
            "rating": np.clip(np.round(latent), -3, 3).astype(int),
        }
    )
    return checked(table)


def by_statsmodels(
    table: pd.DataFrame, weights: dict[tuple[str, float], float]
) -> Json:
    """Return estimate, variance and df of a sum of cell means, by least squares.

    The three sums of squares are those of `cov_cluster` without its correction.
    """
    cells = list(weights)
    place = list(zip(table["system"], table["snr_db"], strict=True))
    X = np.array([[p == cell for cell in cells] for p in place], dtype=float)
    fit = sm.OLS(table["rating"].to_numpy(), X).fit()
    w = np.array([weights[cell] for cell in cells])
    codes = [pd.factorize(table[name])[0] for name in ("rater", "utterance")]
    pair = pd.factorize(codes[0] * 1000 + codes[1])[0]
    V = [w @ cov_cluster(fit, c, use_correction=False) @ w for c in (*codes, pair)]
    G = np.array([len(np.unique(c)) for c in codes])
    by_rater, by_utterance = G / (G - 1) * V[:2]
    variance = max(by_rater + by_utterance - V[2], by_rater, by_utterance)
    return {"estimate": w @ fit.params, "se": np.sqrt(variance), "df": min(G) - 1}


def assert_is_tost(found: Json, expected: Json, margin: float) -> None:
    """Hold the test to two one-sided t tests, written out."""
    t = stats.t(expected["df"], loc=expected["estimate"], scale=expected["se"])
    assert found["estimate"] == pytest.approx(expected["estimate"], abs=1e-12)
    assert found["p_low"] == pytest.approx(t.cdf(-margin), rel=1e-9)
    assert found["p_high"] == pytest.approx(t.sf(margin), rel=1e-9)
    assert [found["ci_low"], found["ci_high"]] == pytest.approx(t.interval(0.9))
    assert found["df"] == expected["df"]


def only(analysis: Analysis) -> Json:
    (found,) = analysis.as_json()["equivalence"]
    assert found["glmm"] is None
    return dict(found)


def test_the_indirect_difference_is_that_of_least_squares() -> None:
    table = rated_table()
    found = only(analyse(table, margins=RATED))
    assert (found["kind"], found["unit"]) == ("indirect", "rating difference")
    weights = {(s, x): sign / 3 for s, sign in (("a", 1), ("b", -1)) for x in SNRS}
    assert_is_tost(found["cluster_robust"], by_statsmodels(table, weights), 0.5)


def test_at_one_snr_it_is_that_of_least_squares() -> None:
    table = rated_table()
    data = analyse(table, margins=RATED).as_json()
    for found in data["equivalence_by_snr"]:
        here = table[table["snr_db"] == found["snr_db"]]
        weights = {("a", found["snr_db"]): 1.0, ("b", found["snr_db"]): -1.0}
        expected = by_statsmodels(here, weights)
        assert_is_tost(found["cluster_robust"], expected, 0.5)


def test_the_direct_mean_is_that_of_least_squares() -> None:
    table = rated_table()
    table = table[table["system"] == "a"].assign(reference="baseline")
    found = only(analyse(table.reset_index(drop=True), margins=RATED))
    assert (found["kind"], found["unit"]) == ("direct", "rating")
    weights = {("a", x): 1 / 3 for x in SNRS}
    assert_is_tost(found["cluster_robust"], by_statsmodels(table, weights), 0.5)


def test_raters_with_an_utterance_each_make_it_a_paired_t_test() -> None:
    """Closed form: then V_rater = V_utterance = V_cell, (2c - 1) / c times paired t's.

    c = n / (n - 1), and the squared error of the paired t test is c V_rater.
    """
    rng = np.random.default_rng(8)
    ratings = rng.integers(-3, 4, (25, 2))
    rows = [
        (f"r{i}", f"u{i}", name, 0.0, value)
        for i, pair in enumerate(ratings)
        for name, value in zip("ab", pair, strict=True)
    ]
    names = ["rater", "utterance", "system", "snr_db", "rating"]
    found = only(analyse(checked(pd.DataFrame(rows, columns=names)), margins=RATED))
    d, c = ratings[:, 0] - ratings[:, 1], 25 / 24
    se = stats.sem(d) * np.sqrt((2 * c - 1) / c)
    expected = {"estimate": d.mean(), "se": se, "df": 24}
    assert_is_tost(found["cluster_robust"], expected, 0.5)


def test_an_snr_that_only_one_was_heard_at_does_not_count() -> None:
    table = rated_table()
    lopsided = (table["system"] == "b") & (table["snr_db"] == 3)
    found = only(analyse(table[~lopsided].reset_index(drop=True), margins=RATED))
    of_two = table[table["snr_db"] < 3]
    weights = {(s, x): sign / 2 for s, sign in (("a", 1), ("b", -1)) for x in SNRS[:2]}
    assert_is_tost(found["cluster_robust"], by_statsmodels(of_two, weights), 0.5)


def test_systems_without_a_common_snr_are_not_tested_and_that_is_said() -> None:
    table = rated_table()
    apart = (table["system"] == "a") == (table["snr_db"] < 0)
    analysis = analyse(table[apart].reset_index(drop=True), margins=RATED)
    assert only(analysis)["cluster_robust"] is None
    assert (
        "Whether a and b are rated alike was not tested: there is no SNR at which "
        "both were heard."
    ) in wording.findings(analysis)


def test_against_unprocessed_alone_there_is_no_question() -> None:
    table = rated_table()
    table = table[table["system"] == "a"].reset_index(drop=True)
    assert "equivalence" not in analyse(table, margins=RATED).as_json()


@pytest.mark.parametrize(
    ("raters", "better", "said"),
    [
        (60, 0.0, "a and b are equivalent within the margin."),
        (60, 1.0, "a is worse than b"),
        (3, 0.5, "leave open whether a and b differ"),
    ],
)
def test_words_follow_the_verdict(raters: int, better: float, said: str) -> None:
    analysis = analyse(rated_table(raters=raters, better=better), margins=RATED)
    *_, text = wording.findings(analysis)
    assert said in text
    assert "Their mean ratings differ by" in text
    assert text.endswith("Both against unprocessed.")
    assert "no difference" not in text


def test_a_direct_comparison_is_worded_as_a_mean_rating() -> None:
    table = rated_table()
    table = table[table["system"] == "a"].assign(reference="baseline")
    *_, text = wording.findings(analyse(table.reset_index(drop=True), margins=RATED))
    assert "The mean rating of a against baseline is +0.52" in text


def test_margins_of_ratings_and_of_preferences_are_apart() -> None:
    found = analyse(rated_table(), margins=Margins(share=0.1, rating=0.5))
    units = [one.unit for one in found.equivalences]
    assert units == ["share difference", "rating difference"]
    said = methods_paragraph(found)
    assert "margin of ±0.1, on the logit scale" in said
    assert "margin of ±0.5 points" in said


def test_a_rating_margin_without_ratings_is_told() -> None:
    found = analyse(simulated_table(), margins=RATED)
    assert not found.equivalences
    assert any("answers are not graded" in told for told in found.warnings)
