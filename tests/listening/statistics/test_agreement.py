"""Krippendorff's alpha against published values and another implementation."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from listening.statistics.agreement import Level, agreement, krippendorff_alpha
from tests.reference import load

CASES = {case["name"]: case for case in load("agreement")["cases"]}
Columns = tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]


def columns(matrix: Any) -> Columns:
    """Return values, raters, units of a matrix (raters, units)."""
    values = np.array(matrix, dtype=float)
    raters, units = np.indices(values.shape)
    return values.ravel(), raters.ravel(), units.ravel()


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
@pytest.mark.parametrize("name", CASES)
def test_it_is_that_of_the_package_krippendorff(name: str, level: Level) -> None:
    case = CASES[name]
    found = krippendorff_alpha(*columns(case["data"]), level=level)
    assert found == pytest.approx(case[level], abs=1e-12)


@pytest.mark.parametrize(
    ("level", "published"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)],
)
def test_it_is_what_krippendorff_published(level: Level, published: float) -> None:
    data = columns(CASES["published"]["data"])
    assert round(krippendorff_alpha(*data, level=level), 3) == published


def test_it_is_the_worked_example_of_wikipedia() -> None:
    _ = np.nan
    data = [
        [_, _, _, _, _, 3, 4, 1, 2, 1, 1, 3, 3, _, 3],
        [1, _, 2, 1, 3, 3, 4, 3, _, _, _, _, _, _, _],
        [_, _, 2, 1, 3, 4, 4, _, 2, 1, 1, 3, 3, _, 4],
    ]
    assert round(krippendorff_alpha(*columns(data), level="nominal"), 3) == 0.691
    assert round(krippendorff_alpha(*columns(data), level="interval"), 3) == 0.811


def test_raters_who_agree_have_one_and_coins_have_zero() -> None:
    rng = np.random.default_rng(1)
    told = np.tile(rng.integers(2, size=40), (5, 1))
    assert krippendorff_alpha(*columns(told), level="nominal") == 1
    coins = rng.integers(2, size=(20, 400))
    found = krippendorff_alpha(*columns(coins), level="nominal")
    assert found == pytest.approx(0, abs=0.02)


def test_order_and_names_do_not_matter() -> None:
    values, rater, unit = columns(CASES["graded"]["data"])
    order = np.random.default_rng(2).permutation(len(values))
    again = krippendorff_alpha(
        values[order], 7 - rater[order], 3 * unit[order], level="ordinal"
    )
    assert again == pytest.approx(CASES["graded"]["ordinal"], abs=1e-12)


@pytest.mark.parametrize("resample", ["raters", "units", "both"])
def test_coins_do_not_seem_to_agree_when_raters_are_drawn_twice(resample: Any) -> None:
    """Copies of one rater would make alpha about 1 / raters; they are left out."""
    coins = np.random.default_rng(3).integers(2, size=(8, 300))
    found = agreement(
        *columns(coins),
        level="nominal",
        rng=np.random.default_rng(4),
        resample=resample,
        draws=300,
    )
    assert (found.ci_low + found.ci_high) / 2 == pytest.approx(found.alpha, abs=0.02)
    assert found.ci_low < 0 < found.ci_high


def test_the_interval_covers_the_truth_about_as_often_as_stated() -> None:
    """Binary answers of utterances with shares 0.2 or 0.8: alpha is 0.36.

    alpha = 1 - 2 * 0.16 / (2 * 0.25). Both ways of drawing err towards too wide.
    """
    rng, covered = np.random.default_rng(5), []
    for _ in range(150):
        share = rng.choice([0.2, 0.8], 60)
        answers = (rng.random((12, 60)) < share).astype(float)
        answers[rng.random(answers.shape) < 0.4] = np.nan
        found = agreement(*columns(answers), level="nominal", rng=rng, draws=120)
        covered.append(found.ci_low < 0.36 < found.ci_high)
    assert np.mean(covered) >= 0.93


def test_the_same_generator_gives_the_same_interval() -> None:
    data = columns(CASES["preferences"]["data"])
    one, other = (
        agreement(*data, level="nominal", rng=np.random.default_rng(6), draws=50)
        for _ in range(2)
    )
    assert one == other
    assert (one.raters, one.units) == (9, 20)
    assert one.answers <= np.isfinite(data[0]).sum()


def test_where_nobody_differs_there_is_nothing_to_agree_on() -> None:
    found = agreement(
        *columns(np.ones((3, 4))), level="nominal", rng=np.random.default_rng(7)
    )
    assert np.isnan([found.alpha, found.ci_low, found.ci_high]).all()
    assert found.draws == 0


def test_it_refuses_what_cannot_be_compared() -> None:
    alone = np.arange(5)
    with pytest.raises(ValueError, match="two raters"):
        krippendorff_alpha(np.ones(5), np.zeros(5, int), alone, level="nominal")
    with pytest.raises(ValueError, match="two raters"):
        krippendorff_alpha(np.full(5, np.nan), alone, alone, level="nominal")
    with pytest.raises(ValueError, match="a unit twice"):
        krippendorff_alpha(
            np.ones(3), np.zeros(3, int), np.ones(3, int), level="nominal"
        )
