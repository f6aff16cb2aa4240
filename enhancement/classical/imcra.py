"""Noise spectrum by improved minima controlled recursive averaging (IMCRA).

[Coh03] I. Cohen, Noise spectrum estimation in adverse environments: improved minima
        controlled recursive averaging, IEEE Trans. SAP 11(5), 2003.

The numbers are those of Cohen's program. Arrays are (frames, ..., bins): here the axis
of frames is the first, because most steps take all frames at once. Smoothing over bins
repeats the last one beyond the ends of the spectrum.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d
from scipy.signal.windows import hann

from enhancement.noise_psd import TINY
from enhancement.system import Parameters

Power = NDArray[np.float64]
Probability = NDArray[np.float64]

ALPHA_S = 0.9  # smoothing of the power over frames
ALPHA_D = 0.85  # smoothing of the noise where speech is absent
WIDTH = 1  # bins to each side that smoothing takes in
SUBWINDOWS, SUBWINDOW_FRAMES = 8, 15  # U and V: the minimum of some 120 frames
B_MIN = 1.66  # the mean over the minimum, in noise
GAMMA_0, GAMMA_1 = 4.6, 3.0  # thresholds of the power over the minimum
ZETA_0 = 1.67  # threshold of the smoothed power over the minimum
BETA = 1.47  # what averaging only where speech is absent loses
INITIAL_FRAMES = 14  # until then the minimum follows the smoothed power

PARAMETERS: Parameters = {
    "noise": "IMCRA (Cohen 2003)",
    "alpha_s": ALPHA_S,
    "alpha_d": ALPHA_D,
    "subwindows": SUBWINDOWS,
    "subwindow_frames": SUBWINDOW_FRAMES,
    "b_min": B_MIN,
    "gamma_0": GAMMA_0,
    "gamma_1": GAMMA_1,
    "zeta_0": ZETA_0,
    "beta": BETA,
}


class Imcra:
    """Hand in the frames to `absence`, then each of them to `update`."""

    def __init__(self, *, partial_frames: int) -> None:
        self.rough = SmoothedMinimum(partial_frames)
        self.fine = SmoothedMinimum(partial_frames)
        self.partial_frames = partial_frames
        self.frame = 0

    def absence(self, power: Power) -> Probability:
        """Return the prior probability that speech is absent from the next frames.

        1. Smooth the power and track its minimum; what lies near it is likely noise.
        2. Smooth again, over what is likely noise only, and track that minimum: now
           strong speech does not pull it up.
        3. The probability falls from 1 to 0 as the power rises from 1 to gamma_1 times
           the minimum; it is 0 where the smoothed power is above zeta_0 times it.
        """
        around = smooth_bins(power, WIDTH)
        # 1.
        level, minimum = self.rough.track(around, None)
        quiet = (power < GAMMA_0 * minimum) & (level < ZETA_0 * minimum)
        # 2.
        share = smooth_bins(quiet.astype(np.float64), WIDTH)
        known = share > 0
        noise_only = smooth_bins(quiet * power, WIDTH) / np.where(known, share, 1)
        _, minimum = self.fine.track(np.where(known, noise_only, around), known)
        # 3.
        q = np.clip((GAMMA_1 - power / minimum) / (GAMMA_1 - 1), 0, 1)
        return q * (level < ZETA_0 * minimum)

    def update(self, power: Power, p: Probability) -> None:
        """Average the noise on with one frame, where speech is present with p."""
        if self.frame <= self.partial_frames:
            self.average = np.maximum(power, TINY)
        else:
            step = (1 - ALPHA_D) * (1 - p) * (power - self.average)
            self.average = np.maximum(self.average + step, TINY)
        self.frame += 1

    def noise(self, power: Power) -> Power:
        """Return the noise power expected in the next frame, whose power is `power`."""
        return np.maximum(power, TINY) if self.frame == 0 else BETA * self.average


class SmoothedMinimum:
    """Smooth over frames; track the minimum of the last U x V frames in U parts."""

    def __init__(self, partial_frames: int) -> None:
        self.partial_frames = partial_frames
        self.parts: deque[Power] = deque(maxlen=SUBWINDOWS)
        self.frame = 0

    def track(self, x: Power, known: NDArray[np.bool_] | None) -> tuple[Power, Power]:
        """Return the smoothed power of the frames and `B_MIN` x its minimum.

        Where a frame is not known, the level stays; in the first frames, where there
        is no level yet, `x` counts everywhere.
        """
        level, minimum = np.empty_like(x), np.empty_like(x)
        for m in range(len(x)):
            self._step(x[m], True if known is None else known[m])
            level[m], minimum[m] = self.level, self.minimum
        return level, B_MIN * np.maximum(minimum, TINY)

    def _step(self, x: Power, known: NDArray[np.bool_] | bool) -> None:
        whole = self.frame - self.partial_frames  # frames not reaching back before 0
        if whole <= 0:
            self.level = x
        else:
            self.level = self.level + (1 - ALPHA_S) * known * (x - self.level)
        if whole <= INITIAL_FRAMES:
            self.minimum = self.recent = self.level
        else:
            self.minimum = np.minimum(self.minimum, self.level)
            self.recent = np.minimum(self.recent, self.level)
            if (whole - INITIAL_FRAMES) % SUBWINDOW_FRAMES == 0:
                self.parts.append(self.recent)
                self.minimum = np.minimum.reduce(list(self.parts))
                self.recent = self.level
        self.frame += 1


def smooth_bins(x: Power, width: int) -> Power:
    """Return `x`, shape (..., bins), smoothed by a Hann window of 2 width + 1 bins."""
    window = hann(2 * width + 3)[1:-1]  # without its zeros
    return correlate1d(x, window / window.sum(), axis=-1, mode="nearest")


def presence(q: Probability, xi: Power, v: Power) -> Probability:
    """Return the probability of speech, given its prior absence `q` and the frame.

    p = 1 / (1 + q / (1 - q) (1 + xi) exp(-v)) [Coh03], written so that q may be 1.
    """
    for_speech = 1 - q
    for_noise = q * (1 + xi) * np.exp(-v)
    return for_speech / np.maximum(for_speech + for_noise, TINY)
