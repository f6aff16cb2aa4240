"""The trials of a session that are not analysed: steps 3 and 4 of `designs`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from listening.schedule import Candidate, Drawn, Kind

# 3. Checks on the rater


def unused_of(
    candidates: Sequence[Candidate], asked: Sequence[Drawn]
) -> list[list[Candidate]]:
    """Return the mixtures of each sentence that no trial uses yet."""
    used = {trial.candidate.sentence for trial in asked}
    by_sentence: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        if candidate.sentence not in used:
            by_sentence.setdefault(candidate.sentence, []).append(candidate)
    return list(by_sentence.values())


def gold_of(
    unused: Sequence[Sequence[Candidate]], trials: int, rng: np.random.Generator
) -> list[Drawn]:
    """Return gold trials at the lowest SNRs that the unused sentences have."""
    if not trials:  # no draw: schedules without checks stay what they were
        return []
    worst = [min(mixtures, key=lambda m: m.snr_db) for mixtures in unused]
    keys = np.array([rng.random(len(worst)), [m.snr_db for m in worst]])
    side = bool(rng.integers(2))
    return [
        Drawn(Kind.GOLD, None, worst[best], side ^ bool(n % 2))
        for n, best in enumerate(np.lexsort(keys)[:trials])
    ]


def placebos_of(
    comparisons: Sequence[int],
    unused: Sequence[Sequence[Candidate]],
    trials: int,
    rng: np.random.Generator,
) -> list[Drawn]:
    if not trials:
        return []
    turn, side = int(rng.integers(len(comparisons))), bool(rng.integers(2))
    found = []
    for n, at in enumerate(rng.permutation(len(unused))[:trials]):
        mixture = unused[at][int(rng.integers(len(unused[at])))]
        comparison = comparisons[(turn + n) % len(comparisons)]
        found.append(Drawn(Kind.PLACEBO, comparison, mixture, side ^ bool(n % 2)))
    return found


def repeats_of(
    tests: Sequence[Drawn], trials: int, rng: np.random.Generator, *, alone: bool
) -> list[Drawn]:
    """Return some of `tests` with A and B swapped, as many of either side, give one."""
    if not trials:
        return []
    shuffled = [tests[n] for n in rng.permutation(len(tests))]
    if alone:
        return [replace(test, kind=Kind.REPEAT) for test in shuffled[:trials]]
    as_a = [t for t in shuffled if t.enhanced_first]
    as_b = [t for t in shuffled if not t.enhanced_first]
    sides = (as_a, as_b) if rng.integers(2) else (as_b, as_a)
    in_turn = [trial for pair in zip(*sides, strict=True) for trial in pair]
    return [
        replace(t, kind=Kind.REPEAT, enhanced_first=not t.enhanced_first)
        for t in in_turn[:trials]
    ]


# 4. Training


def practice_of(
    comparisons: Sequence[int],
    candidates: Sequence[Candidate],
    training: int,
    used: set[str],
    rng: np.random.Generator,
    *,
    alone: bool,
) -> list[Drawn]:
    """Return the training trials, from the worst SNR to the best."""
    snrs = sorted({c.snr_db for c in candidates})
    ends = (0, len(snrs) - 1) if training > 1 else ((len(snrs) - 1) // 2,) * 2
    wanted = np.linspace(*ends, training)
    turn, side = int(rng.integers(len(comparisons))), bool(rng.integers(2))
    in_test = np.array([c.sentence in used for c in candidates])
    snr = np.array([snrs.index(c.snr_db) for c in candidates])
    practice: list[Drawn] = []
    for n in range(training):
        taken = {t.candidate.sentence for t in practice}
        again = np.array([c.sentence in taken for c in candidates])
        chance = rng.random(len(candidates))
        best = np.lexsort((chance, abs(snr - wanted[n]), in_test, again))[0]
        comparison = comparisons[(turn + n) % len(comparisons)]
        first = alone or side ^ bool(n % 2)
        practice.append(Drawn(Kind.TRAINING, comparison, candidates[best], first))
    return practice
