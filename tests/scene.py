"""The one small scene that most tests are about.

Ada owns a study on a rendered stimulus set; Eve is another experimenter. The sounds
are short noises, different in every stimulus, written as rendering writes them. No two
mixtures share a sentence.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from django.conf import settings
from django.contrib.auth.models import User
from django.utils.timezone import now

from listening import blinding
from listening.methods.mushra import BESIDE
from listening.methods.mushra import METHOD as MUSHRA
from listening.models import Comparison, Study
from stimuli.models import (
    Corpus,
    Mixture,
    NoiseRecording,
    Stimulus,
    StimulusSet,
    Utterance,
)

SNRS_DB = (-6.0, -3.0, 0.0, 3.0, 6.0, 9.0)
SYSTEMS = ("unprocessed", "wiener", "log-mmse")
ANCHORS = ("clean", "lowpass-3.5k")
SECONDS = 0.6


@dataclass
class Scene:
    ada: User
    eve: User
    stimulus_set: StimulusSet
    study: Study

    @classmethod
    def build(
        cls,
        *,
        snrs_db: tuple[float, ...] = SNRS_DB,
        mixtures_per_snr: int = 2,
        systems: tuple[str, ...] = SYSTEMS,
        **study: Any,
    ) -> Scene:
        ada = User.objects.create_user("ada", "ada@example.org", "ada's password")
        eve = User.objects.create_user("eve", "eve@example.org", "eve's password")
        stimulus_set = make_stimulus_set(
            "scene",
            snrs_db=snrs_db,
            mixtures_per_snr=mixtures_per_snr,
            systems=systems,
        )
        return cls(ada, eve, stimulus_set, make_study(ada, stimulus_set, **study))


def make_study(
    owner: User, stimulus_set: StimulusSet, *, slug: str = "study", **fields: Any
) -> Study:
    """Make a live study that compares every system with the unprocessed speech."""
    defaults: dict[str, Any] = {
        "title": "Does it help?",
        "method": "ab",
        "trials_per_session": 4,
        "training_trials": 1,
        "min_listening_s": 0.2,
        "state": Study.State.LIVE,
        "opened_at": now(),
    }
    study = Study.objects.create(
        owner=owner, stimulus_set=stimulus_set, slug=slug, **(defaults | fields)
    )
    Comparison.objects.bulk_create(
        Comparison(study=study, system=system)
        for system in stimulus_set.systems
        if system != "unprocessed"
    )
    return study


def uncover(study: Study) -> None:
    """Let the outcome of a study that is under way be seen."""
    blinding.unblind(study, by="ada", reason="A test looks.", at=now())


def make_scored_study(
    owner: User, stimulus_set: StimulusSet, *, method: str = "acr", **fields: Any
) -> Study:
    """Make a live study that has every system scored by itself."""
    defaults: dict[str, Any] = {"slug": method, "trials_per_session": 6}
    study = make_study(owner, stimulus_set, method=method, **(defaults | fields))
    study.comparisons.all().delete()
    Comparison.objects.bulk_create(
        Comparison(study=study, system=system, reference="")
        for system in stimulus_set.systems
        if system not in (*ANCHORS, *BESIDE)
    )
    return study


def make_mushra_study(scene: Scene, **fields: Any) -> Study:
    """Make a live study that has all systems scored together, beside a reference."""
    stimulus_set = make_stimulus_set(
        "mushra-set",
        snrs_db=SNRS_DB,
        mixtures_per_snr=2,
        systems=(*SYSTEMS, *BESIDE),
    )
    words = {"question": MUSHRA.question, "introduction": MUSHRA.introduction}
    defaults = {"trials_per_session": 3, **words}
    return make_scored_study(
        scene.ada, stimulus_set, method="mushra", **(defaults | fields)
    )


def make_checked_study(scene: Scene, slug: str = "checked", **fields: Any) -> Study:
    """Make a live study whose sessions hold trials of every kind."""
    stimulus_set = make_stimulus_set(
        f"{slug}-set",
        snrs_db=SNRS_DB,
        mixtures_per_snr=2,
        systems=(*SYSTEMS, *ANCHORS),
    )
    checks = {"gold_trials": 2, "placebo_trials": 1, "repeat_trials": 1}
    study = make_study(scene.ada, stimulus_set, slug=slug, **(checks | fields))
    study.comparisons.filter(system__in=ANCHORS).delete()
    return study


def make_stimulus_set(
    slug: str,
    *,
    snrs_db: tuple[float, ...],
    mixtures_per_snr: int,
    systems: tuple[str, ...],
) -> StimulusSet:
    """Make a set that is rendered: rows, and files of coloured noise."""
    rng = np.random.default_rng(1)
    corpus = Corpus.objects.create(
        slug=slug, title="Noises", layout="clean", synthetic=True
    )
    noise = NoiseRecording.objects.create(
        corpus=corpus, name="hum", file="hum.flac", sha256="0" * 64, frames=16_000
    )
    stimulus_set = StimulusSet.objects.create(
        slug=slug,
        title="Scene",
        corpus=corpus,
        snrs_db=list(snrs_db),
        systems=list(systems),
        utterances_per_snr=mixtures_per_snr,
        state=StimulusSet.State.DONE,
    )
    for index in range(len(snrs_db) * mixtures_per_snr):
        utterance = Utterance.objects.create(
            corpus=corpus,
            name=f"u{index:02d}",
            speaker=f"speaker {index % 3}",
            sentence=f"sentence {index}",
            file=f"u{index:02d}.flac",
            sha256="0" * 64,
            frames=int(16_000 * SECONDS),
        )
        mixture = Mixture.objects.create(
            stimulus_set=stimulus_set,
            index=index,
            utterance=utterance,
            noise=noise,
            snr_db=snrs_db[index % len(snrs_db)],
            measured_snr_db=snrs_db[index % len(snrs_db)],
            status=Mixture.Status.DONE,
        )
        for system in systems:
            make_stimulus(mixture, system, rng)
    return stimulus_set


def make_stimulus(mixture: Mixture, system: str, rng: np.random.Generator) -> Stimulus:
    """Write one second of noise of its own as 48 kHz 16-bit PCM, and its row."""
    name = f"stimuli/{mixture.stimulus_set.slug}/{mixture.index}-{system}.wav"
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = int(48_000 * SECONDS)
    soundfile.write(path, 0.05 * rng.standard_normal(frames), 48_000, subtype="PCM_16")
    content = path.read_bytes()
    return Stimulus.objects.create(
        mixture=mixture,
        system=system,
        status=Stimulus.Status.DONE,
        file=name,
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        frames=frames,
        delay_samples=0,
        level_gain_db=0.0,
        safety_gain_db=0.0,
        rendered_at=now(),
    )
