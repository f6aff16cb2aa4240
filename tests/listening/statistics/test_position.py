import numpy as np
import pytest

from listening.statistics.binomial import exact_test
from listening.statistics.position import position_bias


def test_it_counts_how_often_a_was_chosen() -> None:
    """A is chosen when the enhanced member is A and preferred, or B and not."""
    preferred = np.array([1.0, 1.0, 0.0, 0.0])
    first = np.array([1.0, 0.0, 1.0, 0.0])
    found = position_bias(preferred, first, np.array([0, 0, 1, 1]), np.arange(4) % 2)
    assert found.exact == exact_test(2, 4)
    assert found.enhanced_first == 0.5


def test_somebody_who_always_says_a_is_found() -> None:
    first = np.arange(20.0) % 2
    rater = np.arange(20) // 10
    found = position_bias(first, first, rater, np.arange(20) % 5)
    assert found.exact.p == pytest.approx(2 * 0.5**20)
    assert found.clustered is not None
    assert found.clustered.p == 0.5  # but two raters prove nothing of others


def test_it_refuses_an_empty_table() -> None:
    none = np.array([])
    with pytest.raises(ValueError, match="not a share"):
        position_bias(none, none, none.astype(int), none.astype(int))
