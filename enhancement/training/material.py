"""What mixtures are drawn from: speech, noise, music, rooms; apart for validation."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from enhancement.training import corpus, rooms
from enhancement.training.configuration import DataConfig
from enhancement.training.corpus import RATE_HZ, Corpus, Recording, Sound
from enhancement.training.music import music
from enhancement.training.rooms import Rooms

HELD_OUT_PEOPLE = 20  # of the second corpus of speech, at most a third
HELD_OUT_FOLD = "5-"  # file names of ESC-50 that begin so
HELD_OUT_SHARE = 10  # of other noises, one in so many


@dataclass(frozen=True)
class Material:
    """All that is mixed; the same structure for training and for validation."""

    speech: Corpus  # adults who read
    people: Corpus  # others, children among them; may be empty
    noise: Corpus
    music: Corpus
    rooms: Rooms


def gather(config: DataConfig, cache: Path) -> tuple[Material, Material]:
    """Return the material for training and, with nothing in common, for validation."""
    least = config.min_margin_db
    speech = corpus.build(Path(config.speech), cache / "speech", min_margin_db=least)
    people = corpus.build(Path(config.people), cache / "people", min_margin_db=least)
    noise = corpus.build(Path(config.noise), cache / "noise")
    readers = set(config.held_out_readers)
    groups = sorted({r.group for r in people.recordings})
    others = groups[: min(HELD_OUT_PEOPLE, len(groups) // 3)]

    def part(held_out: bool) -> Material:
        return Material(
            speech.only(lambda r: (r.group in readers) == held_out),
            people.only(lambda r: (r.group in others) == held_out),
            noise.only(lambda r: is_held_out_noise(r) == held_out),
            _music(cache, config, held_out),
            _rooms(cache, config, held_out),
        )

    return part(False), part(True)


def is_held_out_noise(recording: Recording) -> bool:
    """Say whether a noise is for validation: ESC-50's fold 5, and some of the others.

    Of the others, whole files, chosen by the sum of the bytes of the path: it does not
    change when files are added.
    """
    if recording.path.startswith("esc50"):
        return Path(recording.path).name.startswith(HELD_OUT_FOLD)
    return sum(os.fsencode(recording.path)) % HELD_OUT_SHARE == 0


def _rooms(cache: Path, config: DataConfig, held_out: bool) -> Rooms:
    return rooms.build(
        cache / f"rooms-{'validation' if held_out else 'training'}.npy",
        count=config.rooms // 20 if held_out else config.rooms,
        interferers=config.interferers,
        taps=config.taps,
        seed=config.seed + held_out,
    )


def _music(cache: Path, config: DataConfig, held_out: bool) -> Corpus:
    """Return the pieces of music, made once and kept as a corpus."""
    target = cache / f"music-{'validation' if held_out else 'training'}"
    if not target.with_suffix(".json").is_file():
        rng = np.random.default_rng(config.seed + 10 + held_out)
        count = config.pieces // 10 if held_out else config.pieces
        pieces: list[tuple[str, Sound]] = []
        for i in tqdm(range(count), "music"):
            x = music(rng, config.piece_s, RATE_HZ)
            pieces.append((f"music/{i:04}", x / max(np.abs(x).max(), 1e-6)))
        corpus.write(pieces, target)
    return corpus.load(target)
