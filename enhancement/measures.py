"""Objective scores of an estimate of speech against the clean reference.

References
----------
[LeR19] J. Le Roux, S. Wisdom, H. Erdogan, J. R. Hershey, SDR - half-baked or well
        done?, ICASSP 2019.
[Vin06] E. Vincent, R. Gribonval, C. Févotte, Performance measurement in blind audio
        source separation, IEEE Trans. ASLP 14(4), 2006.
[Taa11] C. Taal, R. Hendriks, R. Heusdens, J. Jensen, An algorithm for intelligibility
        prediction of time-frequency weighted noisy speech, IEEE Trans. ASLP 19(7),
        2011.
[P862] ITU-T Recommendation P.862.2, Wideband extension to P.862, 2007.
[Jen16] J. Jensen, C. Taal, An algorithm for predicting the intelligibility of speech
        masked by modulated noise maskers, IEEE/ACM Trans. ASLP 24(11), 2016.
"""

import warnings
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import fast_bss_eval.numpy as bss_eval
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray
from pystoi import utils as pystoi_utils
from pystoi.stoi import DYN_RANGE, FS, N_FRAME, NFFT, NUMBAND, OBM, N
from pystoi.stoi import stoi as pystoi

from enhancement.level import SilenceError

Samples = NDArray[np.float64]

SDR_TAPS = 512
LIMIT_DB = 100.0  # a perfect estimate has this instead of infinity


@dataclass(frozen=True)
class Scores:
    si_sdr_db: float
    sdr_db: float
    stoi: float
    estoi: float
    pesq_wb: float | None = None  # None: the extra `pesq` is not installed


class PesqMissing(ImportError):
    """PESQ is asked for and its extra is not installed."""


def score(reference: ArrayLike, estimate: ArrayLike, *, rate_hz: int) -> Scores:
    """Return all scores of an estimate; both of shape (samples,) and in step.

    PESQ is among them where its extra is installed.

    Raises
    ------
    SilenceError
        If either is silent.
    ValueError
        If lengths differ, less than 0.4 s of speech is left for STOI, or PESQ finds no
        utterance.
    """
    return Scores(
        si_sdr_db(reference, estimate),
        sdr_db(reference, estimate),
        stoi(reference, estimate, rate_hz=rate_hz),
        estoi(reference, estimate, rate_hz=rate_hz),
        pesq_wb(reference, estimate, rate_hz=rate_hz) if has_pesq() else None,
    )


def si_sdr_db(reference: ArrayLike, estimate: ArrayLike) -> float:
    """Return the scale-invariant signal-to-distortion ratio [LeR19], within +-100 dB.

    As defined there; means are not taken out.
    """
    s, y = _pair(reference, estimate)
    s, y = s / np.linalg.norm(s), y / np.linalg.norm(y)
    target = (y @ s) * s
    signal, distortion = np.sum(target**2), np.sum((y - target) ** 2)
    floor = 10 ** (-LIMIT_DB / 10)
    ratio = max(signal, floor) / max(distortion, floor)
    return float(np.clip(10 * np.log10(ratio), -LIMIT_DB, LIMIT_DB))


def sdr_db(reference: ArrayLike, estimate: ArrayLike) -> float:
    """Return the SDR of BSS-eval [Vin06] with a filter of 512 taps, within +-100 dB.

    The diagonal is loaded by 1e-10 so that a reference of few frequencies has a score.
    """
    s, y = _pair(reference, estimate)
    s, y = s / np.linalg.norm(s), y / np.linalg.norm(y)  # it wants norms above 1e-6
    ratio = bss_eval.sdr(s[None], y[None], SDR_TAPS, clamp_db=LIMIT_DB, load_diag=1e-10)
    return float(ratio[0])


def stoi(reference: ArrayLike, estimate: ArrayLike, *, rate_hz: int) -> float:
    """Return the short-time objective intelligibility [Taa11]."""
    s, y = _pair(reference, estimate)
    _enough_speech(_segments(s, y, rate_hz)[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        return float(pystoi(s, y, rate_hz))


def estoi(reference: ArrayLike, estimate: ArrayLike, *, rate_hz: int) -> float:
    """Return the extended STOI [Jen16].

    Bands and segments are pystoi's; its normalisation is not used, since that adds
    noise from NumPy's global generator to avoid a division by zero. Here a constant
    row or column counts as zero.
    """
    s, y = _segments(*_pair(reference, estimate), rate_hz)
    _enough_speech(s)
    s, y = _row_column_normalised(s), _row_column_normalised(y)
    return float(np.sum(s * y) / N / len(s))


def has_pesq() -> bool:
    """Say whether the extra `pesq` is installed."""
    try:
        _pesq()
    except PesqMissing:
        return False
    return True


def pesq_wb(reference: ArrayLike, estimate: ArrayLike, *, rate_hz: int) -> float:
    """Return the wide-band PESQ [P862], from 1.04 to 4.64, at 16 kHz.

    Raises
    ------
    PesqMissing
        Without the extra `pesq`.
    ValueError
        At another rate, or if no utterance is found.
    """
    s, y = _pair(reference, estimate)
    if rate_hz != 16_000:
        raise ValueError(f"wide-band PESQ wants 16000 Hz, not {rate_hz}")
    program = _pesq()
    try:
        return float(program.pesq(rate_hz, s, y, "wb"))
    except program.PesqError as error:
        raise ValueError(f"PESQ cannot score it: {error!r}") from error


def _pesq() -> Any:
    try:
        return import_module("pesq")
    except ImportError as error:
        raise PesqMissing("PESQ needs its extra: uv sync --extra pesq") from error


def _segments(s: Samples, y: Samples, rate_hz: int) -> tuple[Samples, Samples]:
    """Return the segments of 0.4 s of both, shape (segments, bands, frames)."""
    if rate_hz != FS:
        s = pystoi_utils.resample_oct(s, FS, rate_hz)
        y = pystoi_utils.resample_oct(y, FS, rate_hz)
    none = np.empty((0, NUMBAND, N))
    if len(s) <= N_FRAME:  # not a frame
        return none, none
    hop = N_FRAME // 2
    s, y = pystoi_utils.remove_silent_frames(s, y, DYN_RANGE, N_FRAME, hop)
    if len(s) < N_FRAME + hop * N:
        return none, none
    return _cut(s), _cut(y)


def _cut(x: Samples) -> Samples:
    spectra = pystoi_utils.stft(x, N_FRAME, NFFT, overlap=2)
    bands = np.sqrt(np.square(np.abs(spectra)) @ OBM.T)
    return sliding_window_view(bands, N, axis=0)


def _row_column_normalised(x: Samples) -> Samples:
    for axis in (-1, -2):
        x = x - x.mean(axis=axis, keepdims=True)
        norm = np.linalg.norm(x, axis=axis, keepdims=True)
        x = np.divide(x, norm, out=np.zeros_like(x), where=norm > 0)
    return x


def _enough_speech(segments: Samples) -> None:
    if not len(segments):
        raise ValueError(
            "too short for STOI: it wants 30 frames (0.4 s) of speech after pauses"
        )


def _pair(reference: ArrayLike, estimate: ArrayLike) -> tuple[Samples, Samples]:
    s = np.asarray(reference, dtype=np.float64)
    y = np.asarray(estimate, dtype=np.float64)
    if s.ndim != 1 or s.shape != y.shape:
        raise ValueError(
            f"shapes {s.shape} and {y.shape}: wants two of one shape (samples,)"
        )
    for name, x in [("reference", s), ("estimate", y)]:
        if not np.isfinite(x).all():
            raise ValueError(f"the {name} holds NaN or infinity")
        if not x.any():
            raise SilenceError(f"the {name} is silent: it has no score")
    return s, y
