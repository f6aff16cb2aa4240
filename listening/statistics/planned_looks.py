"""Looks at a study before its end, planned with it: when, and what they cost.

Looks come after equal numbers of raters, with the boundaries of `sequential.py` for the
two-way cluster-robust t of one system, over all its SNRs. Simulated studies of the
planned design tell how often each look ends the study, and after how many raters.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import stdtrit

from listening.statistics.planned_tests import rejections
from listening.statistics.planning import each_replicate
from listening.statistics.sequential import Boundaries, Kind, boundaries, inflation
from listening.statistics.simulated import (
    Floats,
    ImpossibleStudy,
    Ints,
    StudyDesign,
    conditional_logits,
)

MOST_LOOKS = 10
FEWEST = 2  # raters between looks


@dataclass(frozen=True)
class PlannedLooks:
    """The last look is the end of the study. Shape (looks,) each."""

    kind: Kind
    alpha: float
    power: float  # for which `inflation` is
    inflation: float  # largest information over that of a study with one look
    raters: Ints  # heard by each look
    boundaries: Boundaries
    t: Floats  # least two-way t that a look finds something with; inf: none
    found: Floats  # share of simulated studies that had ended by each look
    found_at_end_only: float  # the same with one look at the end
    expected_raters: float  # heard on average
    replicates: int


def plan_looks(
    design: StudyDesign,
    rng: np.random.Generator,
    *,
    looks: int,
    system: int,
    kind: Kind = "obrien-fleming",
    power: float = 0.8,
    alpha: float = 0.05,
    replicates: int = 500,
    jobs: int = 1,
    told: Callable[[int], None] | None = None,
) -> PlannedLooks:
    """Return boundaries and outcome of `looks`, the last of them at the end.

    Raises
    ------
    ImpossibleStudy
        If there are fewer than two looks, too many, or too few raters between them.
    """
    raters = raters_at(design, looks)
    plan = boundaries(raters / design.raters, kind=kind, alpha=alpha)
    df = np.minimum(raters, design.utterances) - 1
    work = partial(
        rejections,
        design,
        conditional_logits(design),
        np.append(plan.nominal, alpha),
        np.append(raters, design.raters),
        (system, design.snrs),
    )
    seeds = [int(seed) for seed in rng.integers(0, 2**63, replicates)]
    rejected = np.array(list(each_replicate(work, seeds, jobs, told)))
    ended = np.logical_or.accumulate(rejected[:, :-1], axis=1)
    found = ended.mean(axis=0)
    steps = np.diff(raters, prepend=0)
    return PlannedLooks(
        kind=kind,
        alpha=alpha,
        power=power,
        inflation=inflation(plan, power=power, alpha=alpha),
        raters=raters,
        boundaries=plan,
        t=stdtrit(df, 1 - plan.nominal / 2),
        found=found,
        found_at_end_only=float(rejected[:, -1].mean()),
        expected_raters=float(steps @ (1 - np.append(0.0, found[:-1]))),
        replicates=replicates,
    )


def raters_at(design: StudyDesign, looks: int) -> Ints:
    """Return how many raters there are at each look; ImpossibleStudy as above."""
    if not 2 <= looks <= MOST_LOOKS:
        raise ImpossibleStudy(
            f"between 1 and {MOST_LOOKS - 1} looks can be planned before the end"
        )
    if design.raters < FEWEST * looks:
        raise ImpossibleStudy(
            f"{looks} looks, the end among them, need at least {FEWEST * looks} raters"
        )
    return np.round(design.raters * np.arange(1, looks + 1) / looks).astype(np.intp)
