"""Integer arithmetic, against the same written with Python's unbounded integers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhancement.compression.fixed_point import (
    Multiplier,
    both_functions,
    points,
    saturate16,
    shift,
    sigmoid_table,
    tanh_table,
)


@given(st.integers(-(2**30), 2**30), st.integers(1, 30))
def test_shift_rounds_halves_upwards(v: int, n: int) -> None:
    assert shift(np.array(v), n) == (2 * v + 2**n) // 2 ** (n + 1)


def test_shift_by_less_than_nothing_multiplies() -> None:
    assert shift(np.array([-3, 5]), -2).tolist() == [-12, 20]


@given(st.integers(-(2**31) + 1, 2**31 - 1), st.floats(2**-30, 2**20))
def test_rescale_is_the_rounded_product(v: int, factor: float) -> None:
    multiplier = Multiplier.of(factor)
    m, n = int(multiplier.m[0]), int(multiplier.n[0])
    assert multiplier.rescale(np.array([v]))[0] == (v * m + 2 ** (n - 1)) // 2**n


@given(st.floats(2**-30, 2**28))
def test_a_multiplier_has_31_bits(factor: float) -> None:
    multiplier = Multiplier.of(factor)
    assert 2**30 <= multiplier.m[0] < 2**31
    assert multiplier.factor[0] == pytest.approx(factor, rel=2**-31)


@pytest.mark.parametrize("factor", [0.0, -1.0, 2.0**31, 2.0**-40])
def test_a_factor_out_of_range_is_refused(factor: float) -> None:
    with pytest.raises(ValueError, match="multiplier"):
        Multiplier.of(factor)


def test_saturation_keeps_the_ends() -> None:
    assert saturate16(np.array([-40000, 7, 40000])).tolist() == [-32768, 7, 32767]


@pytest.mark.parametrize("function", ["sigmoid", "tanh"])
def test_functions_are_near_the_true_ones(function: str) -> None:
    """Interpolation errs by at most h^2 max|f''| / 8 = 1e-4 (of 1) and a rounding."""
    z = np.arange(-32768, 32768) / 4096
    true = {"sigmoid": 1 / (1 + np.exp(-z)), "tanh": np.tanh(z)}[function]
    start = {"sigmoid": 0, "tanh": 65536}[function]
    ours = both_functions()[start : start + 65536] / 32768
    assert np.abs(ours - true).max() < 1.6e-4


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_no_table_entry_depends_on_the_last_digits_of_a_library(name: str) -> None:
    """Every true value is farther from a half than any library errs."""
    z = np.array(points(), dtype=np.longdouble)
    true = {"sigmoid": 1 / (1 + np.exp(-z)), "tanh": np.tanh(z)}[name] * 32768
    from_half = np.abs(true - np.floor(true) - 0.5)
    assert from_half.min() > 1e-6
    table = {"sigmoid": sigmoid_table(), "tanh": tanh_table()}[name]
    assert np.abs(np.array(table) - true).max() <= 1
    assert np.all(np.diff(table) >= 0)
