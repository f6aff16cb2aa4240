"""Raters made by a program: to try a study before people do, and to test the analysis.

They go through a study by the verbs that people's browsers call, and are marked as
simulated in every row. Their answers follow a latent preference that is known:

    latent = effect(comparison, SNR) + rater + utterance + position +- bias / 2 + noise,

in logits, noise logistic, rater and utterance normal. Its sign is who is preferred; how
far it is from zero is how strongly, by `Listeners.thresholds`. The effects come from
the objective scores of the stimuli (SI-SDR gained, per comparison and SNR) unless they
are given. They are an assumption that shows what a study would look like; they say
nothing about what people prefer.

Where X is asked for, what would be the preference without noise and position is, in
size, the rater's d': nothing is liked or disliked that is not heard. It decides how
often the answer is right (`statistics.discrimination`).

Of one sound by itself the latent quality, cut into five, is the score: the effect of
its system at its SNR (SI-SDR beyond the mean of the study's systems), the rater's
lenience in place of taste, the utterance, and noise. On each of several scales
(`listeners.ON_SCALES`) the effect comes in otherwise: what takes noise away betters the
background and hurts the voice. Who is lenient on one is likely to be so on others.
On sliders there are as many points to a logit everywhere, the hidden reference is far
above all doubt, and the anchors have effects of their own.

In a gold trial the effect is far beyond all doubt, in a placebo there is none, and
nobody's taste comes in; a repeat is answered anew, by the same taste. Some raters do
not attend: they listen no longer than the page makes them and answer mostly at random,
every other one of them on one side. They show what the rules on raters do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import numpy as np
from django.db import transaction
from django.db.models import Avg

from listening import answering, headphone_answering, methods
from listening.enrolment import enrol, stage_now
from listening.listeners import (
    HASTY_S,
    Character,
    Effects,
    Listeners,
    character,
    lenient,
)
from listening.models import Session, Study, Trial
from listening.sliding import respond_to_many
from listening.statistics.discrimination import share_correct
from stimuli.models import Stimulus


@dataclass(frozen=True)
class Heard:
    """An answer as it is posted, and how it came about; times in seconds."""

    value: int
    listened_s: Mapping[str, float]  # by the letters of the sounds
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
    lapse: float | None = None,
    side: int = 0,
) -> int:
    """Draw one of `values`, positive if B is preferred.

    The latent preference is cut into steps of strength 0 to 3 by the thresholds; a
    method that has no "no preference", or fewer strengths, gets the nearest answer.
    Without regard to the sounds (`lapse`, of all listeners if it is not given) comes
    any answer, or one for `side`.
    """
    if rng.random() < (listeners.lapse if lapse is None else lapse):
        among = [value for value in values if value * side > 0] or list(values)
        return int(rng.choice(sorted(among)))
    first = 1 if enhanced_first else -1
    latent = effect + rater + utterance + first * listeners.position_bias / 2
    latent += rng.logistic()
    strength = int(np.searchsorted(listeners.thresholds, abs(latent)))
    strength = min(max(strength, 0 if 0 in values else 1), max(values))
    return -first * int(np.sign(latent)) * strength


def identification(
    listeners: Listeners,
    who: Character,
    *,
    latent: float,
    x_first: bool,
    rng: np.random.Generator,
) -> int:
    """Draw -1 if X is taken for A, 1 if for B.

    `latent` is in size the d' at which the rater hears the two apart; who hears nothing
    favours a side by the position bias.
    """
    if rng.random() < who.lapse:
        return who.side or int(rng.choice([-1, 1]))
    right = share_correct(abs(latent))
    for_a = right if x_first else 1 - right
    doubt = 4 * for_a * (1 - for_a)  # 1 at chance, 0 where all is clear
    return -1 if rng.random() < for_a + doubt * listeners.position_bias / 8 else 1


def score(
    listeners: Listeners, who: Character, *, latent: float, rng: np.random.Generator
) -> int:
    """Draw a score, 1 to 5; who does not attend gives any, or the end of a side."""
    if rng.random() < who.lapse:
        return {-1: 1, 0: int(rng.integers(1, 6)), 1: 5}[who.side]
    return 1 + int(np.searchsorted(listeners.steps, latent + rng.logistic()))


def hear(
    listeners: Listeners,
    value: int,
    rng: np.random.Generator,
    *,
    least_s: float = 0.0,
    hasty: bool = False,
    sounds: Collection[str] = "ab",
) -> Heard:
    """Draw how long all of `sounds` were heard, and when the answer came.

    `least_s`: for which the page makes everybody listen; no longer if `hasty`.
    """
    a, b = np.maximum(rng.lognormal(np.log(listeners.listening_s), 0.3, 2), least_s)
    switches = 1 + int(rng.poisson(1.5))
    thinking = rng.lognormal(np.log(listeners.thinking_s), 0.4)
    if hasty:
        a, b = max(least_s, HASTY_S) + rng.exponential(HASTY_S, size=2)
        switches, thinking = 1, rng.exponential(HASTY_S)
    x = max(least_s, HASTY_S) + rng.exponential(HASTY_S) if "x" in sounds else 0.0
    of = dict(zip("abx", (a, b, x), strict=True))
    heard = {letter: round(float(of[letter]), 2) for letter in sounds}
    return Heard(
        value=value,
        listened_s=heard,
        switches=switches + ("x" in sounds) if len(sounds) > 1 else 0,
        response_time_s=round(sum(heard.values()) + float(thinking), 2),
    )


def effects_of(study: Study, listeners: Listeners) -> Effects:
    """Return the mean SI-SDR gained in each comparison and SNR, turned into logits.

    A system by itself gains over the mean of all that are heard by themselves.
    Where a stimulus has no score its effect is zero.
    """
    stimuli = Stimulus.objects.filter(mixture__stimulus_set_id=study.stimulus_set_id)
    scored = stimuli.rendered().exclude(si_sdr_db=None).order_by()
    by_cell = scored.values_list("system", "mixture__snr_db").annotate(Avg("si_sdr_db"))
    means = {(system, snr_db): mean for system, snr_db, mean in by_cell}
    most = listeners.most_logits
    comparisons = list(study.comparisons.values_list("system", "reference"))
    alone = [mean for place, mean in means.items() if (place[0], "") in comparisons]
    if alone:
        means |= {("", snr_db): float(np.mean(alone)) for _, snr_db in means}
    return {
        (system, reference, snr_db): float(
            np.clip(
                listeners.logits_per_db * (means[system, snr_db] - of_reference),
                -most,
                most,
            )
        )
        for system, reference in comparisons
        for (name, snr_db), of_reference in means.items()
        if name == reference and (system, snr_db) in means
    }


def simulate(
    study: Study,
    *,
    raters: int,
    seed: int,
    at: datetime,
    stage: str | None = None,
    listeners: Listeners | None = None,
    effects: Effects | None = None,
    on_progress: Callable[[], object] = lambda: None,
) -> list[Session]:
    """Let `raters` simulated raters go through `study` from `at` on, to the end.

    A rater comes in whole or not at all; at the stage of the study unless another
    `stage` is given. What utterances do to preference depends on
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
            stage=stage,
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
    stage: str | None = None,
    listeners: Listeners,
    effects: Effects,
    utterances: Mapping[int, float],
    rng: np.random.Generator,
) -> Session:
    """Take one simulated rater from the link to the completion code."""
    session = enrol(
        study=study,
        stage=stage or stage_now(study, at=at),
        seed=int(rng.integers(2**31)),
        at=at,
        simulated=True,
    )
    answering.consent(session, at=at)
    set_up(session, at=at)
    scales = [scale.slug for scale in methods.load(study.method).scales]
    who = lenient(character(listeners, rng), listeners, scales, rng)
    trials = session.trials.select_related("comparison", "mixture", "session__study")
    for trial in trials.order_by("position"):
        if session.sound_is_old(at):
            set_up(session, at=at)
        answer = respond_to_many if trial.is_together else respond_to_one
        at = answer(trial, who, listeners, effects, utterances, rng, at=at)
    session.refresh_from_db()
    return session


def set_up(session: Session, *, at: datetime) -> None:
    """Set the volume, and answer the headphone check, if there is one, as one can who
    wears headphones.
    """
    session.refresh_from_db()
    answering.check_sound(session, at=at)
    if trials := session.headphone_trials.current():
        right = {trial.position: trial.odd for trial in trials}
        asked = trials[0].asked
        headphone_answering.take(session, asked=asked, answers=right, at=at)


def judge(
    trial: Trial,
    who: Character,
    listeners: Listeners,
    effects: Effects,
    utterances: Mapping[int, float],
    rng: np.random.Generator,
) -> int:
    """Draw the answer of the rater `who` to `trial`."""
    effect, taste, utterance = {
        Trial.Kind.GOLD: (listeners.gold, 0.0, 0.0),
        Trial.Kind.PLACEBO: (0.0, 0.0, 0.0),
    }.get(
        Trial.Kind(trial.kind),
        (
            effects.get((*trial.pair, trial.mixture.snr_db), 0.0),
            who.taste,
            utterances[trial.mixture.utterance_id],
        ),
    )
    if trial.scale:
        latent = quality(trial, who, listeners, effect=effect, utterance=utterance)
        return score(listeners, who, latent=latent, rng=rng)
    if trial.x_first is not None:
        latent = effect + taste + utterance
        return identification(
            listeners, who, latent=latent, x_first=trial.x_first, rng=rng
        )
    return preference(
        listeners,
        effect=effect,
        rater=taste,
        utterance=utterance,
        enhanced_first=trial.enhanced_first,
        values=methods.load(trial.session.study.method).values,
        rng=rng,
        lapse=who.lapse,
        side=who.side,
    )


def quality(
    trial: Trial,
    who: Character,
    listeners: Listeners,
    *,
    effect: float,
    utterance: float,
) -> float:
    """Return what the rater `who` thinks of the one sound of `trial`, on its scale."""
    if trial.kind == Trial.Kind.GOLD:
        return effect if trial.enhanced_first else -effect
    on = listeners.scales[trial.scale]
    return on.mean + on.gain * effect + who.lenience(trial.scale) + utterance


def respond_to_one(
    trial: Trial,
    who: Character,
    listeners: Listeners,
    effects: Effects,
    utterances: Mapping[int, float],
    rng: np.random.Generator,
    *,
    at: datetime,
) -> datetime:
    """Show a trial with one answer, give it, and return when that was."""
    value = judge(trial, who, listeners, effects, utterances, rng)
    heard = hear(
        listeners,
        value,
        rng,
        least_s=trial.session.study.min_listening_s,
        hasty=who.hasty,
        sounds=trial.tokens,
    )
    return respond(trial, heard, at=at)


def respond(trial: Trial, heard: Heard, *, at: datetime) -> datetime:
    """Show the trial, answer it, and return when that was."""
    answering.show(trial, at=at)
    at += timedelta(seconds=heard.response_time_s)
    answering.answer(
        trial,
        key=uuid4(),  # must be new, whatever the seed
        value=heard.value,
        at=at,
        switches=heard.switches,
        response_time_s=heard.response_time_s,
        **{f"listened_{letter}_s": s for letter, s in heard.listened_s.items()},
    )
    return at
