"""The published schedule: which pairs a rater hears, in which order and positions.

Algorithm, version 1. One call draws one session. `exposure` counts how often each
comparison of each mixture was already given in each position, over complete sessions
and fresh ones under way; only test trials count. All draws come from one generator
(NumPy's PCG64) seeded with `seed`; same inputs and seed, same schedule.

1. Cells and mixtures. Every comparison gets trials / comparisons test trials. Which
   comparison is heard with which mixture is one linear assignment of sentences to slots
   (comparison, SNR, k), k = 0, 1, ...: a slot costs how often its comparison x SNR cell
   was given, plus k, so that the sum of squares of the cells' counts is least. Of equal
   solutions the one wins whose mixtures were given least, then whose pairs of
   comparison and mixture were given least, then chance. A sentence is one row of the
   assignment: it cannot come twice, whoever speaks it and at whatever SNR.
2. Positions. Within each comparison exactly half of its trials have the enhanced member
   as A: those whose pair of comparison and mixture lacks it most, then whose cell does,
   then chance.
3. Training. SNRs spread evenly from worst to best, the nearest mixture of a sentence
   that the test does not use if there is one; comparisons in turn, positions alternate.
4. Order. Chance, drawn trial by trial with backtracking such that no side is the
   enhanced one more than three times in a row (training included) and as few talkers as
   possible come twice in a row: first none, then one, and so on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

SCHEDULE_VERSION = 1
LONGEST_RUN = 3  # of the enhanced member on one side
STEPS_OF_ORDER = 2000  # after which an order with one more talker twice is allowed

# (comparison, mixture, enhanced first) -> how often it was given
Exposure = Mapping[tuple[int, int, bool], int]
# (comparison, SNR in dB) -> answers that it still takes
Room = Mapping[tuple[int, float], int]


class ImpossibleDesign(ValueError):
    """No schedule can keep the promises; the message says what is needed."""


@dataclass(frozen=True)
class Candidate:
    """A mixture as the schedule sees it."""

    mixture: int
    snr_db: float
    sentence: str
    speaker: str = ""  # empty: not known, and unlike all others


@dataclass(frozen=True)
class Drawn:
    """One trial of the schedule."""

    training: bool
    comparison: int
    candidate: Candidate
    enhanced_first: bool


def problems(*, comparisons: int, sentences: int, trials: int) -> list[str]:
    """Return why no schedule exists, in words; an empty list if one does."""
    if comparisons < 1:
        return ["Choose at least one comparison."]
    step = 2 * comparisons
    found = []
    if trials < 1 or trials % step:
        near = " or ".join(str(n) for n in suggestions(trials, comparisons=comparisons))
        found.append(
            f"Trials per session must be a multiple of {step} (twice the number of "
            f"comparisons), so that A and B are balanced in each: {near}, not {trials}."
        )
    if trials > sentences:
        found.append(
            f"{trials} trials need {trials} different sentences, since no rater hears "
            f"one twice; the stimulus set has {sentences}. Use {trials - sentences} "
            f"more sentences or fewer trials."
        )
    return found


def suggestions(trials: int, *, comparisons: int) -> list[int]:
    """Return the nearest numbers of trials that can be balanced, at most two."""
    step = 2 * comparisons
    below = max(trials, 0) // step * step
    return [n for n in (below, below + step) if n > 0]


def draw(
    *,
    comparisons: Sequence[int],
    candidates: Sequence[Candidate],
    trials: int,
    training: int,
    exposure: Exposure,
    seed: int,
    room: Room = MappingProxyType({}),
) -> list[Drawn]:
    """Return the trials of one session in the order in which they are heard.

    Parameters
    ----------
    comparisons
        Identifiers of the comparisons.
    candidates
        The mixtures there are, each rendered with all systems of all comparisons.
    trials, training
        Number of test trials (a multiple of twice the number of comparisons) and of
        training trials, which come first.
    exposure
        What was given so far; what is absent counts as 0.
    seed
        Of the generator.
    room
        How many answers a comparison at an SNR may get; where absent, any number.

    Raises
    ------
    ImpossibleDesign
        If the promises of this module cannot be kept.
    """
    sentences = {c.sentence for c in candidates}
    found = problems(
        comparisons=len(comparisons), sentences=len(sentences), trials=trials
    )
    if found:
        raise ImpossibleDesign(" ".join(found))
    rng = np.random.default_rng(seed)
    comparisons = sorted(comparisons)
    candidates = sorted(candidates, key=lambda c: c.mixture)
    chosen = _choose(comparisons, candidates, trials, exposure, room, rng)
    tests = _put_in_positions(chosen, exposure, rng)
    used = {t.candidate.sentence for t in tests}
    practice = _training(comparisons, candidates, training, used, rng)
    return [*practice, *_order(tests, practice, rng)]


# 1. Cells and mixtures


def _choose(
    comparisons: Sequence[int],
    candidates: Sequence[Candidate],
    trials: int,
    exposure: Exposure,
    room: Room,
    rng: np.random.Generator,
) -> list[tuple[int, Candidate]]:
    """Return `trials` pairs of comparison and mixture, no sentence twice.

    Rows of the assignment are the sentences, then fillers that keep empty what a
    comparison must leave empty; columns are the slots, then places for idle sentences.
    """
    each = trials // len(comparisons)
    sentences = sorted({c.sentence for c in candidates})
    snrs = sorted({c.snr_db for c in candidates})
    at_snr = [len({c.sentence for c in candidates if c.snr_db == s}) for s in snrs]
    slots = [
        (i, j, k)
        for i in range(len(comparisons))
        for j in range(len(snrs))
        for k in range(min(each, at_snr[j], room.get((comparisons[i], snrs[j]), each)))
    ]
    cell, price, which = _prices(
        comparisons, candidates, sentences, snrs, trials, exposure, rng
    )
    i, j, k = np.array(slots).T
    of_sentences = price[:, i, j] + cell.weight * (cell.fill[i, j] + k)
    idle = np.zeros((len(sentences), len(sentences) - trials))
    empty = [int(np.sum(i == one)) - each for one in range(len(comparisons))]
    if min(empty) < 0:
        raise ImpossibleDesign("A comparison has no room for a session's answers.")
    filler = np.repeat(np.arange(len(comparisons)), empty)
    of_fillers = np.where(filler[:, None] == i, 0.0, np.inf)
    never = np.full((len(filler), idle.shape[1]), np.inf)
    cost = np.block([[of_sentences, idle], [of_fillers, never]])
    rows, columns = _assign(cost)
    return [
        (comparisons[i[c]], candidates[which[r, i[c], j[c]]])
        for r, c in zip(rows, columns, strict=True)
        if r < len(sentences) and c < len(slots)
    ]


def _assign(
    cost: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns of the cheapest assignment."""
    try:
        rows, columns = linear_sum_assignment(cost)
    except ValueError as error:  # no assignment has a finite cost
        raise ImpossibleDesign("There are too few sentences at the SNRs.") from error
    return rows, columns


@dataclass(frozen=True)
class _Cells:
    fill: NDArray[np.float64]  # (comparisons, SNRs), least of each comparison is 0
    weight: float  # above all that a session's mixtures may cost


def _prices(
    comparisons: Sequence[int],
    candidates: Sequence[Candidate],
    sentences: Sequence[str],
    snrs: Sequence[float],
    trials: int,
    exposure: Exposure,
    rng: np.random.Generator,
) -> tuple[_Cells, NDArray[np.float64], NDArray[np.int64]]:
    """Return the cells, and price and index of the best mixture of every sentence.

    Both have the shape (sentences, comparisons, SNRs); the price is infinite where a
    sentence has no mixture at an SNR. Weights make the order of step 1 lexicographic.
    """
    given = np.array(
        [[_given(exposure, c, m.mixture) for m in candidates] for c in comparisons],
        dtype=float,
    )  # (comparisons, mixtures)
    snr = np.array([snrs.index(m.snr_db) for m in candidates])
    fill = np.stack([given[:, snr == j].sum(1) for j in range(len(snrs))], 1)
    mixture = given.sum(0) - given.sum(0).min()
    pair = given - given.min()
    per_pair = float(trials)
    per_mixture = trials * (1 + per_pair * pair.max())
    weight = trials * (1 + per_pair * pair.max() + per_mixture * mixture.max())
    asked = per_pair * pair + per_mixture * mixture + rng.random(pair.shape)

    shape = (len(sentences), len(comparisons), len(snrs))
    price, which = np.full(shape, np.inf), np.zeros(shape, dtype=np.int64)
    row = {sentence: index for index, sentence in enumerate(sentences)}
    for index, candidate in enumerate(candidates):
        at = (row[candidate.sentence], slice(None), snr[index])
        better = asked[:, index] < price[at]
        price[at] = np.where(better, asked[:, index], price[at])
        which[at] = np.where(better, index, which[at])
    return _Cells(fill - fill.min(1, keepdims=True), weight), price, which


def _given(exposure: Exposure, comparison: int, mixture: int) -> int:
    return sum(exposure.get((comparison, mixture, side), 0) for side in (True, False))


# 2. Positions


def _put_in_positions(
    chosen: Sequence[tuple[int, Candidate]],
    exposure: Exposure,
    rng: np.random.Generator,
) -> list[Drawn]:
    """Return the test trials, the enhanced member as A in half of each comparison.

    Of a cell only the mixtures of this session are looked at: theirs is what changes.
    """
    excess = Counter[tuple[int, int]]()  # of the enhanced member as A over as B
    for (comparison, mixture, first), count in exposure.items():
        excess[comparison, mixture] += count if first else -count
    tests = []
    for comparison in sorted({c for c, _ in chosen}):
        members = [m for c, m in chosen if c == comparison]
        ahead = [excess[comparison, m.mixture] for m in members]
        cell = Counter[float]()
        for member, count in zip(members, ahead, strict=True):
            cell[member.snr_db] += count
        cells = [cell[m.snr_db] for m in members]
        keys = np.array([rng.random(len(members)), cells, ahead])
        as_a = set(np.lexsort(keys)[: len(members) // 2].tolist())
        tests += [
            Drawn(False, comparison, member, n in as_a)
            for n, member in enumerate(members)
        ]
    return tests


# 3. Training


def _training(
    comparisons: Sequence[int],
    candidates: Sequence[Candidate],
    training: int,
    used: set[str],
    rng: np.random.Generator,
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
        practice.append(Drawn(True, comparison, candidates[best], side ^ bool(n % 2)))
    return practice


# 4. Order


def _order(
    tests: Sequence[Drawn], before: Sequence[Drawn], rng: np.random.Generator
) -> list[Drawn]:
    """Return `tests` in an order that follows the training trials `before`."""
    shuffled = [tests[n] for n in rng.permutation(len(tests))]
    for allowed in range(len(tests) + 1):
        steps = iter(range(STEPS_OF_ORDER))
        found = _continue(list(before), shuffled, allowed, steps, rng)
        if found is not None:
            return found[len(before) :]
    raise ImpossibleDesign("No order of the trials keeps the sides mixed.")


def _continue(
    placed: list[Drawn],
    left: list[Drawn],
    allowed: int,
    steps: Iterator[int],
    rng: np.random.Generator,
) -> list[Drawn] | None:
    """Return `placed` followed by all that is `left`; None if it cannot be done.

    `allowed` talkers more may come twice in a row; `steps` runs out when it takes long.
    """
    if not left:
        return placed
    if next(steps, None) is None:
        return None
    if not _sides_fit(placed, left) or _clashes_ahead(placed, left) > allowed:
        return None
    for n in rng.permutation(len(left)):
        clash = _same_talker(placed, left[n])
        rest = left[:n] + left[n + 1 :]
        found = _continue([*placed, left[n]], rest, allowed - clash, steps, rng)
        if found is not None:
            return found
    return None


def _sides_fit(placed: Sequence[Drawn], left: Sequence[Drawn]) -> bool:
    """Return whether the sides that are left can follow without a long run.

    n trials of one side need another side after each `LONGEST_RUN` of them.
    """
    side = placed[-1].enhanced_first if placed else True
    run = 0
    for trial in reversed(placed):
        if trial.enhanced_first != side:
            break
        run += 1
    same = sum(t.enhanced_first == side for t in left)
    other = len(left) - same
    fits = same <= LONGEST_RUN - run + LONGEST_RUN * other
    return run <= LONGEST_RUN and fits and other <= LONGEST_RUN * (same + 1)


def _clashes_ahead(placed: Sequence[Drawn], left: Sequence[Drawn]) -> int:
    """Return how many talkers must come twice in a row, at the least."""
    talkers = Counter(t.candidate.speaker for t in left if t.candidate.speaker)
    last = placed[-1].candidate.speaker if placed else ""
    least = [
        count - (len(left) - count) - (talker != last)
        for talker, count in talkers.items()
    ]
    return max([0, *least])


def _same_talker(placed: Sequence[Drawn], trial: Drawn) -> bool:
    if not placed or not trial.candidate.speaker:
        return False
    return placed[-1].candidate.speaker == trial.candidate.speaker
