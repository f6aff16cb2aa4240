"""Draw what is mixed: a talker with companions in one room, and noises of many kinds.

All sounds have shape (samples,), float32; every draw comes from the generator handed
in.
"""

from collections.abc import Callable

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import butter, lfilter, sosfilt

from enhancement.training.configuration import DataConfig, MixingConfig
from enhancement.training.corpus import RATE_HZ, Corpus, Sound
from enhancement.training.material import Material

Rng = np.random.Generator

FRAME = 320  # samples, 20 ms
ACTIVE_DB = 30.0  # frames at most so far below the loudest are speech
FADE = 400  # samples where repeated noise is joined
LOWEST_HZ = (50.0, 80.0)  # below, there is no voice
BURST_S = (0.3, 1.8)
PAUSE_S = (0.2, 2.5)  # between bursts
EDGE = 800  # samples in which a burst comes, and goes


def scene(
    rng: Rng, material: Material, mixing: MixingConfig, samples: int
) -> tuple[Sound, Sound]:
    """Return the target and its distant companions, heard in one room.

    The target keeps its reverberation, and has active level 1. Companions are one or
    two talkers, or a television set, farther away than the target; their RMS is 1.
    """
    people = rng.random() < mixing.people_share and bool(material.people.recordings)
    x = talker(
        rng, material.people if people else material.speech, samples, (0.85, 1.15)
    )
    room = int(rng.integers(len(material.rooms.responses)))
    if rng.random() < mixing.reverberant_share:
        x = convolve(x, material.rooms.target(room))
    television = rng.random() < 0.35
    y = _television(rng, material, samples) if television else np.zeros_like(x)
    places = rng.permutation(material.rooms.interferers)
    y = convolve(y, material.rooms.interferer(room, places[0])) if television else y
    for place in places[1 : 2 + (rng.random() < 0.35)]:
        if not television or rng.random() < 0.3:
            other = any_talker(rng, material, samples)
            if rng.random() < 0.4:
                other = other * bursts(rng, samples)
            gain = 10 ** (rng.uniform(-8, 0) / 20)
            y = y + gain * unit(convolve(other, material.rooms.interferer(room, place)))
    x, y = (coloured(rng, high_passed(rng, part)) for part in (x, y))
    return x / active_rms(x), unit(y)


def noise(rng: Rng, material: Material, samples: int) -> Sound:
    """Return noise of one kind or of several at once, RMS 1."""
    x = unit(_KINDS[rng.choice(len(_KINDS), p=_WEIGHTS)](rng, material, samples))
    for kind, probability, level_db in (
        (_KINDS[rng.choice(len(_KINDS), p=_WEIGHTS)], 0.4, (-15, 0)),
        (steady, 0.3, (-30, -8)),
    ):
        if rng.random() < probability:
            gain = 10 ** (rng.uniform(*level_db) / 20)
            x = x + gain * unit(kind(rng, material, samples))
    return unit(coloured(rng, x))


def talker(rng: Rng, speech: Corpus, samples: int, speed: tuple[float, float]) -> Sound:
    """Return a stretch of one person's speech, at another speed (and pitch) or not.

    People are drawn alike, however much each has read: with many hours of few readers,
    a network knows these readers and no others.
    """
    person = speech.groups[int(rng.integers(len(speech.groups)))]
    recording = person[int(rng.integers(len(person)))]
    x = speech.sound(recording)
    if rng.random() < 0.8:
        x = respeed(x, rng.uniform(*speed))
    if len(x) >= samples:
        start = int(rng.integers(len(x) - samples + 1))
        return x[start : start + samples]
    padded = np.zeros(samples, np.float32)
    start = int(rng.integers(samples - len(x) + 1))
    padded[start : start + len(x)] = x
    return padded


def any_talker(rng: Rng, material: Material, samples: int) -> Sound:
    """Return unit-level speech of anyone: adults, or made higher as a child's."""
    people = rng.random() < 0.4 and bool(material.people.recordings)
    speed = (0.85, 1.15) if people else (0.85, 1.4)
    x = talker(rng, material.people if people else material.speech, samples, speed)
    return unit(x)


def ambient(rng: Rng, material: Material, samples: int) -> Sound:
    """Return one or two recorded noises, each in a room or not."""
    x = np.zeros(samples, np.float32)
    for _ in range(1 + (rng.random() < 0.35)):
        part = unit(_stretch(rng, material.noise, samples))
        x += 10 ** (rng.uniform(-10, 0) / 20) * _maybe_in_room(rng, material, part)
    return x


def babble(rng: Rng, material: Material, samples: int) -> Sound:
    """Return 6 to 20 talkers at random levels, in two places of a room."""
    halves = np.zeros((2, samples), np.float32)
    for i in range(int(rng.integers(6, 21))):
        gain = 10 ** (rng.uniform(-6, 0) / 20)
        halves[i % 2] += gain * any_talker(rng, material, samples)
    room = int(rng.integers(len(material.rooms.responses)))
    return convolve(halves[0], material.rooms.interferer(room, 0)) + convolve(
        halves[1], material.rooms.interferer(room, 1)
    )


def melody(rng: Rng, material: Material, samples: int) -> Sound:
    return _maybe_in_room(rng, material, _stretch(rng, material.music, samples))


def steady(rng: Rng, material: Material, samples: int) -> Sound:
    """Return noise of a random slope of spectrum, at times with a hum."""
    shape = rfft(rng.standard_normal(samples).astype(np.float32))
    hz = np.fft.rfftfreq(samples, 1 / RATE_HZ)
    slope = rng.uniform(-1.2, 0.2)
    x = unit(irfft(shape * np.maximum(hz, 40) ** slope, samples).astype(np.float32))
    if rng.random() < 0.3:
        t = np.arange(samples) / RATE_HZ
        for k in range(1, 8):
            x += rng.uniform(0, 0.3) * np.sin(2 * np.pi * k * 50 * t).astype(np.float32)
    return x


def events(rng: Rng, material: Material, samples: int) -> Sound:
    """Return what comes and goes in a home, in one room, over soft lasting noise.

    One to three of words, recorded noises and a television set, each in bursts at
    levels of their own. Such sounds set the SI-SDR of a mixture while most of its
    speech stays clear.
    """
    room = int(rng.integers(len(material.rooms.responses)))
    x = np.zeros(samples, np.float32)
    for _ in range(int(rng.integers(1, 4))):
        kind = _PASSING[rng.choice(len(_PASSING), p=_PASSING_WEIGHTS)]
        part = bursts(rng, samples) * unit(kind(rng, material, samples))
        place = int(rng.integers(material.rooms.interferers))
        gain = 10 ** (rng.uniform(-8, 0) / 20)
        x += gain * unit(convolve(part, material.rooms.interferer(room, place)))
    lasting = ambient if rng.random() < 0.6 else steady
    gain = 10 ** (rng.uniform(-20, -8) / 20)
    return unit(x) + gain * unit(lasting(rng, material, samples))


def bursts(rng: Rng, samples: int) -> Sound:
    """Return a gain, 0 but for bursts at -10 to 0 dB, shape (samples,); never all 0."""
    gains = np.zeros(samples, np.float32)
    latest_s = min(PAUSE_S[1], 0.625 * samples / RATE_HZ)
    start = round(rng.uniform(0, latest_s) * RATE_HZ) if rng.random() < 0.7 else 0
    while start < samples:
        length = round(rng.uniform(*BURST_S) * RATE_HZ)
        ramp = np.minimum(np.arange(length) / EDGE, 1)
        burst = 10 ** (rng.uniform(-10, 0) / 20) * ramp * ramp[::-1]
        gains[start : start + length] = burst[: samples - start]
        start += length + round(rng.uniform(*PAUSE_S) * RATE_HZ)
    return gains


def _television(rng: Rng, material: Material, samples: int) -> Sound:
    """Return speech with music below it, of a small loudspeaker's narrow band."""
    x = np.zeros(samples, np.float32)
    if rng.random() < 0.8:
        x += any_talker(rng, material, samples)
    if rng.random() < 0.7 or not x.any():
        gain = 10 ** (rng.uniform(-18, 0) / 20)
        x += gain * unit(_stretch(rng, material.music, samples))
    x = np.tanh(rng.uniform(0.2, 1.5) * x)  # broadcast compression
    spectrum = rfft(x)
    hz = np.fft.rfftfreq(samples, 1 / RATE_HZ)
    low, high = rng.uniform(80, 300), rng.uniform(4000, 8000)
    shape = 1 / np.sqrt((1 + (low / (hz + 1)) ** 4) * (1 + (hz / high) ** 6))
    return irfft(spectrum * shape.astype(np.float32), samples)


def _recorded(rng: Rng, material: Material, samples: int) -> Sound:
    return _stretch(rng, material.noise, samples)


Kind = Callable[[Rng, Material, int], Sound]
_KINDS: list[Kind] = [ambient, babble, melody, steady, events]
_WEIGHTS = (0.46, 0.09, 0.1, 0.08, 0.27)
_PASSING: list[Kind] = [any_talker, _recorded, _television]  # in `events`
_PASSING_WEIGHTS = (0.5, 0.35, 0.15)


def _stretch(rng: Rng, sounds: Corpus, samples: int) -> Sound:
    """Return a stretch of a recording, repeated with soft joints if it is too short."""
    recording = sounds.recordings[int(rng.integers(len(sounds.recordings)))]
    x = sounds.sound(recording)
    if len(x) > 2 * samples:
        start = int(rng.integers(len(x) - 2 * samples + 1))
        x = x[start : start + 2 * samples]
    if rng.random() < 0.5:
        x = respeed(x, rng.uniform(0.75, 1.3))
    while len(x) < samples:
        x = _joined(x, x)
    start = int(rng.integers(len(x) - samples + 1))
    return x[start : start + samples]


def _joined(x: Sound, y: Sound) -> Sound:
    n = min(FADE, len(x) // 4)
    ramp = np.linspace(0, 1, n, dtype=np.float32)
    middle = x[len(x) - n :] * (1 - ramp) + y[:n] * ramp
    return np.concatenate([x[: len(x) - n], middle, y[n:]])


def _maybe_in_room(rng: Rng, material: Material, x: Sound) -> Sound:
    if rng.random() < 0.4:
        return x
    room = int(rng.integers(len(material.rooms.responses)))
    place = int(rng.integers(material.rooms.interferers))
    return unit(convolve(x, material.rooms.interferer(room, place)))


def respeed(x: Sound, factor: float) -> Sound:
    """Return `x` faster (and higher) by `factor`."""
    return np.asarray(soxr.resample(x, RATE_HZ * factor, RATE_HZ, quality="LQ"))


def convolve(x: Sound, response: Sound) -> Sound:
    """Return the convolution, cut to the length of `x`."""
    n = next_fast_len(len(x) + len(response), real=True)
    return irfft(rfft(x, n) * rfft(response, n), n)[: len(x)]


def high_passed(rng: Rng, x: Sound) -> Sound:
    """Return `x` without what lies below a voice, as a microphone for speech hears it.

    Rumble of a recording, which the image-source method makes louder still (all its
    echoes add up at low frequencies), holds more energy than the voice in one of forty
    targets: a network would learn to keep what is noise everywhere else.
    """
    filters = butter(4, rng.uniform(*LOWEST_HZ), "high", fs=RATE_HZ, output="sos")
    return np.asarray(sosfilt(filters, x), np.float32)


def coloured(rng: Rng, x: Sound) -> Sound:
    """Return `x` through a random filter of second order, or as it is.

    Coefficients within +-3/8, as in the augmentation of RNNoise [J.-M. Valin, A hybrid
    DSP/deep learning approach to real-time full-band speech enhancement, 2018].
    """
    if rng.random() < 0.4:
        return x
    b1, b2, a1, a2 = rng.uniform(-0.375, 0.375, 4)
    return lfilter([1, b1, b2], [1, a1, a2], x).astype(np.float32)


def unit(x: Sound) -> Sound:
    """Return `x` at RMS 1; silence stays silence."""
    return x / max(float(np.sqrt(np.mean(x**2))), 1e-5)


def active_rms(x: NDArray[np.floating]) -> float:
    """Return the RMS over the frames within 30 dB of the loudest; at least 1e-5."""
    frames = x[: len(x) // FRAME * FRAME].reshape(-1, FRAME)
    power = np.mean(frames**2, axis=-1)
    active = power >= power.max() * 10 ** (-ACTIVE_DB / 10)
    return max(float(np.sqrt(power[active].mean())), 1e-5)


def clip_samples(config: DataConfig) -> int:
    return round(config.clip_s * RATE_HZ)
