"""The classical enhancers, each where its behaviour is known."""

import numpy as np
import pytest

from enhancement.classical.imcra import presence
from enhancement.classical.omlsa import GAIN_MIN_DB
from enhancement.classical.spectral_subtraction import over_subtraction
from enhancement.systems import load
from tests.enhancement.signals import RATE_HZ, noise, sine

CLASSICAL = ["spectral-subtraction", "wiener", "log-mmse", "omlsa"]


def _rms_db(x: np.ndarray) -> float:
    return 10 * float(np.log10(np.mean(x**2)))


@pytest.mark.parametrize(
    ("snr_db", "a"), [(-9, 5), (-5, 4.75), (0, 4), (10, 2.5), (20, 1), (40, 1)]
)
def test_over_subtraction_is_berouti_s_line(snr_db: float, a: float) -> None:
    assert over_subtraction(np.array([snr_db]))[0] == pytest.approx(a)


@pytest.mark.parametrize("slug", CLASSICAL)
def test_steady_noise_alone_is_lowered_by_10_db_or_more(slug: str) -> None:
    x = noise(4, seed=1)
    y = load(slug).enhance(x)
    assert _rms_db(y[RATE_HZ:]) < _rms_db(x[RATE_HZ:]) - 10


def test_omlsa_leaves_noise_alone_at_its_floor() -> None:
    x = noise(4, seed=2)
    y = load("omlsa").enhance(x)
    lowered_db = _rms_db(y[RATE_HZ:]) - _rms_db(x[RATE_HZ:])
    assert lowered_db == pytest.approx(GAIN_MIN_DB, abs=2)


@pytest.mark.parametrize("slug", CLASSICAL)
def test_a_loud_tone_after_noise_passes(slug: str) -> None:
    """A tone 40 dB above the noise in its band is speech for every method."""
    tone = np.concatenate([np.zeros(RATE_HZ), sine(0.5, 1000)])
    y = load(slug).enhance(tone + 0.01 * noise(1.5, seed=3))
    middle = slice(RATE_HZ + 1600, RATE_HZ + 6400)
    assert _rms_db(y[middle]) == pytest.approx(_rms_db(tone[middle]), abs=1)


def test_presence_follows_bayes() -> None:
    q, xi, v = np.array([0.0, 0.5, 1.0]), np.full(3, 9.0), np.full(3, 2.0)
    wanted = [1, 1 / (1 + 10 * np.exp(-2)), 0]
    np.testing.assert_allclose(presence(q, xi, v), wanted, atol=1e-12)
    assert presence(np.ones(1), np.ones(1), np.full(1, 1e4))[0] == 0
