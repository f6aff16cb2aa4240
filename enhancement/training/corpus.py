"""Folders of recordings, decoded once into one memory-mapped file of 16-bit samples.

A corpus on disk is `NAME.npy` (all recordings at 16 kHz, one behind the other) and
`NAME.json` (path, start, length and group of each). Every process that opens it shares
the operating system's cache.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enhancement.audio import AudioError, read_mono

RATE_HZ = 16_000
AUDIO_SUFFIXES = (".wav", ".flac", ".ogg", ".opus")
FRAME = 320  # samples, 20 ms

Sound = NDArray[np.float32]


@dataclass(frozen=True)
class Recording:
    path: str  # relative to the folder it was found in
    group: str  # the reader or the class of noise: the name of the file's folder
    start: int  # sample in the corpus
    length: int  # samples


@dataclass(frozen=True)
class Corpus:
    recordings: Sequence[Recording]
    samples: NDArray[np.int16]

    @cached_property
    def groups(self) -> list[list[Recording]]:
        """The recordings of each reader or class."""
        groups: dict[str, list[Recording]] = {}
        for recording in self.recordings:
            groups.setdefault(recording.group, []).append(recording)
        return list(groups.values())

    def sound(self, recording: Recording) -> Sound:
        """Return a recording, shape (samples,), full scale 1."""
        part = self.samples[recording.start : recording.start + recording.length]
        return part.astype(np.float32) / np.float32(32768)

    def only(self, wanted: Callable[[Recording], bool]) -> "Corpus":
        """Return the corpus of those recordings for which `wanted` holds."""
        return Corpus([r for r in self.recordings if wanted(r)], self.samples)


def noise_floor_margin_db(x: Sound) -> float:
    """Return how far the loud frames of speech lie above its quietest frames, in dB.

    The 95th over the 5th percentile of the levels of frames of 20 ms: the file's own
    estimate of its signal-to-noise ratio, as far as the speaker pauses. Silence: 0.
    """
    if len(x) < 10 * FRAME:
        return 0.0
    frames = x[: len(x) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    power = np.mean(frames**2, axis=-1) + 1e-12
    quiet, loud = np.percentile(power, [5, 95])
    return float(10 * np.log10(loud / quiet))


def build(folder: Path, target: Path, *, min_margin_db: float = 0.0) -> Corpus:
    """Decode all recordings below `folder` into `target`.npy and .json, or reuse them.

    Recordings that cannot be read, or whose noise floor lies less than `min_margin_db`
    below their speech, are left out.
    """
    if not target.with_suffix(".json").is_file():
        paths = [p for p in sorted(folder.rglob("*")) if p.suffix in AUDIO_SUFFIXES]
        if not paths:
            raise AudioError(f"{folder}: no recordings ({', '.join(AUDIO_SUFFIXES)})")
        write(_decoded(folder, paths, min_margin_db), target)
    return load(target)


def load(target: Path) -> Corpus:
    """Open a corpus that `build` has written."""
    rows = json.loads(target.with_suffix(".json").read_text())
    samples = np.load(target.with_suffix(".npy"), mmap_mode="r")
    return Corpus([Recording(**row) for row in rows], samples)


def write(sounds: Iterable[tuple[str, Sound]], target: Path) -> None:
    """Write named sounds, the part of a name before the last / being its group."""
    rows: list[Recording] = []
    parts: list[NDArray[np.int16]] = []
    start = 0
    for name, x in sounds:
        parts.append(np.clip(np.rint(x * 32768), -32768, 32767).astype(np.int16))
        rows.append(Recording(name, str(Path(name).parent), start, len(x)))
        start += len(x)
    target.parent.mkdir(parents=True, exist_ok=True)
    np.save(target.with_suffix(".npy"), np.concatenate(parts))
    part = target.with_suffix(".part")
    part.write_text(json.dumps([asdict(row) for row in rows]))
    part.replace(target.with_suffix(".json"))  # the last step: now it is whole


def _decoded(
    folder: Path, paths: Iterable[Path], min_margin_db: float
) -> Iterator[tuple[str, Sound]]:
    for path in paths:
        x = read_mono(path, rate_hz=RATE_HZ).astype(np.float32)
        if not min_margin_db or noise_floor_margin_db(x) >= min_margin_db:
            yield str(path.relative_to(folder)), x
