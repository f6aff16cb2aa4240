"""From a mixture to files for ears: arrays in, arrays out (design: mixture to ear).

One call renders all members of a mixture, because they share the safety gain. Rows and
files are the business of `stimuli.storing`.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from enhancement import audio, level, measures
from enhancement.delay import delay_samples
from enhancement.system import System
from stimuli.mixing import RATE_HZ, Mixed

Samples = NDArray[np.float64]

VERSION = 1  # counted up when the same row gives other bytes
EAR_RATE_HZ = 48_000
FADE_S = 0.010
CEILING_DBTP = -1.0
MARGIN_DB = 0.01  # below the ceiling, for what rounding to 16 bits adds
LONGEST_DELAY = RATE_HZ // 10


class RenderingError(ValueError):
    """A system returned what nobody can listen to."""


@dataclass(frozen=True)
class Member:
    """What one system made of the mixture, at the ear."""

    samples: Samples  # (samples,) at 48 kHz, all gains put on
    delay_samples: int  # at 16 kHz, found and taken out
    level_gain_db: float
    safety_gain_db: float
    speech_level_dbov: float  # of its speech component
    loudness_lufs: float | None  # None: too short or too quiet
    true_peak_dbtp: float
    scores: measures.Scores | None  # None: not wanted, or too short to be scored
    seconds: float  # that it took
    updates: str = ""  # of a network that skips frames: 1 where it ran, else 0


@dataclass(frozen=True)
class Rendering:
    members: dict[str, Member]  # by slug of the system
    failures: dict[str, str]  # by slug: the reason, then where it came from


def render(
    mixed: Mixed,
    systems: Iterable[System],
    *,
    policy: str = "speech",
    level_db: float = -26.0,
    with_scores: bool = False,
) -> Rendering:
    """Return every system's member of the mixture; one that fails harms no other.

    1. Enhance; find the delay and take it out.
    2. Level by policy: `speech`, `loudness` or `none`.
    3. Resample to 48 kHz, fade.
    4. One safety gain for all, so that no true peak exceeds -1 dBTP.
    5. Scores against the reverberant target, if wanted.
    """
    members: dict[str, Member] = {}
    failures: dict[str, str] = {}
    for system in systems:
        try:
            members[system.slug] = render_member(
                mixed, system, policy=policy, level_db=level_db, with_scores=with_scores
            )
        except Exception as error:  # whatever a system does wrong is its own failure
            failures[system.slug] = reason(error)
    return Rendering(_make_safe(members), failures)


def render_member(
    mixed: Mixed, system: System, *, policy: str, level_db: float, with_scores: bool
) -> Member:
    """Return one system's member, not yet made safe."""
    started = time.perf_counter()
    # 1.
    enhanced, delay = enhance_aligned(mixed, system)
    # 2. and 3.: a gain and a resampling may change places
    heard = audio.resample(enhanced, RATE_HZ, EAR_RATE_HZ)
    heard = level.fade(heard, EAR_RATE_HZ, FADE_S)
    speech_db = mixed.target_level_dbov + level.speech_component_gain_db(
        enhanced, mixed.target, mixed.noisy - mixed.target
    )
    loudness = _loudness(heard)
    gain_db = _gain_db(policy, level_db, speech_db=speech_db, loudness=loudness)
    heard *= 10 ** (gain_db / 20)
    # 5.
    scores = _scores(mixed.target, enhanced) if with_scores else None
    return Member(
        samples=heard,
        delay_samples=delay,
        level_gain_db=gain_db,
        safety_gain_db=0.0,
        speech_level_dbov=speech_db + gain_db,
        loudness_lufs=None if loudness is None else loudness + gain_db,
        true_peak_dbtp=level.true_peak_dbtp(heard, EAR_RATE_HZ),
        scores=scores,
        updates=pattern(system, mixed.noisy),
        seconds=time.perf_counter() - started,
    )


def enhance_aligned(mixed: Mixed, system: System) -> tuple[Samples, int]:
    """Return the enhanced speech at 16 kHz, in time with the mixture, and its delay.

    A delay is believed if it shows against the mixture and against the target: a
    system that mends the phase may move one of the two peaks by a sample.
    """
    reference = mixed.target if system.needs_reference else None
    enhanced = np.asarray(system.enhance(mixed.noisy, reference=reference), float)
    if enhanced.shape != mixed.noisy.shape:
        raise RenderingError(
            f"{system.slug} returned shape {enhanced.shape} for {mixed.noisy.shape}"
        )
    if not np.isfinite(enhanced).all():
        raise RenderingError(f"{system.slug} returned NaN or infinity")
    if not enhanced.any():
        raise RenderingError(f"{system.slug} returned silence")
    delay = delay_samples(enhanced, mixed.noisy, max_delay=LONGEST_DELAY)
    if delay and delay_samples(enhanced, mixed.target, max_delay=LONGEST_DELAY):
        return _advance(enhanced, delay), delay
    return enhanced, 0


def pattern(system: System, noisy: Samples) -> str:
    """Return in which frames the system's network ran, empty if in all."""
    updates = system.updates(noisy)
    return "" if updates is None else "".join("01"[ran] for ran in updates.tolist())


def reason(error: BaseException) -> str:
    """Return why something failed: one line for the reader, then the traceback."""
    told = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"{told}\n\n{''.join(traceback.format_exception(error))}"


def _advance(x: Samples, by: int) -> Samples:
    """Return `x` earlier by `by` samples (later if negative), zeros moved in."""
    y = np.zeros_like(x)
    if by > 0:
        y[:-by] = x[by:]
    else:
        y[-by:] = x[:by]
    return y


def _loudness(heard: Samples) -> float | None:
    try:
        return level.loudness_lufs(heard, EAR_RATE_HZ)
    except level.SilenceError:
        return None


def _scores(target: Samples, enhanced: Samples) -> measures.Scores | None:
    try:
        return measures.score(target, enhanced, rate_hz=RATE_HZ)
    except ValueError:  # less than 0.4 s of speech: that is no reason not to hear it
        return None


def _gain_db(
    policy: str, level_db: float, *, speech_db: float, loudness: float | None
) -> float:
    present = {"speech": speech_db, "loudness": loudness, "none": level_db}[policy]
    if present is None:
        raise RenderingError("too short or too quiet to be set to a loudness")
    return level_db - present


def _make_safe(members: dict[str, Member]) -> dict[str, Member]:
    """Turn all members down alike so that none exceeds the ceiling."""
    peak = max((m.true_peak_dbtp for m in members.values()), default=0.0)
    gain_db = min(0.0, CEILING_DBTP - MARGIN_DB - peak)
    return {slug: _turned(member, gain_db) for slug, member in members.items()}


def _turned(member: Member, gain_db: float) -> Member:
    loudness = member.loudness_lufs
    return replace(
        member,
        samples=member.samples * 10 ** (gain_db / 20),
        safety_gain_db=gain_db,
        speech_level_dbov=member.speech_level_dbov + gain_db,
        loudness_lufs=None if loudness is None else loudness + gain_db,
        true_peak_dbtp=member.true_peak_dbtp + gain_db,
    )
