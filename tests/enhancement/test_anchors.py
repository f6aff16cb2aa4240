"""The low anchor keeps the limits of BS.1534-3."""

import numpy as np
from scipy.signal import freqz

from enhancement.anchors import low_pass_taps
from enhancement.systems import load
from tests.enhancement.signals import sine


def test_the_filter_keeps_the_limits_of_mushra() -> None:
    hz, response = freqz(low_pass_taps(), worN=8192, fs=16_000)
    db = 20 * np.log10(np.maximum(np.abs(response), 1e-9))
    assert np.abs(db[hz <= 3500]).max() <= 0.1
    assert db[hz >= 4000].max() <= -25
    assert db[hz >= 4500].max() <= -50


def test_it_delays_nothing_and_loses_what_lies_above() -> None:
    low, high = sine(0.5, 1000), sine(0.5, 5000)
    y = load("lowpass-3.5k").enhance(low + high)
    np.testing.assert_allclose(y[200:-200], low[200:-200], atol=0.005)
