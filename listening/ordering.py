"""The last step of a schedule: in which order its trials are heard.

A search with backtracking, trial by trial, that gives up a branch as soon as the trials
that are left cannot keep the promises any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from listening.schedule import Drawn, ImpossibleDesign, Kind

LONGEST_RUN = 3  # of the enhanced member on one side
STEPS_OF_ORDER = 2000  # after which an order with one more talker twice is allowed


def distance_of(trials: int) -> int:
    """Return how many places a repeat is behind its first time, at the least.

    A third of the session: there is always room, since no more than half of the test
    trials are repeated.
    """
    return max(1, trials // 3)


def order(
    trials: Sequence[Drawn], before: Sequence[Drawn], rng: np.random.Generator
) -> list[Drawn]:
    """Return `trials` in an order that follows the training trials `before`.

    Raises
    ------
    ImpossibleDesign
        If no order was found that mixes the sides and keeps repeats at a distance.
    """
    shuffled = [trials[n] for n in rng.permutation(len(trials))]
    distance = distance_of(len(trials))
    for allowed in range(len(trials) + 1):
        search = _Search(distance, rng, iter(range(STEPS_OF_ORDER)))
        found = search.go_on(list(before), shuffled, allowed)
        if found is not None:
            return found[len(before) :]
    raise ImpossibleDesign("No order of the trials keeps the sides mixed.")


@dataclass(frozen=True)
class _Search:
    distance: int
    rng: np.random.Generator
    steps: Iterator[int]  # runs out when it takes long

    def go_on(
        self, placed: list[Drawn], left: list[Drawn], allowed: int
    ) -> list[Drawn] | None:
        """Return `placed` followed by all that is `left`; None if it cannot be done.

        `allowed` talkers more may come twice in a row.
        """
        if not left:
            return placed
        if next(self.steps, None) is None or not self._fits(placed, left, allowed):
            return None
        for n in self.rng.permutation(len(left)):
            if not self._far_enough(placed, left, left[n]):
                continue
            clash = _same_talker(placed, left[n])
            rest = left[:n] + left[n + 1 :]
            found = self.go_on([*placed, left[n]], rest, allowed - clash)
            if found is not None:
                return found
        return None

    def _fits(self, placed: list[Drawn], left: list[Drawn], allowed: int) -> bool:
        return (
            _sides_fit(placed, left)
            and _clashes_ahead(placed, left) <= allowed
            and self._repeats_fit(left)
        )

    def _repeats_fit(self, left: list[Drawn]) -> bool:
        """Tell if all repeats find a place far enough behind their first times.

        Of k first times that are left the last comes at the k-th place from here at
        the earliest, and the last repeat at the end; so for the others, in order.
        """
        repeats = [trial for trial in left if trial.kind is Kind.REPEAT]
        k = sum(any(again.repeats(trial) for again in repeats) for trial in left)
        return not k or len(left) - k >= self.distance

    def _far_enough(self, placed: list[Drawn], left: list[Drawn], trial: Drawn) -> bool:
        """Tell if `trial` may come now: a repeat comes long after its first time."""
        if trial.kind is not Kind.REPEAT:
            return True
        if any(trial.repeats(other) for other in left):
            return False
        late = placed[max(0, len(placed) - self.distance + 1) :]
        return not any(trial.repeats(other) for other in late)


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
