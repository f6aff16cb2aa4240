"""Suppression by the decision-directed estimate of the a-priori SNR.

[EM84]  Y. Ephraim, D. Malah, Speech enhancement using a minimum mean-square error
        short-time spectral amplitude estimator, IEEE Trans. ASSP 32(6), 1984.
[Loi13] P. C. Loizou, Speech Enhancement: Theory and Practice, 2nd ed., CRC 2013:
        the numbers are those of its programs.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from enhancement import noise_psd
from enhancement.classical import FRAMING, HOP_S
from enhancement.noise_psd import MmseSppNoise
from enhancement.system import Parameters

Ratio = NDArray[np.float64]

ALPHA = 0.98  # weight of the last frame's estimate
XI_MIN_DB = -25.0
GAMMA_MAX = 40.0

PARAMETERS: Parameters = {
    "alpha": ALPHA,
    "xi_min_db": XI_MIN_DB,
    "gamma_max": GAMMA_MAX,
} | noise_psd.PARAMETERS

_XI_MIN = 10 ** (XI_MIN_DB / 10)


class Suppressor:
    """Find the gain of each frame by `rule(xi, gamma)`."""

    def __init__(self, rule: Callable[[Ratio, Ratio], Ratio]) -> None:
        self.rule = rule
        self.noise = MmseSppNoise(hop_s=HOP_S, partial_frames=FRAMING.partial_frames)
        self.clean: Ratio | None = None  # power estimated in the last frame

    def __call__(self, power: NDArray[np.float64]) -> NDArray[np.float64]:
        noise = self.noise(power)
        gamma = np.minimum(power / noise, GAMMA_MAX)
        before = 1.0 if self.clean is None else self.clean / noise
        xi = ALPHA * before + (1 - ALPHA) * np.maximum(gamma - 1, 0)
        gain = self.rule(np.maximum(xi, _XI_MIN), gamma)
        self.clean = np.square(gain) * power
        return gain
