"""Put speech, noise and room together at the ear: arrays in, arrays out.

Everything is at 16 kHz in float64, shape (samples,), full scale 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from enhancement import level
from stimuli.drawing import frames_of_mixture, frames_of_noise

Samples = NDArray[np.float64]

RATE_HZ = 16_000
SPEECH_LEVEL_DBOV = -26.0  # of the target where it is mixed; P.56's usual level
PEAK = 0.9  # of the mixture at most: a system may expect less than full scale


@dataclass(frozen=True)
class Material:
    """What a mixture is made of: speech and noise, or a mixture that came finished."""

    speech: Samples  # (samples,) clean
    snr_db: float
    noise: Samples | None = None  # (samples,) as recorded, from the offset on
    room: Samples | None = None  # (2, taps) from the talker, from the noise
    noisy: Samples | None = None  # (samples,) finished, as long as the speech


@dataclass(frozen=True)
class Mixed:
    """A mixture at the ear."""

    target: Samples  # (samples,) the speech with the room's answer
    noisy: Samples  # (samples,)
    target_level_dbov: float  # active speech level [P.56]
    measured_snr_db: float | None  # None: the finished mixture has no noise
    speech_gain_db: float  # put on the speech
    noise_gain_db: float | None  # put on the noise


def cut_noise(noise: Samples, *, offset: int, speech: int, room: int) -> Samples:
    """Return the piece of noise that a mixture needs; too short a noise begins again.

    Parameters
    ----------
    noise
        Shape (samples,).
    offset
        Sample at which the piece begins.
    speech, room
        Lengths of the utterance and of the impulse response, 0 without a room.
    """
    wanted = offset + np.arange(frames_of_noise(speech, room))
    return np.take(noise, wanted, mode="wrap")


def mix(material: Material) -> Mixed:
    """Return the mixture of `material`.

    1. Target: the speech through the room's first channel, with its whole tail.
    2. Noise through the second channel, which rings already when the mixture begins.
    3. The target goes to -26 dBov of active speech level, the noise to the SNR.
    4. If the peak of the mixture exceeds 0.9, both are turned down alike.

    A finished mixture is taken as it is. Raises `ValueError` if its length is not that
    of its speech, `level.SilenceError` if there is no speech or no noise.
    """
    if material.noisy is not None:
        return _finished(material.speech, material.noisy)
    if material.noise is None:
        raise ValueError("there is neither noise nor a finished mixture")
    # 1.
    target = _through(material.speech, material.room, 0)
    # 2.
    taps = 0 if material.room is None else material.room.shape[-1]
    noise = _through(material.noise, material.room, 1)
    noise = noise[max(taps - 1, 0) :][: frames_of_mixture(len(material.speech), taps)]
    # 3.
    found = level.active_speech_level(target, RATE_HZ).level_dbov
    gain_db = SPEECH_LEVEL_DBOV - found
    target = target * 10 ** (gain_db / 20)
    mixing = level.mix(target, noise, material.snr_db, rate_hz=RATE_HZ)
    # 4.
    down_db = min(0.0, 20 * float(np.log10(PEAK / np.abs(mixing.noisy).max())))
    down = 10 ** (down_db / 20)
    return Mixed(
        target=target * down,
        noisy=mixing.noisy * down,
        target_level_dbov=SPEECH_LEVEL_DBOV + down_db,
        measured_snr_db=mixing.measured_snr_db,
        speech_gain_db=gain_db + down_db,
        noise_gain_db=mixing.noise_gain_db + down_db,
    )


def _finished(speech: Samples, noisy: Samples) -> Mixed:
    if len(speech) != len(noisy):
        raise ValueError(
            f"the finished mixture has {len(noisy)} samples and its clean speech "
            f"{len(speech)}; import the pair again with equal lengths"
        )
    noise = noisy - speech
    snr_db = level.snr_db(speech, noise, rate_hz=RATE_HZ) if noise.any() else None
    found = level.active_speech_level(speech, RATE_HZ).level_dbov
    return Mixed(speech, noisy, found, snr_db, 0.0, None)


def _through(x: Samples, room: Samples | None, channel: int) -> Samples:
    return x if room is None else fftconvolve(x, room[channel])
