"""d' of ABX answers: against the decision simulated, and against known values."""

import math

import numpy as np
import pytest

from listening.statistics.discrimination import (
    d_prime_of,
    sensitivity,
    share_correct,
)


@pytest.mark.parametrize("d_prime", [0.0, 0.5, 1.0, 2.0, 3.5])
def test_the_share_correct_is_that_of_the_decision_simulated(d_prime: float) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(0, 1, 400_000), rng.normal(d_prime, 1, 400_000)
    x_is_a = rng.random(400_000) < 0.5
    x = rng.normal(np.where(x_is_a, 0, d_prime), 1)
    share = np.mean((abs(x - a) < abs(x - b)) == x_is_a)
    assert share == pytest.approx(share_correct(d_prime), abs=0.003)


def test_d_prime_turns_the_share_back() -> None:
    for d_prime in (0.3, 1.0, 2.0, 4.0):
        assert d_prime_of(share_correct(d_prime)) == pytest.approx(d_prime)


def test_it_is_larger_than_that_of_independent_observations() -> None:
    """By hand: F(1/sqrt 2) F(1/2) + F(-1/sqrt 2) F(-1/2) is 0.600 at d' = 1."""
    assert d_prime_of(0.5995) > 1.0


def test_at_chance_and_below_it_is_zero_and_beyond_all_doubt_infinite() -> None:
    assert d_prime_of(0.5) == d_prime_of(0.2) == d_prime_of(0.0) == 0.0
    assert math.isinf(d_prime_of(1.0))
    assert 0 < d_prime_of(0.999_999) < math.inf


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="not a share"):
        d_prime_of(share)


def test_the_interval_is_that_of_the_share() -> None:
    found = sensitivity(0.8, 0.45, 1.0)
    assert found.estimate == pytest.approx(d_prime_of(0.8))
    assert (found.ci_low, found.ci_high) == (0.0, math.inf)
