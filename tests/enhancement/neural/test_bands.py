"""The bands between bins and the network."""

import numpy as np

from enhancement.neural import bands


def test_a_mask_of_ones_is_spread_to_ones() -> None:
    np.testing.assert_allclose(np.ones(128) @ bands.triangles(), 1, atol=1e-12)


def test_a_flat_spectrum_has_flat_bands() -> None:
    np.testing.assert_allclose(np.ones(257) @ bands.averages().T, 1, atol=1e-12)


def test_low_bands_are_bins_and_high_bands_are_spaced_like_mel() -> None:
    c = bands.centres()
    np.testing.assert_allclose(c[:30], np.arange(30))
    hz = c[60:] * bands.BIN_HZ
    mel = 2595 * np.log10(1 + hz / 700)
    assert np.ptp(np.diff(mel)) < 1e-6
    np.testing.assert_allclose(hz[-1], 8000)
