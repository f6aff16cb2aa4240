"""The optimally modified log-spectral amplitude estimator (OM-LSA).

[CB01]  I. Cohen, B. Berdugo, Speech enhancement for non-stationary noise environments,
        Signal Processing 81, 2001.
[Coh02] I. Cohen, Optimal speech enhancement under signal presence uncertainty using
        log-spectral amplitude estimator, IEEE Signal Processing Letters 9(4), 2002.

The noise comes from IMCRA. The numbers are those of Cohen's program; its later extras
(removal of tones, the test for broadband presence, a floor of white residual noise) are
left out. Arrays are (frames, ..., bins), as in `imcra`.
"""

import numpy as np
from numpy.typing import NDArray

from enhancement import gains
from enhancement.classical import imcra
from enhancement.classical.imcra import Imcra, presence, smooth_bins
from enhancement.spectral import SpectralSystem, power_of, spectral_system
from enhancement.stft import Framing, Spectra
from enhancement.system import Parameters

Ratio = NDArray[np.float64]
Probability = NDArray[np.float64]

FRAMING = Framing(window=512, hop=128, fft=512, root=False)

ALPHA_ETA = 0.95  # of the decision-directed a-priori SNR
GAIN_MIN_DB = -18.0  # where speech is absent; also the least a-priori SNR
ALPHA_XI = 0.7  # smoothing of the a-priori SNR over frames
LOCAL_BINS, GLOBAL_BINS = 1, 15
LOW_DB, HIGH_DB = -10.0, -5.0  # between these, presence rises from P_MIN to 1
PEAK_LOW_DB, PEAK_HIGH_DB = 0.0, 10.0
P_MIN = 0.005
Q_MAX = 0.998
LOWEST_BIN = 2  # 50 Hz: what lies below says nothing of speech in the frame

PARAMETERS: Parameters = {
    "alpha_eta": ALPHA_ETA,
    "gain_min_db": GAIN_MIN_DB,
    "alpha_xi": ALPHA_XI,
    "local_bins": LOCAL_BINS,
    "global_bins": GLOBAL_BINS,
    "presence_db": f"{LOW_DB} .. {HIGH_DB}",
    "peak_db": f"{PEAK_LOW_DB} .. {PEAK_HIGH_DB}",
    "p_min": P_MIN,
    "q_max": Q_MAX,
} | imcra.PARAMETERS

_XI_MIN = 10 ** (GAIN_MIN_DB / 10)
_LOG_GAIN_MIN = np.log(10) * GAIN_MIN_DB / 20


def system(*, slug: str, label: str) -> SpectralSystem:
    return spectral_system(
        slug=slug,
        label=label,
        framing=FRAMING,
        processor=OmLsa,
        parameters=PARAMETERS,
    )


class OmLsa:
    """Processor of frames: the gain is a weighted geometric mean [Coh02].

    G = G1^p Gmin^(1 - p), G1 the log-MMSE gain and p the probability of speech.
    """

    def __init__(self) -> None:
        self.noise = Imcra(partial_frames=FRAMING.partial_frames)
        self.prior = PriorAbsence()
        self.clean: Ratio | float = 1.0  # G1² gamma of the last frame

    def process(self, spectra: Spectra) -> Spectra:
        power = power_of(np.moveaxis(spectra, -2, 0))
        xi, v, gain = self._decide(power)
        p = presence(self.prior(xi), xi, v)
        gain = np.exp(p * np.log(gain) + (1 - p) * _LOG_GAIN_MIN)
        enhanced: Spectra = spectra * np.moveaxis(gain, 0, -2)
        return enhanced

    def _decide(self, power: Ratio) -> tuple[Ratio, Ratio, Ratio]:
        """Track the noise; return the a-priori SNR, v = gamma xi / (1 + xi), and G1."""
        absence = self.noise.absence(power)
        xi, v, gain = (np.empty_like(power) for _ in range(3))
        for m in range(len(power)):
            gamma = power[m] / self.noise.noise(power[m])
            decided = ALPHA_ETA * self.clean + (1 - ALPHA_ETA) * np.maximum(
                gamma - 1, 0
            )
            xi[m] = np.maximum(decided, _XI_MIN)
            w = gains.wiener(xi[m])
            v[m] = w * gamma
            gain[m] = w * gains.correction(v[m])
            self.clean = np.square(gain[m]) * gamma
            self.noise.update(power[m], presence(absence[m], xi[m], v[m]))
        return xi, v, gain


class PriorAbsence:
    """The prior probability that speech is absent, from the a-priori SNR [CB01].

    Speech is present where the SNR is high in the bin, around it, and in the frame:
    q = 1 - P_local P_global P_frame.
    """

    def __init__(self) -> None:
        self.zeta: Ratio | float = 0.0  # smoothed a-priori SNR
        self.mean: Ratio | float = 0.0  # of zeta, in the last frame
        self.peak_db: Ratio | float = PEAK_LOW_DB

    def __call__(self, xi: Ratio) -> Probability:
        zeta = np.empty_like(xi)
        for m in range(len(xi)):
            self.zeta = zeta[m] = ALPHA_XI * self.zeta + (1 - ALPHA_XI) * xi[m]
        local = _rise(_db(smooth_bins(zeta, LOCAL_BINS)))
        around = _rise(_db(smooth_bins(zeta, GLOBAL_BINS)))
        frame = self._frames(zeta[..., LOWEST_BIN:].mean(axis=-1))
        return np.minimum(1 - local * around * frame[..., None], Q_MAX)

    def _frames(self, mean: Ratio) -> Probability:
        """Return P_frame, shape (frames, ...), which falls late after a peak."""
        presence = np.empty_like(mean)
        for m, level_db in enumerate(_db(mean)):
            loud = level_db > LOW_DB
            rising = loud & (mean[m] >= self.mean)
            at_peak = np.clip(level_db, PEAK_LOW_DB, PEAK_HIGH_DB)
            self.peak_db = np.where(rising, at_peak, self.peak_db)
            falling = _rise(level_db - self.peak_db)
            presence[m] = np.where(rising, 1, np.where(loud, falling, P_MIN))
            self.mean = mean[m]
        return presence


def _rise(level_db: Ratio) -> Probability:
    """Return what rises from P_MIN to 1 between the two thresholds."""
    return P_MIN + (1 - P_MIN) * np.clip((level_db - LOW_DB) / (HIGH_DB - LOW_DB), 0, 1)


def _db(ratio: Ratio) -> Ratio:
    return 10 * np.log10(ratio)  # of what is at least its minimum, never 0
