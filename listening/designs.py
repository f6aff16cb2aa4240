"""The published schedule: which pairs a rater hears, in which order and positions.

Algorithm, version 2. One call draws one session. `exposure` counts how often each
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
3. Checks on the rater, with sentences of their own, in this order: gold trials, at the
   lowest SNR that is left, so that nobody can miss what is better; placebos, by chance,
   comparisons in turn. In both, sides alternate from one drawn by chance. Repeats are
   test trials drawn by chance, from both sides in turn, with A and B swapped.
4. Training. SNRs spread evenly from worst to best, the nearest mixture of a sentence
   that nothing else uses if there is one; comparisons in turn, positions alternate.
5. Order. Chance, drawn trial by trial with backtracking such that no side is the
   enhanced one (of a placebo: the one that it stands for) more than three times in a
   row, training included; that a repeat is a third of the session behind its first
   time; and that as few talkers as possible come twice in a row: first none, then one,
   and so on.

One sound by itself has no position: there is no step 2, a session needs no even number
of trials, repeats swap nothing, and no run is too long.

Version 1 had neither step 3 nor repeats; without checks both draw the same schedules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from listening.further_trials import (
    gold_of,
    placebos_of,
    practice_of,
    repeats_of,
    unused_of,
)
from listening.ordering import LONGEST_RUN, order
from listening.schedule import Candidate, Checks, Drawn, ImpossibleDesign, Kind

__all__ = ["Candidate", "Checks", "Drawn", "ImpossibleDesign", "Kind", "draw"]

SCHEDULE_VERSION = 2

# (comparison, mixture, enhanced first) -> how often it was given
Exposure = Mapping[tuple[int, int, bool], int]
NO_CHECKS = Checks()
NO_PLACEBO = "A placebo is one sound twice: where there is one sound it is no trial."
# (comparison, SNR in dB) -> answers that it still takes
Room = Mapping[tuple[int, float], int]


def problems(
    *,
    comparisons: int,
    sentences: int,
    trials: int,
    checks: Checks = NO_CHECKS,
    alone: bool = False,
) -> list[str]:
    """Return why no schedule exists, in words; an empty list if one does."""
    if comparisons < 1:
        return ["Choose at least one comparison."]
    found = [
        problem_of_balance(trials, comparisons, alone=alone),
        problem_of_sentences(trials, checks, sentences=sentences),
        problem_of_repeats(trials, checks.repeat),
        NO_PLACEBO if alone and checks.placebo else "",
    ]
    return [problem for problem in found if problem]


def problem_of_balance(trials: int, comparisons: int, *, alone: bool) -> str:
    """Return why so many trials cannot be balanced; "" if they can."""
    step = comparisons if alone else 2 * comparisons
    if trials > 0 and not trials % step:
        return ""
    near = " or ".join(map(str, suggestions(trials, step=step)))
    if alone:
        return (
            f"Trials per session must be a multiple of {step}, the number of systems, "
            f"so that each is heard equally often: {near}, not {trials}."
        )
    return (
        f"Trials per session must be a multiple of {step} (twice the number of "
        f"comparisons), so that A and B are balanced in each: {near}, not {trials}."
    )


def problem_of_sentences(trials: int, checks: Checks, *, sentences: int) -> str:
    """Return why there are too few sentences; "" if there are enough."""
    needed = trials + checks.sentences
    if needed <= sentences:
        return ""
    return (
        f"{_named(trials, checks)} need {needed} different sentences, since no "
        f"rater hears one twice; the stimulus set has {sentences}. Use "
        f"{needed - sentences} more sentences or fewer trials."
    )


def problem_of_repeats(trials: int, repeats: int) -> str:
    """Return why so many of so many trials cannot be repeated; "" if they can."""
    if repeats <= trials // 2:
        return ""
    return (
        f"{repeats} of {trials} trials cannot be repeated at a distance: repeat at "
        f"most half of them, {trials // 2}."
    )


def _named(trials: int, checks: Checks) -> str:
    parts = [f"{trials} trials"]
    parts += [f"{checks.gold} gold trials"] if checks.gold else []
    parts += [f"{checks.placebo} placebos"] if checks.placebo else []
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def suggestions(trials: int, *, step: int) -> list[int]:
    """Return the nearest multiples of `step`, at most two."""
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
    checks: Checks = NO_CHECKS,
    room: Room = MappingProxyType({}),
    alone: bool = False,
) -> list[Drawn]:
    """Return the trials of one session in the order in which they are heard.

    Parameters
    ----------
    comparisons
        Identifiers of the comparisons.
    candidates
        The mixtures there are, each rendered with all systems of all comparisons, and
        of gold trials if there are to be any.
    trials, training
        Number of test trials (a multiple of twice the number of comparisons, or of
        the number if sounds are alone) and of training trials, which come first.
    exposure
        What was given so far; what is absent counts as 0.
    seed
        Of the generator.
    checks
        Number of gold trials, placebos and repeats, mixed in with the test trials.
    room
        How many answers a comparison at an SNR may get; where absent, any number.
    alone
        Whether a trial has one sound, so that there is no A and B.

    Raises
    ------
    ImpossibleDesign
        If the promises of this module cannot be kept.
    """
    sentences = {c.sentence for c in candidates}
    found = problems(
        comparisons=len(comparisons),
        sentences=len(sentences),
        trials=trials,
        checks=checks,
        alone=alone,
    )
    if found:
        raise ImpossibleDesign(" ".join(found))
    rng = np.random.default_rng(seed)
    comparisons = sorted(comparisons)
    candidates = sorted(candidates, key=lambda c: c.mixture)
    chosen = _choose(comparisons, candidates, trials, exposure, room, rng)
    if alone:
        asked = [
            Drawn(Kind.TEST, comparison, mixture, True)
            for comparison, mixture in chosen
        ]
    else:
        asked = _put_in_positions(chosen, exposure, rng)
    asked += repeats_of(asked, checks.repeat, rng, alone=alone)
    asked += gold_of(unused_of(candidates, asked), checks.gold, rng)
    unused = unused_of(candidates, asked)
    asked += placebos_of(comparisons, unused, checks.placebo, rng)
    used = {t.candidate.sentence for t in asked}
    practice = practice_of(comparisons, candidates, training, used, rng, alone=alone)
    longest = len(asked) + training if alone else LONGEST_RUN
    return [*practice, *order(asked, practice, rng, longest_run=longest)]


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
            Drawn(Kind.TEST, comparison, member, n in as_a)
            for n, member in enumerate(members)
        ]
    return tests
