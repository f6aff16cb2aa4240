"""The promises of the schedule, for whatever study one may think of."""

from collections import Counter
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listening.designs import (
    Drawn,
    ImpossibleDesign,
    draw,
    problems,
    suggestions,
)
from tests.listening.designs import candidates, judged, studies

Given = tuple[int, int, bool]


def add(exposure: Counter[Given], drawn: list[Drawn]) -> None:
    exposure.update(
        (t.comparison, t.candidate.mixture, t.enhanced_first)
        for t in judged(drawn)
        if t.comparison is not None
    )


@given(study=studies(), seed=st.integers(0, 2**32))
@settings(deadline=None, max_examples=60)
def test_one_session_keeps_every_promise(study: dict[str, Any], seed: int) -> None:
    drawn = draw(**study, exposure={}, seed=seed)
    tests = judged(drawn)
    each = study["trials"] // len(study["comparisons"])
    sides = Counter((t.comparison, t.enhanced_first) for t in tests)
    assert sides == {
        (c, side): each // 2 for c in study["comparisons"] for side in (True, False)
    }
    assert len({t.candidate.sentence for t in tests}) == study["trials"]
    runs = [len(list(run)) for _, run in groupby(t.enhanced_first for t in drawn)]
    assert max(runs) <= 3
    assert [t.training for t in drawn] == [True] * study["training"] + [False] * len(
        tests
    )


@given(study=studies(), seed=st.integers(0, 2**32), sessions=st.integers(2, 12))
@settings(deadline=None, max_examples=30)
def test_cells_are_heard_equally_often(
    study: dict[str, Any], seed: int, sessions: int
) -> None:
    """Where sentences are many; then no cell is ever more than one ahead."""
    study["candidates"] = candidates(6, 24)
    snr = {c.mixture: c.snr_db for c in study["candidates"]}
    exposure = Counter[Given]()
    for n in range(sessions):
        add(exposure, draw(**study, exposure=exposure, seed=seed + n))
        cells = dict.fromkeys(
            ((c, s) for c in study["comparisons"] for s in set(snr.values())), 0
        )
        for (comparison, mixture, _), count in exposure.items():
            cells[comparison, snr[mixture]] += count
        assert max(cells.values()) - min(cells.values()) <= 1


def test_mixtures_are_heard_equally_often() -> None:
    study: dict[str, Any] = {
        "comparisons": [1, 2],
        "candidates": candidates(6, 6),
        "trials": 12,
    }
    exposure = Counter[Given]()
    for seed in range(12):  # 144 trials on 36 mixtures
        add(exposure, draw(**study, training=0, exposure=exposure, seed=seed))
    heard = Counter[int]()
    for (_, mixture, _), count in exposure.items():
        heard[mixture] += count
    assert set(heard.values()) == {4}
    pairs = Counter[tuple[int, int]]()
    for (comparison, mixture, _), count in exposure.items():
        pairs[comparison, mixture] += count
    assert set(pairs.values()) <= {1, 2, 3}


def test_positions_are_balanced_for_each_pair_over_sessions() -> None:
    study: dict[str, Any] = {
        "comparisons": [1],
        "candidates": candidates(3, 4),
        "trials": 12,
    }
    exposure = Counter[Given]()
    for seed in range(6):
        add(exposure, draw(**study, training=0, exposure=exposure, seed=seed))
    assert set(exposure.values()) == {3}
    assert len(exposure) == 24


def test_what_was_lost_is_given_again() -> None:
    """A cell that a drop-out left behind is filled first."""
    study: dict[str, Any] = {
        "comparisons": [1],
        "candidates": candidates(6, 4),
        "trials": 2,
    }
    exposure = {(1, m.mixture, True): 2 for m in candidates(6, 4) if m.snr_db != -6}
    drawn = draw(**study, training=0, exposure=exposure, seed=1)
    assert {t.candidate.snr_db for t in drawn} == {-6}


@given(seed=st.integers(0, 2**32))
@settings(deadline=None, max_examples=30)
def test_no_talker_comes_twice_in_a_row_where_that_can_be(seed: int) -> None:
    study: dict[str, Any] = {
        "comparisons": [1, 2],
        "candidates": candidates(6, 6, talkers=3),
    }
    drawn = draw(**study, trials=12, training=0, exposure={}, seed=seed)
    clashes = sum(
        a.candidate.speaker == b.candidate.speaker for a, b in pairwise(drawn)
    )
    most = Counter(t.candidate.speaker for t in drawn).most_common(1)[0][1]
    assert clashes == max(0, 2 * most - 12 - 1)


def test_one_talker_for_all_is_no_obstacle() -> None:
    study: dict[str, Any] = {
        "comparisons": [1],
        "candidates": candidates(6, 6, talkers=1),
    }
    assert len(draw(**study, trials=24, training=0, exposure={}, seed=1)) == 24


def test_the_same_seed_gives_the_same_schedule() -> None:
    study: dict[str, Any] = {
        "comparisons": [1, 2],
        "candidates": candidates(6, 6),
        "trials": 8,
    }
    first = draw(**study, training=2, exposure={}, seed=7)
    assert first == draw(**study, training=2, exposure={}, seed=7)
    assert first != draw(**study, training=2, exposure={}, seed=8)


def test_the_order_of_the_inputs_does_not_matter() -> None:
    mixtures = candidates(6, 6)
    first = draw(
        comparisons=[1, 2],
        candidates=mixtures,
        trials=8,
        training=2,
        exposure={},
        seed=7,
    )
    assert first == draw(
        comparisons=[2, 1],
        candidates=mixtures[::-1],
        trials=8,
        training=2,
        exposure={},
        seed=7,
    )


def test_chance_is_fair() -> None:
    """Without exposure the enhanced member is A in half of all first trials."""
    study: dict[str, Any] = {
        "comparisons": [1, 2],
        "candidates": candidates(6, 6),
        "trials": 4,
    }
    first = [
        draw(**study, training=0, exposure={}, seed=seed)[0].enhanced_first
        for seed in range(400)
    ]
    assert abs(np.mean(first) - 0.5) < 4 * 0.5 / np.sqrt(400)


def test_training_goes_from_worst_to_best_with_sentences_of_its_own() -> None:
    study: dict[str, Any] = {
        "comparisons": [1, 2],
        "candidates": candidates(6, 6),
        "trials": 12,
    }
    drawn = draw(**study, training=3, exposure={}, seed=3)
    practice = [t.candidate for t in drawn if t.training]
    assert [c.snr_db for c in practice] == sorted(c.snr_db for c in practice)
    assert practice[0].snr_db == -6
    assert practice[-1].snr_db == 9
    assert len({t.candidate.sentence for t in drawn}) == 15


def test_training_falls_back_to_sentences_of_the_test() -> None:
    study: dict[str, Any] = {
        "comparisons": [1],
        "candidates": candidates(6, 2),
        "trials": 12,
    }
    assert len(draw(**study, training=2, exposure={}, seed=3)) == 14


def test_too_few_sentences_are_an_error_that_says_how_many() -> None:
    with pytest.raises(ImpossibleDesign, match=r"24 different sentences.* has 12"):
        draw(
            comparisons=[1],
            candidates=candidates(6, 2),
            trials=24,
            training=0,
            exposure={},
            seed=1,
        )


@pytest.mark.parametrize(
    ("trials", "comparisons", "words"),
    [(5, 1, "4 or 6, not 5"), (3, 2, "4, not 3"), (0, 1, "2, not 0")],
)
def test_a_number_that_cannot_be_balanced_is_told_with_the_next(
    trials: int, comparisons: int, words: str
) -> None:
    assert words in problems(comparisons=comparisons, sentences=99, trials=trials)[0]


def test_a_study_without_comparisons_is_told() -> None:
    assert problems(comparisons=0, sentences=9, trials=2) == [
        "Choose at least one comparison."
    ]


def test_a_possible_study_has_no_problems() -> None:
    assert problems(comparisons=3, sentences=36, trials=12) == []
    assert suggestions(13, step=6) == [12, 18]
