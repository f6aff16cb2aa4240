"""What is measured of raters, against enumeration, statsmodels and closed forms."""

from itertools import groupby, product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa as statsmodels_kappa

from listening.statistics.raters import (
    Weights,
    chance_of_run,
    cohens_kappa,
    gold_result,
    longest_run,
    placebo_bias,
    repeat_consistency,
    time_summary,
)


def pairs(counts: list[list[int]]) -> NDArray[np.float64]:
    """Return the answers of a table of counts, shape (2, answers)."""
    table = np.array(counts)
    return np.repeat(np.argwhere(table >= 0), table.ravel(), axis=0).T.astype(float)


@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_the_chance_of_a_run_is_that_of_all_sequences(n: int) -> None:
    longest = [
        max(len(list(group)) for _, group in groupby(s))
        for s in product("AB", repeat=n)
    ]
    for length in range(n + 2):
        expected = np.mean(np.array(longest) >= length)
        assert chance_of_run(length, n) == pytest.approx(expected)


def test_always_one_side_has_the_chance_of_two_to_the_trials() -> None:
    found = longest_run(np.ones(36))
    assert found.length == 36
    assert found.p == pytest.approx(2.0**-35)
    assert longest_run(np.ones(100)).p == pytest.approx(2.0**-99)  # no rounding to 0
    assert longest_run(np.tile([1.0, -1.0], 18)).p == 1


def test_no_preference_ends_a_run() -> None:
    found = longest_run(np.array([1.0, 1, 0, 1, 1, 1, 0, 0, 0, 0, -1]))
    assert (found.length, found.trials) == (3, 11)


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_kappa_is_that_of_statsmodels(weights: Weights) -> None:
    counts = [[20, 5, 1], [3, 12, 4], [0, 6, 9]]
    names = {"none": None, "linear": "linear", "quadratic": "quadratic"}
    expected = statsmodels_kappa(np.array(counts), wt=names[weights]).kappa
    one, other = pairs(counts)
    assert cohens_kappa(one, other, weights=weights) == pytest.approx(expected)


def test_consistency_is_tested_exactly_against_a_guesser() -> None:
    before, again = pairs([[5, 1], [0, 4]])
    found = repeat_consistency(before, again)
    assert found.exact.estimate == pytest.approx(0.9)
    assert found.exact.p == pytest.approx(2 * stats.binom.sf(8, 10, 0.5))
    assert found.kappa == pytest.approx((0.9 - 0.5) / 0.5)


def test_kappa_is_unknown_where_all_answers_are_alike() -> None:
    assert np.isnan(cohens_kappa(np.ones(5), np.ones(5)))
    with pytest.raises(ValueError, match="answered twice"):
        repeat_consistency(np.ones(0), np.ones(0))


def test_placebos_show_a_side_that_is_favoured() -> None:
    found = placebo_bias(np.array([1.0, 1, 1, 1, 1, 0, 0]))
    assert (found.trials, found.ties) == (7, 2)
    assert found.exact is not None
    assert found.exact.p == pytest.approx(2 * 0.5**5)
    assert placebo_bias(np.zeros(4)).exact is None


def test_gold_failures_are_counted_and_compared_with_guessing() -> None:
    found = gold_result(np.array([1.0, 2, -1, 0, 1, 3]), np.ones(6))
    assert found.failed == 2
    assert found.share == pytest.approx(1 / 3)
    assert found.p_guessing == pytest.approx((1 + 6 + 15) / 64)
    with pytest.raises(ValueError, match="no gold"):
        gold_result(np.ones(0), np.ones(0))


def test_times_are_summarised_without_what_was_not_measured() -> None:
    found = time_summary(np.array([4.0, np.nan, 2, 3, 600, 1]), too_short=2)
    assert (found.n, found.median, found.lower, found.upper) == (5, 3, 2, 4)
    assert found.below == pytest.approx(0.2)
    with pytest.raises(ValueError, match="no times"):
        time_summary(np.array([np.nan]), too_short=1)
