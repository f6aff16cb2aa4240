"""The last step of a schedule: in which order its trials are heard.

A search with backtracking, trial by trial, that gives up a branch as soon as the trials
that are left cannot keep the promises any more. Where trials are repeated it is begun
anew when it takes long: a bad beginning shows late, when only repeats are left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from listening.schedule import Drawn, ImpossibleDesign

LONGEST_RUN = 3  # of the enhanced member on one side
STEPS_OF_ORDER = 2000  # after which an order with one more talker twice is allowed
# With repeats: so many attempts, of so many steps a trial, and more when only talkers
# that come twice are left to be allowed
ATTEMPTS, STEPS_A_TRIAL, LAST_ATTEMPTS = 5, 4, 500


def distance_of(trials: int) -> int:
    """Return how many places a repeat is behind its first time, at the least.

    A third of the session: there is always room, since no more than half of the test
    trials are repeated.
    """
    return max(1, trials // 3)


def order(
    trials: Sequence[Drawn],
    before: Sequence[Drawn],
    rng: np.random.Generator,
    *,
    longest_run: int = LONGEST_RUN,
) -> list[Drawn]:
    """Return `trials` in an order that follows the training trials `before`.

    Raises
    ------
    ImpossibleDesign
        If no order was found that mixes the sides and keeps repeats at a distance.
    """
    shuffled = [trials[n] for n in rng.permutation(len(trials))]
    firsts = {n: _first_of(trial, shuffled) for n, trial in enumerate(shuffled)}
    first_of = {n: first for n, first in firsts.items() if first is not None}
    for allowed in range(len(trials) + 1):
        for steps in _budgets(len(trials), bool(first_of), allowed):
            search = _Search(
                shuffled, list(before), first_of, rng, iter(range(steps)), longest_run
            )
            found = search.go_on([], list(range(len(trials))), allowed)
            if found is not None:
                return [shuffled[n] for n in found]
    raise ImpossibleDesign("No order of the trials keeps the sides mixed.")


def _first_of(trial: Drawn, trials: Sequence[Drawn]) -> int | None:
    """Return which of `trials` is repeated by `trial`, if any."""
    return next((n for n, other in enumerate(trials) if trial.repeats(other)), None)


def _budgets(trials: int, repeats: bool, allowed: int) -> list[int]:
    """Return the steps of each attempt at an order."""
    if not repeats:
        return [STEPS_OF_ORDER]
    attempts = LAST_ATTEMPTS if allowed == trials else ATTEMPTS
    return [STEPS_A_TRIAL * trials] * attempts


@dataclass(frozen=True)
class _Search:
    trials: Sequence[Drawn]
    before: list[Drawn]
    first_of: dict[int, int]  # repeat -> its first time
    rng: np.random.Generator
    steps: Iterator[int]  # runs out when it takes long
    longest_run: int

    def go_on(
        self, placed: list[int], left: list[int], allowed: int
    ) -> list[int] | None:
        """Return `placed` followed by all that is `left`; None if it cannot be done.

        Trials are numbers; `allowed` talkers more may come twice in a row.
        """
        if not left:
            return placed
        if next(self.steps, None) is None or not self._fits(placed, left, allowed):
            return None
        last = self.trials[placed[-1]] if placed else next(reversed(self.before), None)
        late = self._late(placed, left)
        for n in self.rng.permutation(len(left)):
            if self.first_of.get(left[n]) in late:
                continue
            clash = _same_talker(last, self.trials[left[n]])
            rest = left[:n] + left[n + 1 :]
            found = self.go_on([*placed, left[n]], rest, allowed - clash)
            if found is not None:
                return found
        return None

    def _fits(self, placed: list[int], left: list[int], allowed: int) -> bool:
        heard = [
            *self.before,
            *(self.trials[n] for n in placed[-self.longest_run - 1 :]),
        ]
        ahead = [self.trials[n] for n in left]
        return (
            _sides_fit(heard, ahead, self.longest_run)
            and _clashes_ahead(heard, ahead) <= allowed
            and self._repeats_fit(left)
        )

    def _repeats_fit(self, left: list[int]) -> bool:
        """Tell if all repeats find a place far enough behind their first times.

        Of k first times that are left the last comes at the k-th place from here at
        the earliest, and the last repeat at the end; so for the others, in order.
        """
        k = len(set(self.first_of.values()).intersection(left))
        return not k or len(left) - k >= distance_of(len(self.trials))

    def _late(self, placed: list[int], left: list[int]) -> set[int | None]:
        """Return the trials that were not heard long enough ago to come again."""
        distance = distance_of(len(self.trials))
        return {*left, *placed[max(0, len(placed) - distance + 1) :]}


def _sides_fit(placed: Sequence[Drawn], left: Sequence[Drawn], longest: int) -> bool:
    """Return whether the sides that are left can follow without a run beyond `longest`.

    n trials of one side need another side after each `longest` of them.
    """
    side = placed[-1].enhanced_first if placed else True
    run = 0
    for trial in reversed(placed):
        if trial.enhanced_first != side:
            break
        run += 1
    same = sum(t.enhanced_first == side for t in left)
    other = len(left) - same
    fits = same <= longest - run + longest * other
    return run <= longest and fits and other <= longest * (same + 1)


def _clashes_ahead(placed: Sequence[Drawn], left: Sequence[Drawn]) -> int:
    """Return how many talkers must come twice in a row, at the least."""
    talkers = Counter(t.candidate.speaker for t in left if t.candidate.speaker)
    last = placed[-1].candidate.speaker if placed else ""
    least = [
        count - (len(left) - count) - (talker != last)
        for talker, count in talkers.items()
    ]
    return max([0, *least])


def _same_talker(last: Drawn | None, trial: Drawn) -> bool:
    if last is None or not trial.candidate.speaker:
        return False
    return last.candidate.speaker == trial.candidate.speaker
