"""Ideal masks against their definitions."""

import numpy as np
import pytest

from enhancement import masks
from enhancement.systems import load
from tests.enhancement.signals import noise, speech_like


def test_the_masks_are_their_definitions() -> None:
    clean = np.array([3.0 + 0j, 1.0, 0.0, 1j])
    noisy = clean + np.array([4j, 2.0, 1.0, 0.0])
    ratio = [0.6, 1 / np.sqrt(5), 0, 1]
    np.testing.assert_allclose(masks.ratio_mask(noisy, clean), ratio)
    np.testing.assert_array_equal(masks.binary_mask(noisy, clean), [0, 0, 0, 1])
    np.testing.assert_allclose(masks.complex_mask(noisy, clean) * noisy, clean)


def test_the_complex_mask_stays_within_its_limit() -> None:
    mask = masks.complex_mask(np.array([0.0 + 0j, 1e-3]), np.array([1.0 + 1j, 1 - 1j]))
    np.testing.assert_allclose(mask, [0, 10 - 10j])


@pytest.mark.parametrize("slug", ["oracle-irm", "oracle-ibm", "oracle-cirm"])
def test_clean_speech_passes_unchanged(slug: str) -> None:
    x = speech_like(1, seed=1)
    y = load(slug).enhance(x, reference=x)
    np.testing.assert_allclose(y, x, rtol=0, atol=1e-4)


def test_noise_without_speech_is_muted() -> None:
    x = noise(1, seed=2)
    for slug in ("oracle-irm", "oracle-ibm", "oracle-cirm"):
        assert not load(slug).enhance(x, reference=0 * x).any()
