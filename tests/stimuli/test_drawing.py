"""The promises of `stimuli.drawing`, on corpora of many shapes."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stimuli.drawing import (
    Draw,
    Finished,
    Noise,
    Reverb,
    Voice,
    draw_finished,
    draw_mixtures,
    frames_of_noise,
)

SNRS = [-6.0, -3.0, 0.0, 3.0, 6.0, 9.0]


def voices(count: int, speakers: int) -> list[Voice]:
    return [Voice(i, f"s{i}", f"v{i % speakers}", 32_000 + i) for i in range(count)]


def noises(count: int, kinds: int) -> list[Noise]:
    return [Noise(i, f"kind{i % kinds}", 320_000) for i in range(count)]


def draw(
    *,
    sentences: int = 36,
    speakers: int = 4,
    snrs: int = 6,
    per_snr: int = 6,
    **more: int,
) -> list[Draw]:
    return draw_mixtures(
        voices=voices(sentences, speakers),
        noises=noises(more.get("noises", 12), more.get("kinds", 6)),
        rooms=[Reverb(i, 6_400) for i in range(more.get("rooms", 3))],
        snrs_db=SNRS[:snrs],
        per_snr=per_snr,
        seed=more.get("seed", 1),
    )


TRAITS: dict[str, Callable[[Draw], str]] = {
    "speaker": lambda d: d.voice.speaker,
    "kind": lambda d: d.noise.kind if d.noise else "",
    "room": lambda d: str(d.room.key) if d.room else "",
}


def shares(draws: list[Draw], trait: str) -> dict[str, list[int]]:
    """Return, for each value of a trait, how often it comes at each SNR."""
    of = TRAITS[trait]
    counts = Counter((of(d), d.snr_db) for d in draws)
    snrs = {d.snr_db for d in draws}
    return {value: [counts[value, s] for s in snrs] for value in map(of, draws)}


def test_six_by_six_uses_36_different_sentences() -> None:
    assert len({d.voice.sentence for d in draw()}) == 36


def test_the_same_seed_draws_the_same_and_another_differs() -> None:
    assert draw(seed=5) == draw(seed=5)
    assert draw(seed=5) != draw(seed=6)


@given(
    sentences=st.integers(1, 60),
    speakers=st.integers(1, 8),
    snrs=st.integers(1, 6),
    per_snr=st.integers(1, 8),
    seed=st.integers(0, 2**31 - 1),
)
def test_every_snr_is_filled_and_sentences_are_used_equally(
    sentences: int, speakers: int, snrs: int, per_snr: int, seed: int
) -> None:
    draws = draw(
        sentences=sentences, speakers=speakers, snrs=snrs, per_snr=per_snr, seed=seed
    )
    assert [d.index for d in draws] == list(range(snrs * per_snr))
    assert set(Counter(d.snr_db for d in draws).values()) == {per_snr}
    used = Counter(d.voice.sentence for d in draws)
    assert max(used.values()) == -(-snrs * per_snr // sentences)
    assert len(used) == min(sentences, snrs * per_snr)
    if per_snr <= sentences:
        pairs = Counter((d.voice.sentence, d.snr_db) for d in draws)
        assert max(pairs.values()) == 1


@given(
    sentences=st.integers(36, 80),
    speakers=st.integers(1, 8),
    kinds=st.integers(1, 7),
    rooms=st.integers(1, 5),
    seed=st.integers(0, 2**31 - 1),
)
def test_speakers_kinds_and_rooms_are_spread_evenly_over_snrs(
    sentences: int, speakers: int, kinds: int, rooms: int, seed: int
) -> None:
    draws = draw(
        sentences=sentences, speakers=speakers, kinds=kinds, rooms=rooms, seed=seed
    )
    for trait in ("speaker", "kind", "room"):
        for counts in shares(draws, trait).values():
            assert max(counts) - min(counts) <= 1


@given(seed=st.integers(0, 2**31 - 1))
def test_the_noise_is_long_enough_from_its_offset_on(seed: int) -> None:
    for d in draw(seed=seed):
        assert d.noise
        assert d.room
        end = d.noise_offset + frames_of_noise(d.voice.frames, d.room.frames)
        assert end <= d.noise.frames


def test_one_utterance_is_taken_of_a_sentence_that_several_speak() -> None:
    twice = [Voice(i, f"s{i % 10}", f"v{i % 3}", 16_000) for i in range(30)]
    draws = draw_mixtures(
        voices=twice, noises=noises(2, 2), rooms=[], snrs_db=[0.0], per_snr=10, seed=3
    )
    assert len({d.voice.sentence for d in draws}) == 10
    speakers = Counter(d.voice.speaker for d in draws)
    assert max(speakers.values()) - min(speakers.values()) <= 1


def finished(sentences: int, snrs: list[float]) -> list[Finished]:
    return [
        Finished(key, voice, snr)
        for key, (voice, snr) in enumerate(
            (voice, snr) for voice in voices(sentences, 4) for snr in snrs
        )
    ]


@given(seed=st.integers(0, 2**31 - 1))
def test_finished_mixtures_come_at_their_snr_without_a_sentence_twice(
    seed: int,
) -> None:
    draws = draw_finished(
        finished=finished(36, SNRS), snrs_db=SNRS, per_snr=6, seed=seed
    )
    assert all(d.finished and d.finished.snr_db == d.snr_db for d in draws)
    assert len({d.voice.sentence for d in draws}) == 36


def test_too_few_finished_mixtures_are_refused() -> None:
    with pytest.raises(ValueError, match=r"fewer than 3 finished mixtures at 0\.0 dB"):
        draw_finished(finished=finished(2, [0.0]), snrs_db=[0.0], per_snr=3, seed=1)
