"""Make the bundled corpus: python -m stimuli.bundled.make OUT [--seed 1]

All of it is made here: the sentences are ours, the voices are flite's, the rooms are
simulated, the noises are synthesised. To make it again:

    apt install flite
    uv run --extra rooms python -m stimuli.bundled.make stimuli/bundled/audio

The same seed and the same versions (they stand in corpus.json) give the same bytes;
SHA256SUMS lists them (`sha256sum -c SHA256SUMS` in the folder checks them).
"""

import argparse
import csv
import hashlib
import json
import platform
import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import soundfile
from tqdm import tqdm

from enhancement.audio import write_flac
from enhancement.level import active_speech_level
from stimuli.bundled.noises import NOISES, make_noise
from stimuli.bundled.rooms import ROOMS, make_room, reverberation_time
from stimuli.bundled.sentences import SENTENCES
from stimuli.bundled.shaping import RATE_HZ, Samples
from stimuli.bundled.voices import SPEAKERS, speak

SPEECH_DBOV = -26.0  # active speech level, ITU-T P.56
NOISE_S = 22.0
PACKAGES = ("numpy", "scipy", "soxr", "soundfile", "pyroomacoustics")
DESCRIPTION = """\
A synthetic corpus in the manner of CHiME: everyday sentences in simulated living \
rooms among domestic noises. No person speaks in it. The sentences were written for \
it; they are spoken by the voices awb, kal16, rms and slt of the synthesiser flite, \
some with another pitch and vocal tract; the rooms come from the image method \
(pyroomacoustics); the noises are synthesised from a seed. It shows that a study \
works; what it says of a system's worth for human speech is little."""
LICENCE = """\
CC0-1.0 (public domain). Sentences, rooms and noises are our own. The speech is the \
output of flite, whose licence lets anyone use and distribute it without restriction \
and claims nothing of what it says."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, help="folder; its files are overwritten")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    make(options.out, seed=options.seed)


def make(out: Path, *, seed: int) -> None:
    """Write speech, noise, rooms, what is said, what it is, and the list of hashes."""
    paths = [
        *write_speech(out),
        *write_noises(out, seed),
        *write_rooms(out, seed),
        write_texts(out),
        write_facts(out, seed),
    ]
    lines = [f"{sha256(path)}  {path.relative_to(out).as_posix()}" for path in paths]
    (out / "SHA256SUMS").write_text("\n".join(sorted(lines, key=_path_of)) + "\n")


def _path_of(line: str) -> str:
    return line.split("  ")[1]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def spoken_lines() -> Iterator[tuple[str, str, str]]:
    """Give path below speech/, speaker and text of every sentence, speakers in turn."""
    names = list(SPEAKERS)
    for i, text in enumerate(SENTENCES):
        speaker = names[i % len(names)]
        yield f"{speaker}/{speaker}-{i + 1:02d}.flac", speaker, text


def write_speech(out: Path) -> Iterator[Path]:
    for name, speaker, text in tqdm(list(spoken_lines()), "speech"):
        spoken = speak(text, SPEAKERS[speaker])
        level = active_speech_level(spoken, RATE_HZ).level_dbov
        yield _write(out / "speech" / name, spoken * 10 ** ((SPEECH_DBOV - level) / 20))


def write_noises(out: Path, seed: int) -> Iterator[Path]:
    for name, (kind, _) in tqdm(NOISES.items(), "noise"):
        noise = make_noise(name, seed=seed, seconds=NOISE_S)
        yield _write(out / "noise" / kind / f"{name}.flac", noise)


def write_rooms(out: Path, seed: int) -> Iterator[Path]:
    """Rooms have 24 bits: 16 would cut the tail off."""
    for name, room in tqdm(ROOMS.items(), "rooms"):
        responses = make_room(room, seed=seed)
        path = out / "rooms" / f"{name}.flac"
        yield _write(path, responses, subtype="PCM_24")


def _write(path: Path, sound: Samples, *, subtype: str = "PCM_16") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_flac(path, sound, RATE_HZ, subtype=subtype)
    return path


def write_texts(out: Path) -> Path:
    path = out / "utterances.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["file", "text", "speaker"])
        rows.writerows((name, text, speaker) for name, speaker, text in spoken_lines())
    return path


def write_facts(out: Path, seed: int) -> Path:
    path = out / "corpus.json"
    facts = {
        "title": "Earshot living room (synthetic)",
        "description": DESCRIPTION,
        "licence": LICENCE,
        "synthetic": True,
        "rooms": {name: _room_facts(out, name) for name in ROOMS},
        "made_by": "stimuli/bundled/make.py",
        "seed": seed,
        "made_with": made_with(),
    }
    path.write_text(json.dumps(facts, indent=2) + "\n")
    return path


def _room_facts(out: Path, name: str) -> str:
    """Say of a room what it is, in one line."""
    room = ROOMS[name]
    responses, _ = soundfile.read(out / "rooms" / f"{name}.flac")
    seconds = reverberation_time(responses[:, 0])
    metres = " x ".join(f"{side:g}" for side in room.size)
    talker, noise = (
        np.linalg.norm(np.subtract(place, room.ear))
        for place in (room.talker, room.noise)
    )
    return (
        f"{room.description}; {metres} m, RT60 {seconds:.2f} s, "
        f"talker at {talker:.1f} m, noise at {noise:.1f} m"
    )


def made_with() -> dict[str, str]:
    said = subprocess.run(["flite", "--version"], capture_output=True, text=True)
    found = re.search(r"version:\s*(\S+)", said.stdout + said.stderr)
    return {
        "flite": found[1] if found else "unknown",
        "libsndfile": soundfile.__libsndfile_version__,
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


if __name__ == "__main__":
    main()
