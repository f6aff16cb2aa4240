import numpy as np
import pytest

from listening.statistics.multiplicity import benjamini_hochberg, holm
from tests import reference


def test_holm_agrees_with_r() -> None:
    case = reference.load("binomial_and_holm")["holm"]
    assert holm(np.array(case["p"])) == pytest.approx(case["adjusted"], abs=1e-12)


def test_a_test_that_was_not_made_does_not_count() -> None:
    adjusted = holm(np.array([0.01, np.nan, 0.04]))
    assert adjusted == pytest.approx([0.02, np.nan, 0.04], nan_ok=True)


def test_no_test_at_all_is_no_error() -> None:
    assert holm(np.array([])).size == 0
    assert np.isnan(holm(np.array([np.nan]))).all()


def test_benjamini_and_hochberg_agree_with_r() -> None:
    """R 4.2.2: p.adjust(c(0.001, 0.012, 0.03, 0.04, 0.2, 0.6), "BH")."""
    p = np.array([0.6, 0.001, 0.04, 0.03, 0.012, 0.2])
    expected = [0.6, 0.006, 0.06, 0.06, 0.036, 0.24]
    assert benjamini_hochberg(p) == pytest.approx(expected, abs=1e-12)
