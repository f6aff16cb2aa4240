"""Which member X is: drawn for a session's trials once their order stands.

Of the test trials of a comparison X is A in half. Where the system is A in an even
number of them, X is the system in half as well; else in one more or one less than half,
by chance. So it is with gold trials, placebos and practice, each by themselves, as far
as their number allows. A repeat swaps A and B and keeps X the same sound. The order is
by chance, and long runs of one answer are part of that: whoever counts on the next
answer being the other one is wrong half of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from listening.schedule import Drawn, Kind


def with_x(drawn: Sequence[Drawn], *, seed: int) -> list[Drawn]:
    """Return the trials in the same order, with X; same trials and seed, same X."""
    rng = np.random.default_rng([seed, 1])  # not the numbers that drew the trials
    groups: dict[tuple[Kind, int | None], list[int]] = {}
    for n, trial in enumerate(drawn):
        if trial.kind is not Kind.REPEAT:
            groups.setdefault((trial.kind, trial.comparison), []).append(n)
    x_first: dict[int, bool] = {}
    for places in groups.values():
        x_first |= _balanced(drawn, places, rng)
    for n, trial in enumerate(drawn):
        if trial.kind is Kind.REPEAT:
            first = next(m for m, other in enumerate(drawn) if trial.repeats(other))
            x_first[n] = not x_first[first]
    return [replace(trial, x_first=x_first[n]) for n, trial in enumerate(drawn)]


def _balanced(
    drawn: Sequence[Drawn], places: Sequence[int], rng: np.random.Generator
) -> dict[int, bool]:
    """Return for each of `places` whether X is A there.

    Of those where the system is A, and of the others, half each; of two odd numbers
    one has one more than half and the other one less.
    """
    more = bool(rng.integers(2))
    found: dict[int, bool] = {}
    for side in (True, False):
        alike = [n for n in places if drawn[n].enhanced_first is side]
        half = (len(alike) + more) // 2
        as_a = set(rng.permutation(len(alike))[:half].tolist())
        found |= {n: at in as_a for at, n in enumerate(alike)}
        more ^= bool(len(alike) % 2)
    return found
