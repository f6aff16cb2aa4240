"""The rounds of the headphone check: drawn when they fall due, and what is heard.

One comes before the first trial, and another whenever the volume is set again. The
sounds and the reasons for the numbers are in `headphones`; answers are judged in
`headphone_answering`.
"""

from __future__ import annotations

import numpy as np

from listening import headphones, wav
from listening.models import HeadphoneTrial, Session, Study

PER_KIND = headphones.TRIALS
STREAM = 1  # beside the schedule, which is drawn from the session's seed alone
SECONDS_A_TRIAL = 8.0  # to hear it and to answer


def trials_of(study: Study) -> int:
    """Return how many sounds an attempt has: those of each kind, and one for ears."""
    kinds = len(study.headphone_kinds)
    return PER_KIND * kinds + 1 if kinds else 0


def draw(session: Session) -> None:
    """Store the next round of `session`, every attempt, before anything is shown."""
    before = session.headphone_trials.newest_round()
    HeadphoneTrial.objects.bulk_create(drawn(session, number=before + 1))


def drawn(session: Session, *, number: int) -> list[HeadphoneTrial]:
    """Return every attempt of a round, drawn from the session's seed and its number.

    Right answers are drawn each by itself: whoever guesses is right in one of three,
    whatever was right before.
    """
    counted = [k for k in session.study.headphone_kinds for _ in range(PER_KIND)]
    kinds = [headphones.SIDE, *counted] if counted else []
    rng = np.random.default_rng([session.seed, STREAM, number])
    return [
        HeadphoneTrial(
            session=session,
            round=number,
            attempt=attempt,
            position=position,
            kind=kind,
            odd=int(rng.integers(1, 3 if kind == headphones.SIDE else 4)),
            seed=int(rng.integers(2**32)),
        )
        for attempt in range(1, headphones.ATTEMPTS + 1)
        for position, kind in enumerate(kinds, start=1)
    ]


def sound_of(trial: HeadphoneTrial) -> bytes:
    """Return what is heard, a WAV file as loud as the study's speech."""
    level_dbov = trial.session.study.stimulus_set.level_db
    sound = headphones.sound(trial.kind, trial.seed, trial.odd, level_dbov=level_dbov)
    return wav.encode(sound, rate_hz=headphones.RATE_HZ)
