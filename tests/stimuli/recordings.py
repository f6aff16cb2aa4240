"""Small folders of recordings for the tests of importing."""

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

SECONDS = 0.8


def sound(
    seed: int = 0, *, rate_hz: int = 16_000, channels: int = 1, peak: float = 0.5
) -> NDArray[np.float64]:
    """Return noise of shape (frames, channels), of its own for every seed."""
    shape = int(SECONDS * rate_hz), channels
    noise = np.random.default_rng(seed).uniform(-1, 1, shape)
    return np.asarray(noise * peak / abs(noise).max())


def write(
    path: Path, samples: NDArray[np.float64] | None = None, rate_hz: int = 16_000
) -> Path:
    """Write a file of sound, by default one that no other path has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if samples is None:
        samples = sound(seed=sum(path.name.encode()), rate_hz=rate_hz)
    soundfile.write(path, samples, rate_hz)
    return path


def clean_folder(path: Path) -> Path:
    """Lay out two speakers with two utterances each, a noise, a room, and texts."""
    for name in ("ana/ana1", "ana/ana2", "bo/bo1", "bo/bo2"):
        write(path / "speech" / f"{name}.wav")
    write(path / "noise" / "fan" / "hum.flac")
    write(path / "rooms" / "hall.flac", sound(9, channels=2))
    table(
        path / "utterances.csv", "file,text", 'ana/ana1.wav,"“Shut the door, please!”"'
    )
    return path


def pairs_folder(path: Path) -> Path:
    """Lay out two pairs, and a table of their SNRs."""
    for name in ("ana/a1", "ana/a2"):
        clean = sound(1)
        write(path / "clean" / f"{name}.wav", clean)
        write(path / "noisy" / f"{name}.wav", clean + 0.1 * sound(2))
    table(path / "pairs.csv", "file,snr_db", "ana/a1.wav,-3", "ana/a2.wav,6.5")
    return path


def table(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
