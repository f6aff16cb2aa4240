"""Ideal masks from the clean reference: what a mask could reach at best.

Y is the noisy spectrum, S the clean one, N = Y - S.

[WNW14] Y. Wang, A. Narayanan, D. Wang, On training targets for supervised speech
        separation, IEEE/ACM Trans. ASLP 22(12), 2014.
[WWW16] D. S. Williamson, Y. Wang, D. Wang, Complex ratio masking for monaural speech
        separation, IEEE/ACM Trans. ASLP 24(3), 2016.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from enhancement.noise_psd import TINY
from enhancement.spectral import power_of
from enhancement.stft import Framing, Spectra, analyse, synthesise
from enhancement.system import Samples, System

FRAMING = Framing(window=512, hop=256, fft=512)

IRM_EXPONENT = 0.5
IBM_THRESHOLD_DB = 0.0
CIRM_LIMIT = 10.0

Mask = Callable[[Spectra, Spectra], NDArray]  # (noisy, clean) -> mask


@dataclass(frozen=True, kw_only=True)
class Oracle(System):
    """A system that multiplies the noisy spectrum by a mask it should not know."""

    mask: Mask

    def _enhance(self, x: Samples, reference: Samples | None) -> Samples:
        assert reference is not None  # `enhance` has seen to it
        noisy, clean = analyse(x, FRAMING), analyse(reference, FRAMING)
        masked = self.mask(noisy, clean) * noisy
        return synthesise(masked, FRAMING, samples=x.shape[-1])


def ratio_mask(noisy: Spectra, clean: Spectra) -> NDArray[np.float64]:
    """Return the ideal ratio mask, (S² / (S² + N²))^0.5 of magnitudes [WNW14]."""
    speech, noise = power_of(clean), power_of(noisy - clean)
    mask: NDArray[np.float64] = speech / np.maximum(speech + noise, TINY)
    return mask**IRM_EXPONENT


def binary_mask(noisy: Spectra, clean: Spectra) -> NDArray[np.float64]:
    """Return the ideal binary mask, 1 where the local SNR is above 0 dB [WNW14]."""
    threshold = 10 ** (IBM_THRESHOLD_DB / 10)
    return (power_of(clean) > threshold * power_of(noisy - clean)).astype(np.float64)


def complex_mask(noisy: Spectra, clean: Spectra) -> Spectra:
    """Return the complex ideal ratio mask S / Y, its parts within +-10 [WWW16].

    What is compressed there for a network to learn is used here as it is; the limit
    keeps it finite where the noisy spectrum vanishes.
    """
    mask = clean * noisy.conj() / np.maximum(power_of(noisy), TINY)
    limited = np.clip([mask.real, mask.imag], -CIRM_LIMIT, CIRM_LIMIT)
    bounded: Spectra = limited[0] + 1j * limited[1]
    return bounded


def oracle_irm(*, slug: str, label: str) -> Oracle:
    return _oracle(slug, label, ratio_mask, {"exponent": IRM_EXPONENT})


def oracle_ibm(*, slug: str, label: str) -> Oracle:
    return _oracle(slug, label, binary_mask, {"threshold_db": IBM_THRESHOLD_DB})


def oracle_cirm(*, slug: str, label: str) -> Oracle:
    return _oracle(slug, label, complex_mask, {"limit": CIRM_LIMIT})


def _oracle(slug: str, label: str, mask: Mask, more: dict[str, float]) -> Oracle:
    cut = {"window": FRAMING.window, "hop": FRAMING.hop, "fft": FRAMING.fft}
    return Oracle(
        slug=slug,
        label=label,
        hop=FRAMING.hop,
        latency=FRAMING.latency,
        parameters=cut | more,
        needs_reference=True,
        causal=False,
        mask=mask,
    )
