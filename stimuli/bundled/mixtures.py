"""Mixtures of the bundled corpus without a database: those that `demo` draws.

For programs that measure on a fresh clone. Drawn and mixed as any stimulus set is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from enhancement import audio
from stimuli.bundled import PATH
from stimuli.drawing import Draw, Noise, Reverb, Voice, draw_mixtures
from stimuli.importing import sentence_of
from stimuli.layouts import contents
from stimuli.layouts.clean import read
from stimuli.mixing import RATE_HZ, Material, Mixed, cut_noise, mix

Samples = NDArray[np.float64]
T = TypeVar("T", bound=contents.Sound)

SEED = 1


def mixtures(
    snrs_db: Sequence[float], *, per_snr: int, seed: int = SEED
) -> Iterator[tuple[float, Mixed]]:
    """Yield (SNR in dB, mixture): `per_snr` at each SNR, SNRs in turns."""
    sounds = read(PATH).sounds
    speech = _named(sounds, contents.Speech)
    noises = _named(sounds, contents.Noise)
    rooms = _named(sounds, contents.RoomResponses)
    draws = draw_mixtures(
        voices=[
            Voice(i, sentence_of(s), s.speaker, _frames(s.path))
            for i, s in enumerate(speech)
        ],
        noises=[Noise(i, n.kind, _frames(n.path)) for i, n in enumerate(noises)],
        rooms=[Reverb(i, _frames(r.path)) for i, r in enumerate(rooms)],
        snrs_db=snrs_db,
        per_snr=per_snr,
        seed=seed,
    )
    for one in draws:
        yield one.snr_db, mix(_material(one, speech, noises, rooms))


def _named(sounds: Sequence[contents.Sound], kind: type[T]) -> list[T]:
    """Return the sounds of a kind as the database orders them: by name."""
    return sorted((s for s in sounds if isinstance(s, kind)), key=lambda s: s.name)


def _frames(path: Path) -> int:
    return int(_read(path).shape[-1])


def _read(path: Path) -> Samples:
    x, rate_hz = audio.read(path)
    return audio.resample(x, rate_hz, RATE_HZ)


def _material(
    draw: Draw,
    speech: Sequence[contents.Speech],
    noises: Sequence[contents.Noise],
    rooms: Sequence[contents.RoomResponses],
) -> Material:
    assert draw.noise is not None
    assert draw.room is not None
    clean = _read(speech[draw.voice.key].path)[0]
    room = _read(rooms[draw.room.key].path)
    noise = cut_noise(
        _read(noises[draw.noise.key].path)[0],
        offset=draw.noise_offset,
        speech=len(clean),
        room=room.shape[-1],
    )
    return Material(clean, draw.snr_db, noise=noise, room=room)
