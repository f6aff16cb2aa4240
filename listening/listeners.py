"""What simulated raters are like, and the drawing of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from listening.methods.method import BACKGROUND, OVERALL, SIGNAL

HASTY_S = 0.2  # seconds between two clicks of somebody who just wants to be done

# (system, reference, SNR in dB) -> logits by which the system is preferred
Effects = Mapping[tuple[str, str, float], float]


@dataclass(frozen=True)
class OnScale:
    """What is scored on a scale, in logits."""

    mean: float = 0.0  # of a sound whose system has no effect
    gain: float = 1.0  # by which the effect of its system comes in


ON_SCALES = {
    OVERALL: OnScale(),
    SIGNAL: OnScale(mean=0.9, gain=-0.4),
    BACKGROUND: OnScale(mean=-0.6, gain=1.4),
}


@dataclass(frozen=True)
class Listeners:
    """What simulated raters are like. Effects and SDs in logits."""

    logits_per_db: float = 0.2  # of SI-SDR gained by the system over its reference
    most_logits: float = 2.0  # an effect from scores goes no further than this
    rater_sd: float = 0.8
    utterance_sd: float = 0.5
    position_bias: float = 0.2  # logits by which A is favoured over B
    lapse: float = 0.02  # share of answers that are given at random
    gold: float = 6.0  # logits by which the good member of a gold trial is preferred
    inattentive: float = 0.05  # share of raters who do not attend
    inattentive_lapse: float = 0.9  # their share of answers that are given anyhow
    one_sided: float = 0.5  # share of them who give those always for the same side
    thresholds: tuple[float, float, float] = (0.3, 1.3, 2.6)  # where strength changes
    steps: tuple[float, float, float, float] = (-2.5, -0.8, 0.8, 2.5)  # of scores
    scales: Mapping[str, OnScale] = field(default_factory=lambda: ON_SCALES)
    lenience_correlation: float = 0.5  # of a rater's lenience on two scales
    middle: float = 50.0  # score on a slider of what has no effect
    points_per_logit: float = 12.0  # on a slider
    beside: tuple[float, float, float] = (6.0, -2.0, 2.0)  # reference, low and mid
    listening_s: float = 3.0  # median seconds for which a member is heard
    thinking_s: float = 1.5  # median seconds from there to the answer


@dataclass(frozen=True)
class Character:
    """What one simulated rater is like."""

    taste: float  # logits by which systems are preferred over their references
    lapse: float  # share of answers that are given without regard to the sounds
    side: int  # of these answers: -1 always A, 1 always B, 0 any
    hasty: bool = False  # listens no longer than the page makes everybody
    # by scale, logits by which sounds are scored higher; `taste` where there is one
    leniences: Mapping[str, float] = field(default_factory=dict)

    def lenience(self, scale: str) -> float:
        return self.leniences.get(scale, self.taste)


def character(listeners: Listeners, rng: np.random.Generator) -> Character:
    """Draw a rater."""
    taste = float(rng.normal(0, listeners.rater_sd))
    if rng.random() >= listeners.inattentive:
        return Character(taste, listeners.lapse, 0)
    one_sided = rng.random() < listeners.one_sided
    side = int(rng.choice([-1, 1])) if one_sided else 0
    return Character(taste, listeners.inattentive_lapse, side, hasty=True)


def lenient(
    who: Character,
    listeners: Listeners,
    scales: Sequence[str],
    rng: np.random.Generator,
) -> Character:
    """Draw how lenient `who` is on each of several scales: in part as on the others."""
    if len(scales) < 2:
        return who
    shared = listeners.lenience_correlation
    own = rng.normal(0, listeners.rater_sd, size=len(scales))
    drawn = np.sqrt(shared) * who.taste + np.sqrt(1 - shared) * own
    return replace(who, leniences=dict(zip(scales, drawn.tolist(), strict=True)))
