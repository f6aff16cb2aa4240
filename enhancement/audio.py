"""Read and write files of sound, and resample. Nothing else touches such files.

Whatever is wrong with a file is an `AudioError` that names the file, the fault and what
to do. A file is written aside and renamed, so that it appears whole or not at all.
"""

import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import soxr
from numpy.typing import ArrayLike, NDArray

Samples = NDArray[np.float64]

FLOAT_SUBTYPES = ("FLOAT", "DOUBLE")
WHOLE = -1  # frames of a block: all
UNKNOWN_SIZE = 0x7FFF0000  # this or more is written by programs that write to a pipe


class AudioError(Exception):
    """A file of sound that cannot be used; says which, why and what to do."""


def read(path: str | os.PathLike[str]) -> tuple[Samples, int]:
    """Return the sound of a file, shape (channels, frames), and its rate in Hz.

    Full scale is 1. Raises `AudioError` if the file is missing, empty, truncated, not
    audio, or holds NaN or infinity.
    """
    with opened(path) as source:
        (x,) = source.blocks(WHOLE)
        return np.ascontiguousarray(x), source.rate_hz


class Source:
    """A file of sound that is read block by block."""

    def __init__(self, path: Path, file: soundfile.SoundFile) -> None:
        self.path = path
        self._file = file
        self.rate_hz = int(file.samplerate)
        self.channels = int(file.channels)
        self.frames = int(file.frames)
        self.container = str(file.format)  # libsndfile's names: WAV, FLAC, OGG ...
        self.subtype = str(file.subtype)  # PCM_16, FLOAT, VORBIS ...

    def blocks(self, frames: int) -> Iterator[Samples]:
        """Yield blocks (channels, up to `frames`); the errors are those of `read`."""
        done = 0
        while (x := self._next(frames)).size:
            self._check_finite(x, done)
            done += x.shape[-1]
            yield x
        if done < self.frames:
            raise AudioError(
                f"{self.path}: truncated, {done} of {self.frames} frames are there; "
                "copy the file again"
            )
        if done == 0:
            raise AudioError(f"{self.path}: there is no sound in it (0 frames)")

    def _next(self, frames: int) -> Samples:
        try:
            x: Samples = self._file.read(frames, dtype="float64", always_2d=True).T
        except soundfile.LibsndfileError as error:
            raise _unreadable(self.path, error) from error
        return x

    def _check_finite(self, x: Samples, before: int) -> None:
        if not np.isfinite(x).all():
            bad = before + int(np.argmax(~np.isfinite(x).all(axis=0)))
            raise AudioError(
                f"{self.path}: NaN or infinity at frame {bad}; make the file again"
            )


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[Source]:
    """Open a file of sound; `AudioError` if it is missing, cut off or not audio."""
    path = Path(path)
    _check_size(path)
    try:
        file = soundfile.SoundFile(path)
    except soundfile.LibsndfileError as error:
        raise _unreadable(path, error) from error
    with file:
        yield Source(path, file)


def _unreadable(path: Path, error: soundfile.LibsndfileError) -> AudioError:
    reason = str(error.error_string).rstrip(".")
    return AudioError(
        f"{path}: cannot be read as audio ({reason}); convert it to WAV or FLAC"
    )


def read_mono(path: str | os.PathLike[str], *, rate_hz: int = 16_000) -> Samples:
    """Return the mean of a file's channels at `rate_hz`, shape (frames,)."""
    x, from_hz = read(path)
    return resample(x.mean(axis=0), from_hz, rate_hz)


def resample(x: ArrayLike, from_hz: int, to_hz: int) -> Samples:
    """Return `x` of shape (..., samples) at another rate, without delay (soxr VHQ)."""
    x = np.array(x, dtype=np.float64)
    if from_hz == to_hz or x.size == 0:
        return x
    rows = x.reshape(-1, x.shape[-1])
    y = [soxr.resample(row, from_hz, to_hz, quality="VHQ") for row in rows]
    return np.stack(y).reshape(*x.shape[:-1], -1)


class Resampler:
    """Resamples sound (channels, samples) that comes in blocks, as `resample` does."""

    def __init__(self, from_hz: int, to_hz: int, channels: int) -> None:
        self._same = from_hz == to_hz
        self._stream = soxr.ResampleStream(
            from_hz, to_hz, channels, dtype="float64", quality="VHQ"
        )

    def process(self, x: Samples, *, last: bool = False) -> Samples:
        """Take the next block, any length; return what is ready, all if the last."""
        if self._same:
            return x
        y: Samples = self._stream.resample_chunk(np.ascontiguousarray(x.T), last=last)
        return y.T


def write_flac(
    path: str | os.PathLike[str],
    samples: ArrayLike,
    rate_hz: int,
    *,
    subtype: str = "PCM_24",
) -> None:
    """Write sound of shape (frames,) or (channels, frames) as FLAC."""
    write(path, samples, rate_hz, container="FLAC", subtype=subtype)


def write(
    path: str | os.PathLike[str],
    samples: ArrayLike,
    rate_hz: int,
    *,
    container: str,
    subtype: str,
) -> None:
    """Write sound in any container and subtype of libsndfile, whole or not at all.

    Integer formats hold nothing beyond full scale: that is an `AudioError`, never
    silently clipped.
    """
    x = _for_writing(samples)
    kind = {"container": container, "subtype": subtype}
    with writing(path, rate_hz, channels=len(x), **kind) as add:
        add(x)


@contextmanager
def writing(
    path: str | os.PathLike[str],
    rate_hz: int,
    *,
    channels: int,
    container: str,
    subtype: str,
) -> Iterator[Callable[[Samples], None]]:
    """Give a function that adds a block (channels, frames) to a file, as `write` does.

    The file appears when all went well; after an exception it does not.
    """
    path = Path(path)

    def add(x: Samples) -> None:
        if subtype not in FLOAT_SUBTYPES:
            _check_peak(path, x)
        file.write(x.T)

    kind = {"format": container, "subtype": subtype}
    with _aside(path) as part:
        try:
            file = soundfile.SoundFile(part, "w", rate_hz, channels, **kind)
        except (soundfile.LibsndfileError, ValueError) as error:
            raise AudioError(
                f"{path}: cannot be written as {container} {subtype} ({error})"
            ) from error
        with file:
            yield add


def write_pcm16(path: str | os.PathLike[str], samples: ArrayLike, rate_hz: int) -> None:
    """Write 16-bit PCM WAV: a header of exactly 44 bytes, the samples, nothing else.

    Shape (frames,) or (channels, frames). Equal shapes give files of equal size.
    """
    path, x = Path(path), _for_writing(samples)
    _check_peak(path, x)
    data = np.clip(np.rint(x.T * 32768), -32768, 32767).astype("<i2").tobytes()
    with _aside(path) as part, part.open("wb") as file:
        file.write(_header(len(data), channels=len(x), rate_hz=rate_hz))
        file.write(data)


def _header(size: int, *, channels: int, rate_hz: int) -> bytes:
    """Return the canonical RIFF header of 16-bit PCM: RIFF, fmt of 16 bytes, data."""
    fmt = (1, channels, rate_hz, rate_hz * channels * 2, channels * 2, 16)
    riff = struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE")
    chunk = struct.pack("<4sIHHIIHH", b"fmt ", 16, *fmt)
    return riff + chunk + struct.pack("<4sI", b"data", size)


def _for_writing(samples: ArrayLike) -> Samples:
    x = np.atleast_2d(np.asarray(samples, dtype=np.float64))
    if x.ndim != 2:
        raise ValueError(f"shape {x.shape}: wants (frames,) or (channels, frames)")
    if not np.isfinite(x).all():
        raise ValueError("sound to be written holds NaN or infinity")
    return x


@contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """Give a name to write to; rename it to `path` if all went well."""
    part = path.with_name(path.name + ".part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _check_size(path: Path) -> None:
    if not path.is_file():
        raise AudioError(f"{path}: there is no such file")
    if path.stat().st_size == 0:
        raise AudioError(f"{path}: the file is empty; copy it again")
    with path.open("rb") as file:
        missing = _missing_bytes(file, path.stat().st_size)
    if missing > 0:
        raise AudioError(
            f"{path}: truncated, {missing} bytes that its header promises are missing; "
            "copy the file again"
        )


def _missing_bytes(file: BinaryIO, size: int) -> int:
    """Return how many bytes of a WAV's data chunk are not there; 0 if not a WAV.

    libsndfile reads what is there and says nothing.
    """
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return 0
    while len(chunk := file.read(8)) == 8:
        name, length = struct.unpack("<4sI", chunk)
        if name == b"data":
            there = size - file.tell()
            return 0 if length >= UNKNOWN_SIZE else max(0, length - there)
        file.seek(length + length % 2, os.SEEK_CUR)
    return 0


def _check_peak(path: Path, x: Samples) -> None:
    peak = float(np.abs(x).max(initial=0.0))
    if peak > 1.0:
        raise AudioError(
            f"{path}: peak {peak:.3f} is beyond full scale and would be clipped; "
            "lower the gain or write a float format"
        )
