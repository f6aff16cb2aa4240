"""Suppression rules against their closed forms and integrals."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import exp1

from enhancement import gains


def _exponential_integral(v: float) -> float:
    return float(quad(lambda t: np.exp(-t) / t, v, np.inf)[0])


@pytest.mark.parametrize("v", [0.001, 0.05, 1.0, 7.0, 40.0])
def test_the_correction_is_the_integral_of_ephraim_and_malah(v: float) -> None:
    wanted = np.exp(0.5 * _exponential_integral(v))
    assert gains.correction(np.array([v]))[0] == pytest.approx(wanted, rel=1e-5)


def test_the_correction_holds_over_the_whole_range() -> None:
    v = np.exp(np.linspace(-39.9, 10, 9973))
    wanted = np.exp(0.5 * exp1(v))
    np.testing.assert_allclose(gains.correction(v), wanted, rtol=5e-6)
    assert np.isfinite(gains.correction(np.zeros(1))).all()


def test_e1_of_1_is_the_value_of_the_tables() -> None:
    """Abramowitz & Stegun, table 5.1: E1(1) = 0.219383934."""
    log = 2 * np.log(gains.correction(np.ones(1))[0])
    assert log == pytest.approx(0.219383934, abs=1e-5)


@pytest.mark.parametrize(("xi", "gain"), [(0.0, 0.0), (1.0, 0.5), (99.0, 0.99)])
def test_wiener_is_the_share_of_speech(xi: float, gain: float) -> None:
    assert gains.wiener(np.array([xi]))[0] == pytest.approx(gain)


def test_log_mmse_tends_to_wiener_and_lies_above_it() -> None:
    xi = np.array([0.01, 0.1, 1.0, 10.0])
    far = gains.log_mmse(xi, np.full(4, 1e6))
    np.testing.assert_allclose(far, gains.wiener(xi), rtol=1e-9)
    assert np.all(gains.log_mmse(xi, np.full(4, 2.0)) > gains.wiener(xi))


def test_log_mmse_is_exp_of_the_mean_log_amplitude() -> None:
    """By simulation: E[log A | Y] in the Gaussian model, at xi = 2 and |Y|² = 3."""
    rng = np.random.default_rng(0)
    xi, gamma = 2.0, 3.0
    w = xi / (1 + xi)  # A given Y is Rice: mean w Y, variance w of the noise's
    parts = rng.standard_normal((2, 400_000)) * np.sqrt(w / 2)
    amplitude = np.hypot(w * np.sqrt(gamma) + parts[0], parts[1])
    wanted = np.exp(np.mean(np.log(amplitude))) / np.sqrt(gamma)
    found = gains.log_mmse(np.array([xi]), np.array([gamma]))[0]
    assert found == pytest.approx(wanted, rel=3e-3)


def test_subtraction_leaves_what_is_over_and_never_less_than_the_floor() -> None:
    power, noise = np.array([10.0, 2.0, 1e-9, 0.0]), np.ones(4)
    gain = gains.spectral_subtraction(
        power, noise, over_subtraction=np.array([4.0]), floor=0.002
    )
    np.testing.assert_allclose(gain[:2] ** 2 * power[:2], [6.0, 0.002])
    np.testing.assert_array_equal(gain[2:], 1)
