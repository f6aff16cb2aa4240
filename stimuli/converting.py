"""From a file of any rate and channels to one of ours: 16 kHz FLAC, its hash, notes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enhancement.audio import AudioError, read, resample, write_flac
from enhancement.level import SilenceError, active_speech_level
from stimuli.layouts.contents import RoomResponses, Sound, Speech

RATE_HZ = 16_000
SILENT_DBFS = -60.0  # what peaks below is no recording
SHORTEST_S = 0.3  # of speech
Samples = NDArray[np.float64]


@dataclass(frozen=True)
class Converted:
    sound: Sound
    path: Path  # our file
    sha256: str
    frames: int
    notes: str


@dataclass(frozen=True)
class Heard:
    """A sound that was read: shape (frames,), of a room (2, frames)."""

    sound: Sound
    samples: Samples
    rate_hz: int
    notes: list[str] = field(default_factory=list)


def convert(sounds: Sequence[Sound], folder: Path) -> tuple[list[Converted], list[str]]:
    """Write into `folder` what belongs together; return it and what is wrong with it.

    1. Read each and look at it.
    2. What belongs together, as clean and noisy speech do, must be of one length.
    3. Resample; if that overshoots full scale, lower all of it by the same factor.
    4. Write.
    """
    heard, problems = [], []
    for sound in sounds:
        try:
            heard.append(_listen(sound))  # 1.
        except (AudioError, SilenceError) as error:
            problems.append(str(error))
    problems += _unequal(heard)  # 2.
    if problems:
        return [], problems
    return _write(heard, folder), []


def _listen(sound: Sound) -> Heard:
    x, rate_hz = read(sound.path)
    _check_silence(sound.path, x)
    if isinstance(sound, RoomResponses):
        _check_room(sound.path, x)
        return Heard(sound, x, rate_hz)
    notes = [f"mean of {len(x)} channels"] if len(x) > 1 else []
    mono = x.mean(axis=0)
    if isinstance(sound, Speech):
        _check_speech(sound.path, mono, rate_hz)
    return Heard(sound, mono, rate_hz, notes)


def _check_silence(path: Path, x: Samples) -> None:
    silent = abs(x).max(axis=1) < 10 ** (SILENT_DBFS / 20)
    if silent.all():
        raise SilenceError(
            f"{path}: silent (it never reaches {SILENT_DBFS:g} dBFS); "
            "record it again or take it away"
        )
    if silent.any():
        raise SilenceError(
            f"{path}: channel {int(silent.argmax()) + 1} of {len(x)} is silent; "
            "export the others alone"
        )


def _check_room(path: Path, x: Samples) -> None:
    if len(x) != 2:
        raise AudioError(
            f"{path}: {len(x)} channel(s), a room has 2: the impulse response from "
            "the talker and that from the noise; join them in one file"
        )


def _check_speech(path: Path, mono: Samples, rate_hz: int) -> None:
    if (seconds := len(mono) / rate_hz) < SHORTEST_S:
        raise AudioError(
            f"{path}: {seconds:.2f} s are too short for a sentence; take it away"
        )
    try:
        active_speech_level(mono, rate_hz)
    except SilenceError as error:
        raise SilenceError(
            f"{path}: {error}; record it again or take it away"
        ) from error


def _unequal(heard: list[Heard]) -> list[str]:
    """Say what is not as long as the first, of sounds that belong together."""
    if not heard:
        return []
    first, *others = heard
    return [
        f"{other.sound.path}: {_length(other)}, but {first.sound.path} has "
        f"{_length(first)}; cut both to the same length and rate"
        for other in others
        if _length(other) != _length(first)
    ]


def _length(heard: Heard) -> str:
    return f"{heard.samples.shape[-1]} frames at {heard.rate_hz} Hz"


def _write(heard: list[Heard], folder: Path) -> list[Converted]:
    resampled = [resample(each.samples, each.rate_hz, RATE_HZ) for each in heard]
    peak = max(float(abs(x).max()) for x in resampled)
    gain = 1 / peak if peak > 1 else 1.0
    converted = []
    for number, (each, x) in enumerate(zip(heard, resampled, strict=True)):
        kind = type(each.sound).__name__
        path = folder / f"{kind}-{each.sound.name[:60]}-{number}.flac"
        write_flac(path, gain * x, RATE_HZ)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        notes = "; ".join([*each.notes, *_changes(each.rate_hz, gain)])
        converted.append(Converted(each.sound, path, digest, x.shape[-1], notes))
    return converted


def _changes(rate_hz: int, gain: float) -> list[str]:
    changes = []
    if rate_hz != RATE_HZ:
        changes.append(f"resampled from {rate_hz / 1000:g} kHz")
    if rate_hz < RATE_HZ:
        changes.append(f"there is nothing above {rate_hz / 2000:g} kHz in it")
    if gain < 1:
        changes.append(f"lowered by {-20 * np.log10(gain):.1f} dB: it went beyond 1")
    return changes
