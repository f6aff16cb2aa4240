"""Levels: active speech, loudness, true peak; mixing at an SNR; fades.

A level in dBov is relative to digital full scale, of which a square wave is 0 dBov: a
full-scale sine is at -3.01 dBov.

References
----------
[P56]   ITU-T P.56 (12/2011), Objective measurement of active speech level, method B.
[BS]    ITU-R BS.1770-4 (10/2015), loudness and true peak.
[Vin06] E. Vincent, R. Gribonval, C. Févotte, Performance measurement in blind audio
        source separation, IEEE Trans. ASLP 14(4), 2006.
"""

from dataclasses import dataclass

import numpy as np
import pyloudnorm
from numpy.typing import ArrayLike, NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.linalg import solve, toeplitz
from scipy.ndimage import maximum_filter1d
from scipy.signal import lfilter

from enhancement.audio import resample

Samples = NDArray[np.float64]
Spectrum = NDArray[np.complex128]

ENVELOPE_TIME_S = 0.03  # [P56] time constant of smoothing
HANGOVER_S = 0.2  # [P56]
MARGIN_DB = 15.9  # [P56] between threshold and active level
THRESHOLDS = 2.0 ** np.arange(-24, 1)  # of full scale; [P56] wants a factor of 2

PROJECTION_TAPS = 128
PROJECTION_ADVANCE = 64  # of these, so many look ahead


class SilenceError(ValueError):
    """There is nothing to measure in the sound."""


@dataclass(frozen=True)
class ActiveSpeechLevel:
    level_dbov: float  # of the active part
    activity: float  # share of the time that is active, 0..1
    long_term_level_dbov: float  # of everything


@dataclass(frozen=True)
class Mixing:
    noisy: Samples  # shape of the target
    noise_gain_db: float  # that was given to the noise
    measured_snr_db: float  # of the parts as they stand in the mixture


def rms_dbov(x: ArrayLike) -> float:
    """Return the long-term level of sound of shape (samples,); -inf for silence."""
    x = np.asarray(x, dtype=np.float64)
    power = float(np.mean(np.square(x))) if x.size else 0.0
    return 10 * float(np.log10(power)) if power > 0 else float("-inf")


def active_speech_level(x: ArrayLike, rate_hz: int) -> ActiveSpeechLevel:
    """Return the active speech level by method B of [P56].

    1. The envelope: |x| smoothed twice with a time constant of 30 ms.
    2. For thresholds a factor of 2 apart: the time during which the envelope reaches
       the threshold, or did so within the last 200 ms (the hangover).
    3. The level as if only this time counted falls as the threshold falls; where it
       lies 15.9 dB above the threshold, by linear interpolation, is the active level.

    Parameters
    ----------
    x
        Shape (samples,), full scale 1. [P56] foresees thresholds for 16 bits; ours go
        on down to -144 dBov, which changes no level that 16 bits can hold.

    Raises
    ------
    SilenceError
        If no envelope is found whose level is at least 15.9 dB above a threshold.
    """
    x = _mono(x)
    # 1.
    g = np.exp(-1 / (rate_hz * ENVELOPE_TIME_S))
    envelope = np.abs(x)
    for _ in range(2):
        envelope = lfilter([1 - g], [1, -g], envelope)
    # 2. A trailing maximum: the hangover of every threshold at once
    held = _trailing_maximum(envelope, round(HANGOVER_S * rate_hz) + 1)
    active = np.count_nonzero(held >= THRESHOLDS[:, None], axis=-1)
    # 3.
    reached = active > 0
    energy = float(np.sum(np.square(x)))
    threshold_db = 20 * np.log10(THRESHOLDS[reached])
    with np.errstate(divide="ignore"):
        level_db = 10 * np.log10(energy / active[reached])
    level = _cross(level_db, level_db - threshold_db)
    long_term = rms_dbov(x)
    return ActiveSpeechLevel(level, 10 ** ((long_term - level) / 10), long_term)


def _trailing_maximum(x: Samples, length: int) -> Samples:
    """Return at each sample the maximum of the last `length`, itself among them."""
    # The filter's window is centred: of an even length, it looks back one sample more
    shift = (length - 1) // 2
    return maximum_filter1d(x, length, mode="constant", cval=0.0, origin=shift)


def _cross(level_db: Samples, margin_db: Samples) -> float:
    """Return the level where the margin, as the threshold rises, falls to 15.9 dB."""
    below = np.flatnonzero(margin_db <= MARGIN_DB)
    if not len(margin_db) or not np.isfinite(level_db[0]) or below[:1] == [0]:
        raise SilenceError("there is no speech to measure: the sound is silent")
    if not len(below):  # so short that its envelope never rose near its level
        raise SilenceError("there is no speech to measure: the sound is too short")
    j = int(below[0])
    share = (margin_db[j - 1] - MARGIN_DB) / (margin_db[j - 1] - margin_db[j])
    return float(level_db[j - 1] + share * (level_db[j] - level_db[j - 1]))


def snr_db(target: ArrayLike, noise: ArrayLike, *, rate_hz: int) -> float:
    """Return the active speech level of the target over the noise's long-term level.

    Broadband; both of shape (samples,). Pauses of the speech do not count, pauses of
    the noise do.
    """
    noise_dbov = _noise_dbov(_mono(noise))
    return active_speech_level(target, rate_hz).level_dbov - noise_dbov


def mix(target: ArrayLike, noise: ArrayLike, snr_db: float, *, rate_hz: int) -> Mixing:
    """Return target + noise, the noise at such a gain that the SNR is `snr_db`.

    The SNR is that of the function `snr_db`. Both of shape (samples,) and of equal
    length; neither is changed, and the target keeps its level.
    """
    target, noise = _mono(target), _mono(noise)
    if target.shape != noise.shape:
        raise ValueError(
            f"target has {len(target)} samples and noise {len(noise)}; cut the noise"
        )
    speech_dbov = active_speech_level(target, rate_hz).level_dbov
    gain_db = speech_dbov - _noise_dbov(noise) - snr_db
    scaled = noise * 10 ** (gain_db / 20)
    return Mixing(target + scaled, gain_db, speech_dbov - _noise_dbov(scaled))


def _noise_dbov(noise: Samples) -> float:
    level = rms_dbov(noise)
    if not np.isfinite(level):
        raise SilenceError("the noise is silent: no SNR can be reached with it")
    return level


def true_peak_dbtp(x: ArrayLike, rate_hz: int) -> float:
    """Return the true peak of sound of shape (..., samples) in dBTP; -inf for silence.

    Oversampled four times as in [BS, Annex 2], or more where the rate is below 44.1
    kHz: the aim there is 192 kHz.
    """
    x = np.asarray(x, dtype=np.float64)
    factor = max(4, round(192_000 / rate_hz))
    between = resample(x, rate_hz, factor * rate_hz)
    peak = max(np.abs(x).max(initial=0.0), np.abs(between).max(initial=0.0))
    return 20 * float(np.log10(peak)) if peak > 0 else float("-inf")


def loudness_lufs(x: ArrayLike, rate_hz: int) -> float:
    """Return the gated loudness of one channel of sound [BS], shape (samples,).

    Counted as one channel: the same sound from two loudspeakers is 3 LU louder.
    """
    x = _mono(x)
    if len(x) < 0.4 * rate_hz:
        raise SilenceError("too short for a loudness: BS.1770 wants 0.4 s or more")
    # The filters of this name are those of the standard's tables, at any rate
    meter = pyloudnorm.Meter(rate_hz, filter_class="DeMan")
    loudness = float(meter.integrated_loudness(x))
    if not np.isfinite(loudness):
        raise SilenceError("too quiet for a loudness: below the gate of -70 LUFS")
    return loudness


def speech_component_gain_db(
    enhanced: ArrayLike, reference: ArrayLike, interference: ArrayLike | None = None
) -> float:
    """Return how much louder the speech in `enhanced` is than `reference`, in dB.

    The speech in `enhanced` is what a filter of the reference explains, beside what a
    filter of the interference explains: the target component of a least-squares
    projection onto shifted copies of both [Vin06]. Without the interference, noise that
    happens to resemble speech is counted as speech: some tenths of a dB at low SNR.

    128 shifts, from -64 to 63 samples: what we compare is aligned, and filters without
    phase reach both ways. All of shape (samples,).
    """
    y, s = _mono(enhanced), _mono(reference)
    sources = [s]
    if interference is not None and np.any(interference):
        sources.append(_mono(interference))
    if any(source.shape != y.shape for source in sources):
        raise ValueError(f"lengths differ: {[len(x) for x in (y, *sources)]}")
    if not s.any():
        raise SilenceError("the reference is silent: there is no speech to look for")
    R, b = _normal_equations(y, sources)
    load = np.repeat([1e-10 * (x @ x) for x in sources], PROJECTION_TAPS)
    h = solve(R + np.diag(load), b, assume_a="pos")  # a pure tone spans 2 dimensions
    h_s = h[:PROJECTION_TAPS]
    found = float(h_s @ R[:PROJECTION_TAPS, :PROJECTION_TAPS] @ h_s)
    if found <= 0:
        raise SilenceError("nothing of the reference is in the enhanced sound")
    return 10 * float(np.log10(found / (s @ s)))


def _normal_equations(y: Samples, sources: list[Samples]) -> tuple[Samples, Samples]:
    """Return inner products of all shifted sources, and of these with `y`."""
    n = next_fast_len(len(y) + PROJECTION_TAPS, real=True)
    spectra = [rfft(x, n) for x in sources]
    Y = rfft(y, n)

    def between(P: Spectrum, Q: Spectrum) -> Samples:
        r: Samples = irfft(P.conj() * Q, n)
        backwards = r[-np.arange(PROJECTION_TAPS)]  # negative lags wrap around
        return np.asarray(toeplitz(r[:PROJECTION_TAPS], backwards))

    R = np.block([[between(P, Q) for Q in spectra] for P in spectra])
    with_y = [np.roll(irfft(P.conj() * Y, n), PROJECTION_ADVANCE) for P in spectra]
    return R, np.concatenate([r[:PROJECTION_TAPS] for r in with_y])


def fade(x: ArrayLike, rate_hz: int, seconds: float = 0.010) -> Samples:
    """Return `x`, shape (..., samples), with raised-cosine fades at both ends."""
    y = np.array(x, dtype=np.float64)
    n = min(round(seconds * rate_hz), y.shape[-1] // 2)
    ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(n) + 0.5) / max(n, 1))
    y[..., :n] *= ramp
    y[..., y.shape[-1] - n :] *= ramp[::-1]
    return y


def _mono(x: ArrayLike) -> Samples:
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 1:
        raise ValueError(f"shape {x.shape}: wants one channel, shape (samples,)")
    if not np.isfinite(x).all():
        raise ValueError("the sound holds NaN or infinity")
    return x
