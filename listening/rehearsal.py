"""What the first sessions of a study would be: drawn as for raters, and not stored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from listening import cells, methods
from listening.asking import as_asked
from listening.designs import Drawn, ImpossibleDesign, draw
from listening.enrolment import candidates
from listening.models import Comparison, Study
from listening.schedule import TOGETHER, Kind, members
from listening.together import systems_of

SESSIONS = 10


@dataclass(frozen=True)
class Planned:
    """A trial of a drawn schedule in words."""

    kind: Kind
    snr_db: float
    sentence: str
    a: str  # the system that is member A; all in their order, if they are together
    b: str
    x: str = ""  # "A" or "B", where there is an X
    scale: str = ""  # on which a sound by itself is scored


@dataclass(frozen=True)
class Balance:
    """How often the system of a comparison is A, and B, in test trials."""

    comparison: Comparison
    as_a: int
    as_b: int


@dataclass(frozen=True)
class Rehearsal:
    schedules: list[list[Planned]]
    balance: list[Balance]
    alone: bool  # trials are about systems by themselves: there is no A and B


def rehearse(study: Study, *, sessions: int = SESSIONS) -> Rehearsal | None:
    """Return the first `sessions` sessions of an empty study, or None if none exists.

    Each is drawn on the exposure that those before it left, as if all were completed.
    """
    comparisons = {c.pk: c for c in study.comparisons.all()}
    exposure: Counter[tuple[int, int, bool]] = Counter()
    begun: Counter[str] = Counter()  # sessions by their first scale
    rng = np.random.default_rng(study.seed)
    drawn: list[list[Drawn]] = []
    there, units = candidates(study), cells.units_of(study)
    method, together = methods.load(study.method), systems_of(study)
    for _ in range(sessions):
        seed = int(rng.integers(2**32))
        try:
            schedule = draw(
                comparisons=units,
                candidates=there,
                trials=study.trials_per_session,
                training=study.training_trials,
                exposure=exposure,
                seed=seed,
                checks=study.checks,
                alone=not method.has_pairs,
            )
        except ImpossibleDesign:
            return None
        asked = as_asked(schedule, method, seed=seed, begun=begun, together=together)
        begun[asked[0].scale] += 1
        drawn.append(asked)
        exposure.update(_keys(schedule))
    return Rehearsal(
        [[_planned(trial, study, comparisons) for trial in one] for one in drawn],
        [_balance(comparison, exposure) for comparison in comparisons.values()],
        not method.has_pairs,
    )


def _keys(schedule: list[Drawn]) -> list[tuple[int, int, bool]]:
    return [
        (trial.comparison, trial.candidate.mixture, trial.enhanced_first)
        for trial in schedule
        if trial.comparison is not None and trial.kind is Kind.TEST
    ]


def _planned(trial: Drawn, study: Study, comparisons: dict[int, Comparison]) -> Planned:
    candidate = trial.candidate
    if trial.together:
        a, b = ", ".join(trial.together), ""
    else:
        asked = comparisons[trial.comparison].pair if trial.comparison else None
        a, b = members(
            trial.kind, asked, gold=study.gold_pair, enhanced_first=trial.enhanced_first
        )
    x = {True: "A", False: "B", None: ""}[trial.x_first]
    return Planned(
        trial.kind, candidate.snr_db, candidate.sentence, a, b, x, trial.scale
    )


def _balance(
    comparison: Comparison, exposure: Counter[tuple[int, int, bool]]
) -> Balance:
    count: Counter[bool] = Counter()
    for (key, _mixture, first), times in exposure.items():
        if key in (comparison.pk, TOGETHER):
            count[first] += times
    return Balance(comparison, as_a=count[True], as_b=count[False])
