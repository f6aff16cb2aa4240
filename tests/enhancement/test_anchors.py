"""The low anchor keeps the limits of BS.1534-3; the clean one is what was said."""

import numpy as np
import pytest
from scipy.signal import freqz

from enhancement.anchors import low_pass_taps
from enhancement.systems import load
from tests.enhancement.signals import noise, sine, speech_like

# Slug, a frequency that is passed, and one that is not
ANCHORS = [("anchor-3.5k", 3400.0, 4500.0), ("anchor-7k", 6900.0, 7900.0)]


@pytest.mark.parametrize("pass_hz", [3500, 7000])
def test_the_filters_keep_the_limits_of_mushra(pass_hz: int) -> None:
    hz, response = freqz(
        low_pass_taps(pass_hz), worN=8192, fs=16_000, include_nyquist=True
    )
    db = 20 * np.log10(np.maximum(np.abs(response), 1e-9))
    assert np.abs(db[hz <= pass_hz]).max() <= 0.1
    assert db[hz >= pass_hz + 500].max() <= -25
    assert db[hz >= pass_hz + 1000].max() <= -50


@pytest.mark.parametrize(("slug", "kept_hz", "lost_hz"), ANCHORS)
def test_an_anchor_is_the_clean_speech_below_its_limit(
    slug: str, kept_hz: float, lost_hz: float
) -> None:
    kept, lost = sine(0.5, kept_hz), sine(0.5, lost_hz)
    y = load(slug).enhance(noise(0.5, seed=1), reference=kept + lost)
    np.testing.assert_allclose(y[200:-200], kept[200:-200], atol=0.005)


def test_it_delays_nothing_and_loses_what_lies_above() -> None:
    low, high = sine(0.5, 1000), sine(0.5, 5000)
    y = load("lowpass-3.5k").enhance(low + high)
    np.testing.assert_allclose(y[200:-200], low[200:-200], atol=0.005)


def test_the_clean_anchor_is_the_speech_without_the_noise() -> None:
    speech = speech_like(1, seed=1)
    y = load("clean").enhance(speech + noise(1, seed=2), reference=speech)
    np.testing.assert_array_equal(y, speech)
    assert not np.shares_memory(y, speech)


def test_the_clean_anchor_wants_the_speech() -> None:
    with pytest.raises(ValueError, match="clean needs the clean speech as reference"):
        load("clean").enhance(noise(1, seed=2))
