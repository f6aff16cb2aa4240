"""Gold, placebo and repeat trials: where the schedule puts them, and which."""

from collections import Counter
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listening.designs import Checks, ImpossibleDesign, Kind, draw
from tests.listening.designs import candidates, judged, of_kind, studies


@st.composite
def checked_studies(x: st.DrawFn) -> dict[str, Any]:
    """Return a possible schedule that has checks on the rater too."""
    study: dict[str, Any] = x(studies())
    spare = len({m.sentence for m in study["candidates"]}) - study["trials"]
    gold = x(st.integers(0, min(spare, 4)))
    placebo = x(st.integers(0, min(spare - gold, 4)))
    repeat = x(st.integers(0, study["trials"] // 2))
    return study | {"checks": Checks(gold, placebo, repeat)}


@given(study=checked_studies(), seed=st.integers(0, 2**32))
@settings(deadline=None, max_examples=150)
def test_checks_are_mixed_in_and_every_promise_is_kept(
    study: dict[str, Any], seed: int
) -> None:
    drawn = draw(**study, exposure={}, seed=seed)
    checks = study["checks"]
    kinds = Counter(t.kind for t in drawn)
    assert kinds == +Counter(
        {
            Kind.TRAINING: study["training"],
            Kind.TEST: study["trials"],
            Kind.GOLD: checks.gold,
            Kind.PLACEBO: checks.placebo,
            Kind.REPEAT: checks.repeat,
        }
    )
    own = [t for t in drawn if t.kind not in (Kind.REPEAT, Kind.TRAINING)]
    assert len({t.candidate.sentence for t in own}) == len(own)
    sides = Counter((t.comparison, t.enhanced_first) for t in judged(drawn))
    assert len(set(sides.values())) == 1
    for kind in (Kind.GOLD, Kind.PLACEBO, Kind.REPEAT):
        first = [t.enhanced_first for t in of_kind(drawn, kind)]
        assert abs(sum(first) - first.count(False)) <= 1
    runs = [len(list(run)) for _, run in groupby(t.enhanced_first for t in drawn)]
    assert max(runs) <= 3


@given(study=checked_studies(), seed=st.integers(0, 2**32))
@settings(deadline=None, max_examples=150)
def test_a_repeat_is_a_test_trial_of_long_before_with_a_and_b_swapped(
    study: dict[str, Any], seed: int
) -> None:
    drawn = draw(**study, exposure={}, seed=seed)
    place = {(t.kind, t.candidate.mixture): n for n, t in enumerate(drawn)}
    for again in of_kind(drawn, Kind.REPEAT):
        at = place[Kind.TEST, again.candidate.mixture]
        first = drawn[at]
        assert first.comparison == again.comparison
        assert first.enhanced_first is not again.enhanced_first
        distance = place[Kind.REPEAT, again.candidate.mixture] - at
        assert distance >= max(1, (len(drawn) - study["training"]) // 3)


@given(study=checked_studies(), seed=st.integers(0, 2**32))
@settings(deadline=None, max_examples=60)
def test_gold_is_drawn_at_the_lowest_snrs_that_are_left(
    study: dict[str, Any], seed: int
) -> None:
    drawn = draw(**study, exposure={}, seed=seed)
    gold = of_kind(drawn, Kind.GOLD)
    taken = {t.candidate.sentence for t in judged(drawn) + gold}
    left = [c.snr_db for c in study["candidates"] if c.sentence not in taken]
    assert all(t.comparison is None for t in gold)
    assert all(t.candidate.snr_db <= min(left, default=99) for t in gold)


def test_checks_change_nothing_about_the_test_trials() -> None:
    """They take what the test leaves: its cells and positions come out the same."""
    study: dict[str, Any] = {
        "comparisons": [1, 2],
        "candidates": candidates(6, 6),
        "trials": 12,
        "training": 2,
        "exposure": {},
    }
    for seed in range(20):
        plain = draw(**study, seed=seed)
        mixed = draw(**study, seed=seed, checks=Checks(3, 2, 4))
        assert set(judged(plain)) == set(judged(mixed))


def test_checks_come_at_any_place_of_the_session() -> None:
    """No place tells a kind: each comes in the first and in the last third."""
    study: dict[str, Any] = {
        "comparisons": [1, 2],
        "candidates": candidates(6, 6),
        "trials": 12,
        "training": 0,
        "exposure": {},
    }
    places: dict[Kind, set[int]] = {kind: set() for kind in Kind}
    for seed in range(60):
        for n, trial in enumerate(draw(**study, seed=seed, checks=Checks(2, 1, 2))):
            places[trial.kind].add(n)
    for kind in (Kind.TEST, Kind.GOLD, Kind.PLACEBO):
        assert min(places[kind]) < 4
        assert max(places[kind]) > 12


def test_many_checks_in_a_long_session_are_drawn_in_no_time() -> None:
    drawn = draw(
        comparisons=[1, 2, 3],
        candidates=candidates(6, 20, talkers=3),
        trials=60,
        training=3,
        exposure={},
        seed=1,
        checks=Checks(10, 10, 30),
    )
    assert len(drawn) == 113


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        (Checks(gold=1), "12 trials and 1 gold trials need 13 different sentences"),
        (Checks(2, 3), "12 trials, 2 gold trials and 3 placebos need 17 different"),
        (Checks(repeat=7), "7 of 12 trials cannot be repeated .* at most half .* 6"),
    ],
)
def test_checks_that_do_not_fit_are_told(checks: Checks, words: str) -> None:
    with pytest.raises(ImpossibleDesign, match=words):
        draw(
            comparisons=[1],
            candidates=candidates(6, 2),
            trials=12,
            training=0,
            exposure={},
            seed=1,
            checks=checks,
        )
