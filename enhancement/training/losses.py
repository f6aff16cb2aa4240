"""The loss: how far the masked spectrum is from the target's.

Per utterance, up to three terms. The first compares compressed spectra, magnitudes and
complex values (K. Wilson et al., Exploring tradeoffs in models for low-latency speech
enhancement, IWAENC 2018; `psa-bose` in the notes on TinyLSTMs), relative to the
compressed energy of the target. Alone it suppresses too much: speech that is halved
costs little after compression, noise that is left costs much. So magnitudes that fall
short of the target's may weigh more than those that exceed it, as in the asymmetric
loss of VoiceFilter-Lite (Q. Wang et al., Interspeech 2020). The second is the
logarithm of the energy of the error, relative to the target's: it weighs every
utterance alike, however much noise it holds. To it, nothing is worse than silence: an
output that lost the talker and kept companions is no worse than one that lost all. The
third, the negative SI-SDR (J. Le Roux et al., SDR: half-baked or well done?, ICASSP
2019) of the spectra, tells these apart: it is low for what does not resemble the
target at all, however soft.
"""

import torch
from torch import Tensor

from enhancement.training.configuration import LossConfig

EPS = 1e-8
WORST = 0.01  # of energies: -20 dB of SI-SDR is as bad as can be
LEAST = 1e-5  # of energies: so no output at all is as bad


def loss(mask: Tensor, noisy: Tensor, target: Tensor, config: LossConfig) -> Tensor:
    """Return the mean over utterances, each brought to the same noisy level.

    Parameters
    ----------
    mask
        Shape (B, T, bins), in 0..1.
    noisy, target
        Spectra without gradient, shape (B, T, bins, 2): real and imaginary parts.
    """
    p, w = config.power, config.complex_weight
    with torch.no_grad():  # all that does not depend on the mask
        x2, s2, cross = _products(noisy, target)
        b = _power(s2, p / 2)
        similar = b * (1 + w * cross * torch.rsqrt(x2 * s2 + EPS**2))
        compressed, speech = _energy(b.square()), _energy(s2)
        silent = speech <= 1e-4 * _energy(x2)
        # What errors are relative to; where nothing at all is heard, there are none
        heard = torch.where(silent, _energy(x2), speech).clamp(min=EPS)
        of_noise = _energy(_power(x2, p)) if silent.any() else compressed
        scale = torch.where(silent, of_noise, compressed)
    y2 = mask * mask * x2
    a = _power(y2, p / 2)
    error = (1 + w) * (_energy(a.square()) + compressed) - 2 * _energy(a * similar)
    if config.lost_weight:
        error = error + config.lost_weight * _energy((b - a).clamp(min=0).square())
    output, dot = _energy(y2), _energy(mask * cross)
    error_db = _decibels((output - 2 * dot + speech) / heard, config)
    loss = error / scale + config.log_weight * torch.where(silent, 0.0, error_db)
    if config.si_sdr_weight:
        projected = dot.clamp(min=0).square() / (speech + EPS)
        rest = output - projected + LEAST * (speech + EPS)
        found_db = _decibels(rest / (projected + WORST * rest), config)
        loss = loss + config.si_sdr_weight * torch.where(silent, 0.0, found_db)
    return loss.mean()


def _power(x2: Tensor, exponent: float) -> Tensor:
    """Return (x2 + EPS) to the exponent: twice as fast as PyTorch's own, both ways."""
    return torch.exp(exponent * torch.log(x2 + EPS))


def _energy(x2: Tensor) -> Tensor:
    """Return the sum over each utterance, shape (B,)."""
    return x2.sum((1, 2))


def taught(
    value: Tensor, mask: Tensor, teachers: Tensor, noisy: Tensor, config: LossConfig
) -> Tensor:
    """Return a loss that weighs in how far the output is from a teacher's.

    A compressed network that learns from what it was compressed from (G. Hinton et
    al., Distilling the knowledge in a neural network, 2015) is told which of several
    talkers the teacher keeps, where the target alone is a matter of luck.
    """
    of_teacher = loss(mask, noisy, teachers[..., None] * noisy, config)
    weight = config.teacher_weight
    return (1 - weight) * value + weight * of_teacher


def _decibels(ratio: Tensor, config: LossConfig) -> Tensor:
    """Return a ratio of energies in dB, above a floor that is passed smoothly."""
    return 10 * torch.log10(ratio.clamp(min=0) + 10 ** (config.log_floor_db / 10))


def _products(noisy: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return |noisy|^2, |target|^2 and Re(noisy target*), the first of mean 1."""
    x2 = noisy.square().sum(-1)
    s2 = target.square().sum(-1)
    cross = (noisy * target).sum(-1)
    level = x2.mean((1, 2), keepdim=True) + EPS**2
    return x2 / level, s2 / level, cross / level
