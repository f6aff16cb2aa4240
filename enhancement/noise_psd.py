"""Estimate the noise's power spectrum from noisy speech.

[GH11] T. Gerkmann, R. C. Hendriks, Noise power estimation based on the probability of
       speech presence, IEEE WASPAA 2011. The smoothing is given there per frame of
       16 ms; here by its time constants, so that other hops track alike.
"""

import numpy as np
from numpy.typing import NDArray

from enhancement.system import Parameters

Power = NDArray[np.float64]

SNR_SPEECH_DB = 15.0  # a-priori SNR that speech would have
SMOOTHING_S = 0.0717  # of the noise power; 0.8 a frame of 16 ms
PRESENCE_SMOOTHING_S = 0.152  # of the presence probability; 0.9 a frame of 16 ms
STAGNATION = 0.99  # above this average presence, noise is let in by 1 %
INITIAL_FRAMES = 6  # taken to be noise

TINY = 1e-20  # a power that no recording has; keeps divisions finite

PARAMETERS: Parameters = {
    "noise": "MMSE-SPP (Gerkmann & Hendriks 2011)",
    "noise_snr_speech_db": SNR_SPEECH_DB,
    "noise_smoothing_s": SMOOTHING_S,
    "noise_presence_smoothing_s": PRESENCE_SMOOTHING_S,
    "noise_initial_frames": INITIAL_FRAMES,
}


class MmseSppNoise:
    """Track the noise power by the probability that speech is present [GH11].

    In steady noise alone it settles some 1 dB below the truth, as an estimator must
    whose fixed point leaves out the loud part of the noise it takes for speech.

    Causal: the average of the first frames is used as far as it has come. Frames that
    reach back before the beginning hold too little power, and only the last is kept.
    """

    def __init__(self, *, hop_s: float, partial_frames: int) -> None:
        self.partial_frames = partial_frames
        self.alpha = float(np.exp(-hop_s / SMOOTHING_S))
        self.alpha_presence = float(np.exp(-hop_s / PRESENCE_SMOOTHING_S))
        self.xi = 10 ** (SNR_SPEECH_DB / 10)
        self.frame = 0

    def __call__(self, power: Power) -> Power:
        """Take the power (..., bins) of the next frame; return that of the noise."""
        heard = self.frame - self.partial_frames  # whole frames before this one
        if heard <= 0:
            self.noise = np.maximum(power, TINY)
            self.presence = np.full_like(power, 0.5)
        elif heard < INITIAL_FRAMES:
            self.noise = np.maximum(
                self.noise + (power - self.noise) / (heard + 1), TINY
            )
        else:
            self._update(power)
        self.frame += 1
        return self.noise

    def _update(self, power: Power) -> None:
        # 1. Probability of speech, with equal priors
        evidence = power * (self.xi / (1 + self.xi)) / self.noise
        p = 1 / (1 + (1 + self.xi) * np.exp(-evidence))
        # 2. Where it stays near 1, the noise may have risen: do not lock up
        self.presence += (1 - self.alpha_presence) * (p - self.presence)
        p = np.where(self.presence > STAGNATION, np.minimum(p, STAGNATION), p)
        # 3. Expected noise power given the frame, smoothed
        step = (1 - self.alpha) * (1 - p) * (power - self.noise)
        self.noise = np.maximum(self.noise + step, TINY)
