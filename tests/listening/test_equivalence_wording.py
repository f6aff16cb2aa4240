"""Words on equivalence: what is shown is said, what is not shown is never claimed."""

import pytest
from scipy import stats

from listening.reporting.equivalence_wording import NOT_DECLARED, about_equivalence
from listening.statistics.equivalence import Equivalence, equivalence


def of_interval(low: float, high: float) -> Equivalence:
    """Return the test whose 90 % interval is that, of a share with margin 0.05."""
    se = (high - low) / 2 / stats.t(30).ppf(0.95)
    return equivalence((low + high) / 2, se, 30, low=0.45, high=0.55, null=0.5)


def words(low: float, high: float) -> str:
    return about_equivalence(of_interval(low, high), "int8", "float", unit="share")


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        ((0.46, 0.54), "int8 and float are equivalent within the margin."),
        ((0.51, 0.54), "there is a difference, but it is smaller than that"),
        ((0.52, 0.60), "int8 is better than float, and so not worse by the margin"),
        ((0.40, 0.48), "int8 is worse than float; that it is within the margin"),
        ((0.46, 0.56), "int8 is non-inferior to float"),
        ((0.40, 0.56), "leave open whether int8 and float differ"),
    ],
)
def test_it_says_what_is_shown(interval: tuple[float, float], said: str) -> None:
    assert said in words(*interval)


@pytest.mark.parametrize("high", [0.54, 0.56, 0.70])
@pytest.mark.parametrize("low", [0.30, 0.44, 0.46])
def test_it_never_turns_what_is_not_significant_into_no_difference(
    low: float, high: float
) -> None:
    text = words(low, high).lower()
    assert "no difference" not in text
    assert "not significant" not in text
    assert "equal " not in text
    within = low > 0.45 and high < 0.55
    assert ("are equivalent" in text) == within


def test_numbers_stand_beside_the_verdict() -> None:
    assert (
        "int8 was preferred in 50.0 % (90 % interval 46.0 to 54.0 %; margin 45.0 to "
        "55.0 %; one-sided p = 0.021 and = 0.021)."
    ) in words(0.46, 0.54)


def test_differences_are_worded_in_their_own_unit() -> None:
    found = equivalence(-0.1, 0.2, 20, low=-0.5, high=0.5)
    rated = about_equivalence(found, "a", "b", unit="rating difference")
    assert "mean ratings differ by −0.10" in rated
    assert "margin ±0.5" in rated
    shares = about_equivalence(found, "a", "b", unit="share difference")
    assert "preferences differ by −10.0 points" in shares
    assert "margin ±50.0" in shares


def test_a_margin_chosen_afterwards_is_told() -> None:
    found = of_interval(0.46, 0.54)
    text = about_equivalence(found, "a", "b", unit="share", declared=False)
    assert text.endswith(NOT_DECLARED)
