"""Raters made by a program: to try a study before people do, and to test the analysis.

They go through a study by the verbs that people's browsers call, and are marked as
simulated in every row. Their answers follow a latent preference that is known:

    latent = effect(comparison, SNR) + rater + utterance + position +- bias / 2 + noise,

in logits, noise logistic, rater and utterance normal. Its sign is who is preferred; how
far it is from zero is how strongly, by `Listeners.thresholds`. The effects come from
the objective scores of the stimuli (SI-SDR gained, per comparison and SNR) unless they
are given. They are an assumption that shows what a study would look like; they say
nothing about what people prefer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import numpy as np
from django.db import transaction
from django.db.models import Avg

from listening import answering, methods
from listening.enrolment import enrol, stage_now
from listening.models import Session, Study, Trial
from stimuli.models import Stimulus

# (system, reference, SNR in dB) -> logits by which the system is preferred
Effects = Mapping[tuple[str, str, float], float]


@dataclass(frozen=True)
class Listeners:
    """What simulated raters are like. Effects and SDs in logits."""

    logits_per_db: float = 0.2  # of SI-SDR gained by the system over its reference
    most_logits: float = 2.0  # an effect from scores goes no further than this
    rater_sd: float = 0.8
    utterance_sd: float = 0.5
    position_bias: float = 0.2  # logits by which A is favoured over B
    lapse: float = 0.02  # share of answers that are given at random
    thresholds: tuple[float, float, float] = (0.3, 1.3, 2.6)  # where strength changes
    listening_s: float = 3.0  # median seconds for which a member is heard
    thinking_s: float = 1.5  # median seconds from there to the answer


@dataclass(frozen=True)
class Heard:
    """An answer (-3..3, negative for A) and how it came about; times in seconds."""

    value: int
    listened_a_s: float
    listened_b_s: float
    switches: int
    response_time_s: float


def preference(
    listeners: Listeners,
    *,
    effect: float,
    rater: float,
    utterance: float,
    enhanced_first: bool,
    values: frozenset[int],
    rng: np.random.Generator,
) -> int:
    """Draw one of `values`, positive if B is preferred.

    The latent preference is cut into steps of strength 0 to 3 by the thresholds; a
    method that has no "no preference", or fewer strengths, gets the nearest answer.
    """
    if rng.random() < listeners.lapse:
        return int(rng.choice(sorted(values)))
    first = 1 if enhanced_first else -1
    latent = effect + rater + utterance + first * listeners.position_bias / 2
    latent += rng.logistic()
    strength = int(np.searchsorted(listeners.thresholds, abs(latent)))
    strength = min(max(strength, 0 if 0 in values else 1), max(values))
    return -first * int(np.sign(latent)) * strength


def hear(listeners: Listeners, value: int, rng: np.random.Generator) -> Heard:
    """Draw how long both members were heard, and when the answer came."""
    a, b = rng.lognormal(np.log(listeners.listening_s), 0.3, size=2)
    switches = 1 + int(rng.poisson(1.5))
    thinking = rng.lognormal(np.log(listeners.thinking_s), 0.4)
    return Heard(value, round(a, 2), round(b, 2), switches, round(a + b + thinking, 2))


def effects_of(study: Study, listeners: Listeners) -> Effects:
    """Return the mean SI-SDR gained in each comparison and SNR, turned into logits.

    Where a stimulus has no score its effect is zero.
    """
    stimuli = Stimulus.objects.filter(mixture__stimulus_set_id=study.stimulus_set_id)
    scored = stimuli.rendered().exclude(si_sdr_db=None).order_by()
    by_cell = scored.values_list("system", "mixture__snr_db").annotate(Avg("si_sdr_db"))
    means = {(system, snr_db): mean for system, snr_db, mean in by_cell}
    most = listeners.most_logits
    return {
        (system, reference, snr_db): float(
            np.clip(
                listeners.logits_per_db * (means[system, snr_db] - of_reference),
                -most,
                most,
            )
        )
        for system, reference in study.comparisons.values_list("system", "reference")
        for (name, snr_db), of_reference in means.items()
        if name == reference and (system, snr_db) in means
    }


def simulate(
    study: Study,
    *,
    raters: int,
    seed: int,
    at: datetime,
    listeners: Listeners | None = None,
    effects: Effects | None = None,
    on_progress: Callable[[], object] = lambda: None,
) -> list[Session]:
    """Let `raters` simulated raters go through `study` from `at` on, to the end.

    A rater comes in whole or not at all. What utterances do to preference depends on
    the study's seed, all else on `seed`: more raters can be added with another seed.

    Raises
    ------
    listening.enrolment.EnrolmentRefused
        If the study takes nobody.
    """
    listeners = listeners or Listeners()
    known = effects_of(study, listeners) if effects is None else effects
    utterances = utterance_effects(study, listeners)
    rng = np.random.default_rng(seed)
    sessions = []
    for _ in range(raters):
        session = attend(
            study,
            at=at,
            listeners=listeners,
            effects=known,
            utterances=utterances,
            rng=rng,
        )
        sessions.append(session)
        on_progress()
    return sessions


def utterance_effects(study: Study, listeners: Listeners) -> dict[int, float]:
    """Draw what every utterance of the study's set adds, from the study's seed."""
    mixtures = study.stimulus_set.mixtures.order_by("utterance_id")
    found = mixtures.values_list("utterance_id", flat=True).distinct()
    effects = np.random.default_rng(study.seed).normal(
        0, listeners.utterance_sd, size=len(found)
    )
    return dict(zip(found, effects.tolist(), strict=True))


@transaction.atomic
def attend(
    study: Study,
    *,
    at: datetime,
    listeners: Listeners,
    effects: Effects,
    utterances: Mapping[int, float],
    rng: np.random.Generator,
) -> Session:
    """Take one simulated rater from the link to the completion code."""
    session = enrol(
        study=study,
        stage=stage_now(study),
        seed=int(rng.integers(2**31)),
        at=at,
        simulated=True,
    )
    answering.consent(session, at=at)
    answering.check_sound(session, at=at)
    values = methods.load(study.method).values
    rater = rng.normal(0, listeners.rater_sd)
    trials = session.trials.select_related("comparison", "mixture")
    for trial in trials.order_by("position"):
        value = preference(
            listeners,
            effect=effects.get(key_of(trial), 0.0),
            rater=rater,
            utterance=utterances[trial.mixture.utterance_id],
            enhanced_first=trial.enhanced_first,
            values=values,
            rng=rng,
        )
        at = respond(trial, hear(listeners, value, rng), at=at)
    session.refresh_from_db()
    return session


def key_of(trial: Trial) -> tuple[str, str, float]:
    comparison = trial.comparison
    return comparison.system, comparison.reference, trial.mixture.snr_db


def respond(trial: Trial, heard: Heard, *, at: datetime) -> datetime:
    """Show the trial, answer it, and return when that was."""
    answering.show(trial, at=at)
    at += timedelta(seconds=heard.response_time_s)
    answering.answer(
        trial,
        key=uuid4(),  # must be new, whatever the seed
        value=heard.value,
        at=at,
        listened_a_s=heard.listened_a_s,
        listened_b_s=heard.listened_b_s,
        switches=heard.switches,
        response_time_s=heard.response_time_s,
    )
    return at
