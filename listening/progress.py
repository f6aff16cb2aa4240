"""Where a session stands, and how long the rest will take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from listening import headphone_check, methods
from listening.models import Session, Study, Trial
from listening.together import systems_of

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
    trials *= sounds_of(study)
    headphones_s = headphone_check.trials_of(study) * headphone_check.SECONDS_A_TRIAL
    return math.ceil((trials * SECONDS_A_TRIAL + headphones_s + 60) / 60)


def sounds_of(study: Study) -> int:
    """Return how many questions a trial of `study` stands for.

    On several scales a sound is heard again for each; many sounds are scored in one.
    """
    method = methods.load(study.method)
    if method.is_together:
        return len(systems_of(study))
    return max(1, len(method.scales))


def place_of(session: Session) -> Place | None:
    """Return where `session` stands; None if every trial is answered."""
    trials = list(session.trials.with_answers())
    left = [t for t in trials if not hasattr(t, "response")]
    if not left:
        return None
    current = left[0]
    scored = max(1, current.sounds.count())
    alike = [t for t in trials if t.is_training == current.is_training]
    return Place(
        trial=current,
        next=left[1] if len(left) > 1 else None,
        number=alike.index(current) + 1,
        of=len(alike),
        done=len(trials) - len(left),
        total=len(trials),
        minutes_left=math.ceil(len(left) * pace(trials, scored=scored) / 60),
    )


def pace(trials: Sequence[Trial], *, scored: int = 1) -> float:
    """Return the seconds that this rater takes for a trial of so many scores."""
    taken = [
        (t.response.answered_at - t.shown_at).total_seconds()
        for t in trials
        if hasattr(t, "response") and t.shown_at is not None
    ]
    return median(taken) if len(taken) >= PACED_BY else scored * SECONDS_A_TRIAL
