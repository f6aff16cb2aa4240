"""The loss: how far the masked spectrum is from the target's.

Per utterance, two terms. The first compares compressed spectra, magnitudes and complex
values (K. Wilson et al., Exploring tradeoffs in models for low-latency speech
enhancement, IWAENC 2018; `psa-bose` in the notes on TinyLSTMs), relative to the
compressed energy of the target. Alone it suppresses too much. The second is the
logarithm of the energy of the error, relative to the target's: it weighs every utterance
alike, however much noise it holds.
"""

import torch
from torch import Tensor

from enhancement.training.configuration import LossConfig

EPS = 1e-8


def loss(mask: Tensor, noisy: Tensor, target: Tensor, config: LossConfig) -> Tensor:
    """Return the mean over utterances.

    Shapes (T, B, bins); mask real in 0..1, spectra complex, brought to unit noisy level
    beforehand (see `levelled`).
    """
    x2, s2 = _square(noisy), _square(target)  # without gradient
    cross = noisy.real * target.real + noisy.imag * target.imag
    cosine = cross * torch.rsqrt(x2 * s2 + EPS**2)
    p = config.power
    b = (s2 + EPS) ** (p / 2)
    a = (mask**2 * x2 + EPS) ** (p / 2)
    w = config.complex_weight
    error = (1 + w) * (a * a + b * b) - 2 * a * b * (1 + w * cosine)
    silent = s2.sum((0, 2)) < 1e-4 * x2.sum((0, 2))
    heard = torch.where(silent[:, None], x2, s2)  # what errors are relative to
    spectral = error.sum((0, 2)) / ((heard + EPS) ** p).sum((0, 2))
    energy = (mask**2 * x2 - 2 * mask * cross + s2).sum((0, 2))
    reference = heard.sum((0, 2))
    floor = 10 ** (config.log_floor_db / 10)
    log_error_db = 10 * torch.log10(energy / reference + floor)
    return (spectral + config.log_weight * log_error_db).mean()


def levelled(noisy: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Return both spectra divided by the RMS of the noisy one, per utterance."""
    rms = _square(noisy).mean((0, 2), keepdim=True).sqrt() + EPS
    return noisy / rms, target / rms


def _square(x: Tensor) -> Tensor:
    return x.real.square() + x.imag.square()
