"""Sound for tests of training: hummed syllables for speech, hiss for noise."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enhancement.audio import write_flac
from enhancement.training.configuration import Config, from_dict

Rng = np.random.Generator
Sound = NDArray[np.float32]

RATE_HZ = 16_000


def hummed(rng: Rng, samples: int = 24_000) -> Sound:
    """Return syllables of a random pitch, with pauses, shape (samples,)."""
    t = np.arange(samples) / RATE_HZ
    hz = rng.uniform(90, 250) * (1 + 0.05 * np.sin(2 * np.pi * rng.uniform(1, 3) * t))
    phase = 2 * np.pi * np.cumsum(hz) / RATE_HZ
    tone = sum(np.sin(k * phase) / k for k in range(1, 12))
    syllables = np.maximum(np.sin(2 * np.pi * rng.uniform(2, 4) * t), 0) ** 2
    return (0.2 * tone * syllables).astype(np.float32)


def hiss(rng: Rng, samples: int = 24_000) -> Sound:
    return (0.1 * rng.standard_normal(samples)).astype(np.float32)


def write_folders(root: Path) -> None:
    """Write folders `speech`, `people` and `noise`, of a few files each."""
    rng = np.random.default_rng(0)
    for folder, make in (("speech", hummed), ("people", hummed), ("noise", hiss)):
        for group in range(3):
            path = root / folder / f"{group}"
            path.mkdir(parents=True)
            for i in range(2):
                write_flac(path / f"{i}-{group}.flac", make(rng), RATE_HZ)


def small_config(root: Path) -> Config:
    """Return a configuration that trains within seconds on `write_folders`."""
    return from_dict(
        {
            "data": {
                "speech": str(root / "speech"),
                "people": str(root / "people"),
                "noise": str(root / "noise"),
                "held_out_readers": ["0"],
                "rooms": 20,
                "interferers": 3,
                "taps": 1000,
                "pieces": 10,
                "piece_s": 2.0,
                "clip_s": 1.0,
                "targets": 6,
                "noises": 6,
                "sections": 2,
            },
            "loop": {
                "batch": 4,
                "steps_per_epoch": 3,
                "decay_start": 3,
                "decay_steps": 3,
                "warmup": 2,
                "bfloat16": False,
                "validate_every": 0,
            },
        }
    )
