"""Spectral subtraction with over-subtraction and a spectral floor.

[BSM79] M. Berouti, R. Schwartz, J. Makhoul, Enhancement of speech corrupted by acoustic
        noise, IEEE ICASSP 1979.
[Loi13] P. C. Loizou, Speech Enhancement: Theory and Practice, 2nd ed., CRC 2013.

Over-subtraction and floor are those of the program `specsub` of [Loi13]; the noise is
tracked as in `enhancement.noise_psd` instead of by its voice activity detector.
"""

import numpy as np
from numpy.typing import NDArray

from enhancement import gains, noise_psd
from enhancement.classical import FRAMING, HOP_S
from enhancement.noise_psd import TINY, MmseSppNoise
from enhancement.spectral import GainProcessor, SpectralSystem, spectral_system

FLOOR = 0.002  # of the noise's power
LOWEST_SNR_DB, HIGHEST_SNR_DB = -5.0, 20.0


def system(*, slug: str, label: str) -> SpectralSystem:
    return spectral_system(
        slug=slug,
        label=label,
        framing=FRAMING,
        processor=lambda: GainProcessor(Suppressor()),
        parameters={"exponent": 2, "floor": FLOOR} | noise_psd.PARAMETERS,
    )


class Suppressor:
    def __init__(self) -> None:
        self.noise = MmseSppNoise(hop_s=HOP_S, partial_frames=FRAMING.partial_frames)

    def __call__(self, power: NDArray[np.float64]) -> NDArray[np.float64]:
        noise = self.noise(power)
        ratio = power.sum(-1, keepdims=True) / noise.sum(-1, keepdims=True)
        a = over_subtraction(10 * np.log10(np.maximum(ratio, TINY)))
        return gains.spectral_subtraction(power, noise, over_subtraction=a, floor=FLOOR)


def over_subtraction(snr_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 4 - 0.15 SNR between -5 and 20 dB of SNR in the frame; 5 below, 1 above.

    At -5 dB the line itself is at 4.75: the step to 5 is that of [Loi13].
    """
    line = 4 - 0.15 * np.minimum(snr_db, HIGHEST_SNR_DB)
    return np.where(snr_db < LOWEST_SNR_DB, 5.0, line)
