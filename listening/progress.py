"""Where a session stands, and how long the rest will take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from listening import headphone_check, methods
from listening.models import Session, Study, Trial

SECONDS_A_TRIAL = 15.0  # until the rater's own pace is known
PACED_BY = 3  # answers from which it is known


@dataclass(frozen=True)
class Place:
    """What the rater sees next, and where that is."""

    trial: Trial
    next: Trial | None  # to be fetched ahead
    number: int  # among those for practice, or among the rest: kinds stay secret
    of: int
    done: int  # of all kinds
    total: int
    minutes_left: int


def minutes(study: Study) -> int:
    """Return about how many minutes a session of `study` takes."""
    trials = study.trials_per_session + study.training_trials + study.checks.total
    trials *= max(1, len(methods.load(study.method).scales))
    headphones_s = headphone_check.trials_of(study) * headphone_check.SECONDS_A_TRIAL
    return math.ceil((trials * SECONDS_A_TRIAL + headphones_s + 60) / 60)


def place_of(session: Session) -> Place | None:
    """Return where `session` stands; None if every trial is answered."""
    trials = list(session.trials.with_answers())
    left = [t for t in trials if not hasattr(t, "response")]
    if not left:
        return None
    current = left[0]
    alike = [t for t in trials if t.is_training == current.is_training]
    return Place(
        trial=current,
        next=left[1] if len(left) > 1 else None,
        number=alike.index(current) + 1,
        of=len(alike),
        done=len(trials) - len(left),
        total=len(trials),
        minutes_left=math.ceil(len(left) * pace(trials) / 60),
    )


def pace(trials: Sequence[Trial]) -> float:
    """Return the seconds that this rater takes for a trial."""
    taken = [
        (t.response.answered_at - t.shown_at).total_seconds()
        for t in trials
        if hasattr(t, "response") and t.shown_at is not None
    ]
    return median(taken) if len(taken) >= PACED_BY else SECONDS_A_TRIAL
