"""Render claimed mixtures from rows to rows and files. The bridge to `rendering`.

A mixture's rows get the names of its files first, then the files are written, then one
transaction says what they are. Whoever dies in between leaves named files and a claim,
and `claims.release_dead` removes both.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.timezone import now
from numpy.typing import NDArray

from enhancement import audio
from enhancement.audio import AudioError
from enhancement.system import System
from enhancement.systems import load
from stimuli import drawing, files, rendering
from stimuli.claims import give_back
from stimuli.mixing import RATE_HZ, Material, Mixed, cut_noise, mix
from stimuli.models import Mixture, Stimulus, StimulusSet
from stimuli.models.corpus import Recording
from stimuli.rendering import Member, Rendering

Samples = NDArray[np.float64]


class LostClaim(Exception):
    """Somebody else was given the mixture while we rendered it."""


def render_next(stimulus_set: StimulusSet, *, owner: str) -> Mixture | None:
    """Claim and render one mixture of the set; None if none is waiting."""
    mixture = stimulus_set.mixtures.with_sources().take(owner)
    if mixture is not None:
        try:
            render_claimed(mixture)
        except BaseException:  # a signal too: nobody shall wait for the claim to age
            give_back(mixture)
            raise
    stimulus_set.settle()
    return mixture


def render_claimed(mixture: Mixture) -> None:
    """Render all stimuli of a mixture that we have claimed, and store them."""
    stimuli = _named(mixture)
    try:
        mixed = mix(material_of(mixture))
        rendered = render_mixture(mixture, mixed, [s.system for s in stimuli])
        for stimulus in stimuli:
            if (member := rendered.members.get(stimulus.system)) is not None:
                _write(stimulus, member)
    except (AudioError, ValueError, OSError) as error:
        mixed = None
        told = rendering.reason(error)
        rendered = Rendering({}, {s.system: told for s in stimuli})
    try:
        _publish(mixture, stimuli, mixed, rendered)
    except LostClaim:
        files.remove_all(s.path for s in stimuli)


def render_mixture(mixture: Mixture, mixed: Mixed, slugs: Iterable[str]) -> Rendering:
    """Render a mixture through the named systems as its set says."""
    of = mixture.stimulus_set
    systems: list[System] = []
    failures: dict[str, str] = {}
    for slug in slugs:
        try:
            systems.append(loaded(slug))
        except Exception as error:  # no weights, no extra: the others are not harmed
            failures[slug] = rendering.reason(error)
    rendered = rendering.render(
        mixed,
        systems,
        policy=of.level_policy,
        level_db=of.level_db,
        with_scores=of.with_scores,
    )
    return Rendering(rendered.members, failures | rendered.failures)


def material_of(mixture: Mixture) -> Material:
    """Read what the mixture is made of."""
    speech = read(mixture.utterance)
    if mixture.noisy_recording is not None:
        noisy = read(mixture.noisy_recording)
        return Material(speech, mixture.snr_db, noisy=noisy)
    if mixture.noise is None:
        raise ValueError(f"{mixture} has neither noise nor a finished mixture")
    room = None if mixture.room is None else read(mixture.room)
    noise = cut_noise(
        read(mixture.noise),
        offset=mixture.noise_offset,
        speech=len(speech),
        room=0 if room is None else room.shape[-1],
    )
    return Material(speech, mixture.snr_db, noise=noise, room=room)


def read(recording: Recording) -> Samples:
    """Return a recording at 16 kHz: (samples,), or (2, taps) of a room.

    Raises `AudioError` if it is not the file that was imported.
    """
    return _read(str(recording.path), recording.sha256)


@lru_cache(maxsize=16)  # noises come again and again
def _read(path: str, sha256: str) -> Samples:
    x, rate_hz = audio.read(path)
    if files.sha256(Path(path)) != sha256:
        raise AudioError(f"{path}: not the file that was imported; import it again")
    if rate_hz != RATE_HZ:
        raise AudioError(
            f"{path}: {rate_hz} Hz, not {RATE_HZ}; import the corpus again"
        )
    x = x[0] if len(x) == 1 else x
    x.setflags(write=False)
    return x


@lru_cache
def loaded(slug: str) -> System:
    """Return a system, loaded once a process."""
    return load(slug)


@lru_cache
def software() -> dict[str, str]:
    """Return the versions of what turns a row into bytes."""
    sound = ("soundfile", "soxr", "pyloudnorm", "pystoi")
    parts = ("numpy", "scipy", "onnxruntime", *sound)
    return {
        "rendering": str(rendering.VERSION),
        "drawing": str(drawing.VERSION),
        "python": platform.python_version(),
        "machine": platform.machine(),
        **{part: version(part) for part in parts},
    }


def _named(mixture: Mixture) -> list[Stimulus]:
    """Give every stimulus of the mixture the name that its file will have."""
    stimuli = list(mixture.stimuli.all())
    for stimulus in stimuli:
        stimulus.mixture = mixture
        stimulus.file = files.new_name(mixture.stimulus_set)
    Stimulus.objects.bulk_update(stimuli, ["file"])
    return stimuli


def _write(stimulus: Stimulus, member: Member) -> None:
    stimulus.path.parent.mkdir(parents=True, exist_ok=True)
    audio.write_pcm16(stimulus.path, member.samples, rendering.EAR_RATE_HZ)


def _publish(
    mixture: Mixture, stimuli: list[Stimulus], mixed: Mixed | None, made: Rendering
) -> None:
    """Say in one transaction what the files are; `LostClaim` if it is not ours."""
    status = Mixture.Status.FAILED if made.failures else Mixture.Status.DONE
    facts = {s.pk: _facts_of_stimulus(s, made) for s in stimuli}
    held = Mixture.objects.held_by(mixture.claimed_by).filter(pk=mixture.pk)
    free = {"status": status, "claimed_by": "", "claimed_at": None}
    with transaction.atomic():
        if not held.update(**free, **_facts_of_mixture(mixed)):
            raise LostClaim
        for pk, fields in facts.items():
            Stimulus.objects.filter(pk=pk).update(**fields)


def _facts_of_stimulus(stimulus: Stimulus, made: Rendering) -> dict[str, Any]:
    member = made.members.get(stimulus.system)
    if member is not None:
        return _facts_of_member(stimulus, member)
    files.remove(stimulus.path)
    return {
        "status": Stimulus.Status.FAILED,
        "error": made.failures[stimulus.system],
        "file": "",
        "rendered_at": now(),
    }


def _facts_of_mixture(mixed: Mixed | None) -> dict[str, float | None]:
    if mixed is None:
        return {}
    return {
        "measured_snr_db": mixed.measured_snr_db,
        "speech_gain_db": mixed.speech_gain_db,
        "noise_gain_db": mixed.noise_gain_db,
    }


def _facts_of_member(stimulus: Stimulus, member: Member) -> dict[str, Any]:
    system, scores = loaded(stimulus.system), member.scores
    return {
        "status": Stimulus.Status.DONE,
        "error": "",
        "version": system.version,
        "weights_sha256": system.weights_sha256,
        "parameters": dict(system.parameters),
        "software": software(),
        "delay_samples": member.delay_samples,
        "level_gain_db": member.level_gain_db,
        "safety_gain_db": member.safety_gain_db,
        "sha256": files.sha256(stimulus.path),
        "bytes": stimulus.path.stat().st_size,
        "frames": len(member.samples),
        "speech_level_dbov": member.speech_level_dbov,
        "loudness_lufs": member.loudness_lufs,
        "true_peak_dbtp": member.true_peak_dbtp,
        "si_sdr_db": scores and scores.si_sdr_db,
        "sdr_db": scores and scores.sdr_db,
        "stoi": scores and scores.stoi,
        "estoi": scores and scores.estoi,
        "pesq_wb": scores and scores.pesq_wb,
        "updates": member.updates,
        "rendered_at": now(),
        "render_time": timedelta(seconds=member.seconds),
    }
