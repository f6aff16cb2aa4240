"""Simulated raters at a trial with many sounds: a slider each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import uuid4

import numpy as np

from listening import answering
from listening.listeners import HASTY_S, Character, Effects, Listeners
from listening.methods.mushra import BESIDE
from listening.models import Trial


def respond_to_many(
    trial: Trial,
    who: Character,
    listeners: Listeners,
    effects: Effects,
    utterances: Mapping[int, float],
    rng: np.random.Generator,
    *,
    at: datetime,
) -> datetime:
    """Show the trial, score each of its sounds, and return when that was."""
    snr_db, utterance = trial.mixture.snr_db, utterances[trial.mixture.utterance_id]
    sounds = list(trial.sounds.all())
    latent = {
        system: effects.get((system, "", snr_db), 0.0) + who.taste + utterance
        for system in (sound.system for sound in sounds)
    } | dict(zip(BESIDE, listeners.beside, strict=True))
    scores = {
        sound.letter: slide(listeners, who, latent=latent[sound.system], rng=rng)
        for sound in sounds
    }
    least_s = trial.session.study.min_listening_s
    heard_s = hear_all(listeners, who, trial.tokens, rng, least_s=least_s)
    response_time_s = sum(heard_s.values()) + len(sounds) * listeners.thinking_s
    answering.show(trial, at=at)
    at += timedelta(seconds=response_time_s)
    answering.answer_with_scores(
        trial,
        key=uuid4(),  # must be new, whatever the seed
        scores=scores,
        listened_s=heard_s,
        listened_a_s=heard_s["a"],
        at=at,
        switches=len(sounds),
        response_time_s=round(response_time_s, 2),
    )
    return at


def slide(
    listeners: Listeners, who: Character, *, latent: float, rng: np.random.Generator
) -> int:
    """Draw a score from 0 to 100; who does not attend gives any, or an end."""
    if rng.random() < who.lapse:
        return {-1: 0, 0: int(rng.integers(101)), 1: 100}[who.side]
    drawn = latent + rng.logistic(scale=0.5)
    points = listeners.middle + listeners.points_per_logit * drawn
    return int(np.clip(round(points), 0, 100))


def hear_all(
    listeners: Listeners,
    who: Character,
    letters: Collection[str],
    rng: np.random.Generator,
    *,
    least_s: float,
) -> dict[str, float]:
    """Draw for how many seconds each sound was heard, by their letters."""
    drawn = rng.lognormal(np.log(listeners.listening_s), 0.3, len(letters))
    seconds = np.maximum(drawn, least_s)
    if who.hasty:
        seconds = max(least_s, HASTY_S) + rng.exponential(HASTY_S, len(letters))
    pairs = zip(letters, seconds.tolist(), strict=True)
    return {letter: round(heard_s, 2) for letter, heard_s in pairs}
