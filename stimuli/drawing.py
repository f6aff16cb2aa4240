"""Draw the mixtures of a stimulus set: a pure function of lists and a seed.

What is promised:

- every SNR gets `per_snr` mixtures;
- no sentence comes twice while there are enough; if there are not, all come equally
  often (give or take one) and none comes twice at one SNR before it was at every SNR;
- each speaker's share differs by at most one between SNRs (while sentences suffice), so
  does each kind of noise and each room, and all are used equally often;
- the draw depends on its arguments alone. `VERSION` is counted up when the algorithm
  changes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import TypeVar

import numpy as np

VERSION = 1
T = TypeVar("T")


@dataclass(frozen=True)
class Voice:
    """An utterance as the draw sees it."""

    key: int
    sentence: str
    speaker: str
    frames: int


@dataclass(frozen=True)
class Noise:
    key: int
    kind: str
    frames: int


@dataclass(frozen=True)
class Reverb:
    """A room: an impulse response of `frames` samples."""

    key: int
    frames: int


@dataclass(frozen=True)
class Finished:
    """A mixture that its corpus brings."""

    key: int
    voice: Voice
    snr_db: float


@dataclass(frozen=True)
class Draw:
    """One mixture; `index` counts through the SNRs, so that a part is balanced too."""

    index: int
    snr_db: float
    voice: Voice
    noise: Noise | None = None
    noise_offset: int = 0
    room: Reverb | None = None
    finished: Finished | None = None


def frames_of_mixture(speech: int, room: int) -> int:
    """Return how long a mixture is: the speech and all of its reverberation."""
    return speech + max(room - 1, 0)


def frames_of_noise(speech: int, room: int) -> int:
    """Return how much noise a mixture needs: the room rings before it begins."""
    return frames_of_mixture(speech, room) + max(room - 1, 0)


def draw_mixtures(
    *,
    voices: Sequence[Voice],
    noises: Sequence[Noise],
    rooms: Sequence[Reverb],
    snrs_db: Sequence[float],
    per_snr: int,
    seed: int,
) -> list[Draw]:
    """Draw `per_snr` mixtures for each SNR. `rooms` may be empty: then none is used."""
    rng = np.random.default_rng(seed)
    cells = len(snrs_db)
    speech = _voices_by_snr(voices, cells=cells, size=per_snr, rng=rng)
    noise = _deal(_in_turns(noises, rng), cells=cells, size=per_snr, rng=rng)
    reverb = _deal(_shuffled(rooms, rng), cells=cells, size=per_snr, rng=rng)
    draws: list[Draw] = []
    for turn in range(per_snr):
        for cell, snr_db in enumerate(snrs_db):
            room = reverb[cell][turn] if rooms else None
            needed = frames_of_noise(
                speech[cell][turn].frames, room.frames if room else 0
            )
            last = max(noise[cell][turn].frames - needed, 0)
            draws.append(
                Draw(
                    index=len(draws),
                    snr_db=snr_db,
                    voice=speech[cell][turn],
                    noise=noise[cell][turn],
                    noise_offset=int(rng.integers(0, last + 1)),
                    room=room,
                )
            )
    return draws


def draw_finished(
    *, finished: Sequence[Finished], snrs_db: Sequence[float], per_snr: int, seed: int
) -> list[Draw]:
    """Choose among finished mixtures; SNRs agree within 0.05 dB.

    Of the mixtures of an SNR the one comes next whose sentence, then whose speaker, was
    used least. Raises `ValueError` when an SNR has fewer than `per_snr`.
    """
    rng = np.random.default_rng(seed)
    at = {snr: _shuffled(at_snr(finished, snr), rng) for snr in snrs_db}
    sentences: Counter[str] = Counter()
    speakers: Counter[tuple[float, str]] = Counter()
    draws: list[Draw] = []
    for _ in range(per_snr):
        for snr in snrs_db:
            if not at[snr]:
                raise ValueError(f"fewer than {per_snr} finished mixtures at {snr} dB")
            chosen = min(
                at[snr],
                key=lambda f: (
                    sentences[f.voice.sentence],
                    speakers[snr, f.voice.speaker],
                ),
            )
            at[snr].remove(chosen)
            sentences[chosen.voice.sentence] += 1
            speakers[snr, chosen.voice.speaker] += 1
            draws.append(Draw(len(draws), snr, chosen.voice, finished=chosen))
    return draws


def at_snr(finished: Sequence[Finished], snr_db: float) -> list[Finished]:
    return [f for f in finished if abs(f.snr_db - snr_db) < 0.05]


def _voices_by_snr(
    voices: Sequence[Voice], *, cells: int, size: int, rng: np.random.Generator
) -> list[list[Voice]]:
    """Deal utterances to the SNRs: shape (cells, size), in random order within each.

    1. Choose one utterance of each sentence that is needed, speakers in equal shares.
    2. Sort by speaker and deal one by one: each speaker's share of an SNR differs by at
       most one.
    3. When the sentences run out begin again, one SNR further on, so that none meets
       the same SNR again.
    """
    chosen = _distinct_sentences(voices, cells * size, rng)
    chosen.sort(key=_rank_of_speaker(chosen, rng))
    dealt: list[list[Voice]] = [[] for _ in range(cells)]
    count = len(chosen)
    rounds = cells // int(
        np.gcd(count, cells)
    )  # after which SNRs have had equal shares
    for position in range(cells * size):
        turn = position // count
        dealt[(position + turn // rounds) % cells].append(chosen[position % count])
    return [_shuffled(cell, rng) for cell in dealt]


def _distinct_sentences(
    voices: Sequence[Voice], count: int, rng: np.random.Generator
) -> list[Voice]:
    """Choose up to `count` utterances of different sentences, speakers in turns."""
    unused: dict[str, list[Voice]] = defaultdict(list)
    for voice in _shuffled(voices, rng):
        unused[voice.speaker].append(voice)
    taken: set[str] = set()
    chosen: list[Voice] = []
    speakers = list(unused)
    while speakers and len(chosen) < count:
        for speaker in _shuffled(speakers, rng):
            while unused[speaker] and unused[speaker][-1].sentence in taken:
                unused[speaker].pop()
            if not unused[speaker]:
                speakers.remove(speaker)
            elif len(chosen) < count:
                chosen.append(unused[speaker].pop())
                taken.add(chosen[-1].sentence)
    return chosen


def _rank_of_speaker(
    voices: Sequence[Voice], rng: np.random.Generator
) -> Callable[[Voice], int]:
    """Return a key that sorts voices by speaker, the speakers in random order."""
    speakers = _shuffled(sorted({voice.speaker for voice in voices}), rng)
    rank = {speaker: i for i, speaker in enumerate(speakers)}
    return lambda voice: rank[voice.speaker]


def _in_turns(noises: Sequence[Noise], rng: np.random.Generator) -> list[Noise]:
    """Return noises so that the kinds alternate; those of one kind take turns."""
    kinds: dict[str, list[Noise]] = defaultdict(list)
    for noise in _shuffled(noises, rng):
        kinds[noise.kind].append(noise)
    longest = max((len(recordings) for recordings in kinds.values()), default=0)
    turns = [list(islice(cycle(recordings), longest)) for recordings in kinds.values()]
    return [noise for turn in zip(*turns, strict=True) for noise in turn]


def _deal(
    items: Sequence[T], *, cells: int, size: int, rng: np.random.Generator
) -> list[list[T]]:
    """Deal `items` in order, again and again, to cells of `size`; shuffle each cell."""
    endless = cycle(items)
    return [_shuffled(islice(endless, size), rng) for _ in range(cells)]


def _shuffled(items: Iterable[T], rng: np.random.Generator) -> list[T]:
    ordered = list(items)
    return [ordered[i] for i in rng.permutation(len(ordered))]
