"""Compare files of stimuli with their rows, and with a rendering from the row."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

from enhancement import audio, level
from stimuli import files, rendering
from stimuli.files import orphans
from stimuli.mixing import mix
from stimuli.models import Mixture, Stimulus
from stimuli.storing import loaded, material_of, render_mixture, software

__all__ = ["differences_of_mixture", "orphans"]

HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")  # RIFF with one fmt and one data chunk
PEAK_TOLERANCE_DB = 0.05  # rounding to 16 bits


def differences_of_mixture(mixture: Mixture, *, rerender: bool) -> Iterator[str]:
    """Yield, in words, where the mixture's files differ from their rows."""
    stimuli = list(mixture.stimuli.rendered())
    for stimulus in stimuli:
        stimulus.mixture = mixture
        for told in differences_of_file(stimulus):
            yield f"{stimulus} ({stimulus.file}): {told}"
    if len({stimulus.bytes for stimulus in stimuli}) > 1:
        yield f"{mixture}: its files are not of equal size"
    if len({stimulus.safety_gain_db for stimulus in stimuli}) > 1:
        yield f"{mixture}: its members have different safety gains"
    if rerender and stimuli:
        yield from differences_of_rendering(mixture, stimuli)


def differences_of_file(stimulus: Stimulus) -> Iterator[str]:
    """Yield where one file differs from its row, or from what a file must be."""
    if not stimulus.path.is_file():
        yield "the file is missing"
        return
    size = stimulus.path.stat().st_size
    if size != stimulus.bytes:
        yield f"{size} bytes, the row says {stimulus.bytes}"
    if files.sha256(stimulus.path) != stimulus.sha256:
        yield "another hash than the row's: the file was changed"
    with stimulus.path.open("rb") as file:
        head = file.read(HEADER.size)
    if not _is_pcm16_at_48_khz(head, size):
        yield "not 16-bit PCM WAV at 48 kHz with a header of 44 bytes"
        return
    yield from _differences_of_sound(stimulus)


def differences_of_rendering(
    mixture: Mixture, stimuli: list[Stimulus]
) -> Iterator[str]:
    """Render the mixture again and yield which files come out otherwise, and why."""
    mixture.stimulus_set.with_scores = False  # in memory: scores change no byte
    try:
        again = render_mixture(
            mixture, mix(material_of(mixture)), [s.system for s in stimuli]
        )
    except (audio.AudioError, ValueError) as error:
        yield f"{mixture}: cannot be rendered again: {error}"
        return
    for stimulus in stimuli:
        member = again.members.get(stimulus.system)
        if member is None:
            told = again.failures[stimulus.system].splitlines()[0]
            yield f"{stimulus}: cannot be rendered again: {told}"
        elif _hash_as_file(member.samples) != stimulus.sha256:
            yield f"{stimulus}: rendered again it differs; {_why(stimulus)}"


def _is_pcm16_at_48_khz(head: bytes, size: int) -> bool:
    if len(head) < HEADER.size:
        return False
    rate = rendering.EAR_RATE_HZ
    return HEADER.unpack(head) == (
        *(b"RIFF", size - 8, b"WAVE", b"fmt ", 16),
        *(1, 1, rate, 2 * rate, 2, 16),
        *(b"data", size - HEADER.size),
    )


def _differences_of_sound(stimulus: Stimulus) -> Iterator[str]:
    x = audio.read(stimulus.path)[0][0]
    if len(x) != stimulus.frames:
        yield f"{len(x)} samples, the row says {stimulus.frames}"
    peak = level.true_peak_dbtp(x, rendering.EAR_RATE_HZ)
    if peak > rendering.CEILING_DBTP:
        yield f"true peak {peak:.2f} dBTP is above {rendering.CEILING_DBTP:g}"
    said = stimulus.true_peak_dbtp
    if said is not None and abs(peak - said) > PEAK_TOLERANCE_DB:
        yield f"true peak {peak:.2f} dBTP, the row says {said:.2f}"


def _hash_as_file(samples: rendering.Samples) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "again.wav"
        audio.write_pcm16(path, samples, rendering.EAR_RATE_HZ)
        return files.sha256(path)


def _why(stimulus: Stimulus) -> str:
    """Say what of the software is not what it was."""
    system = loaded(stimulus.system)
    facts: list[tuple[str, str, str]] = [
        (stimulus.system, stimulus.version, system.version),
        ("weights", stimulus.weights_sha256, system.weights_sha256),
        *(
            (name, stimulus.software.get(name, "none"), here)
            for name, here in software().items()
        ),
    ]
    changed = [f"{name} was {was}, is {now}" for name, was, now in facts if was != now]
    return "; ".join(changed) or "the software is the same: settings were changed"
