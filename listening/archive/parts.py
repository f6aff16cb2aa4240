"""PARTS: what an archive holds, in the order in which it can be restored.

Rows refer to each other by the numbers that they had where they were written. Which
column refers to which part is read off the models.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Field, ForeignKey, Model, QuerySet

from listening.models import (
    ClosedCell,
    Comparison,
    CompletionPath,
    ConsentText,
    Event,
    Exclusion,
    FrozenDesign,
    HeadphoneTrial,
    LinkCount,
    Rater,
    Response,
    Session,
    Study,
    Trial,
    TrialSound,
    Unblinding,
)
from listening.models.session import SessionQuerySet
from stimuli.models import (
    Corpus,
    Mixture,
    NoiseRecording,
    NoisyRecording,
    Room,
    Stimulus,
    StimulusSet,
    Utterance,
)


@dataclass(frozen=True)
class Part:
    """A table of the archive.

    `left` are columns that stay behind: secrets, paths, what belongs to a place. Of
    what other studies share, `key` says by which columns a row is known in another
    installation, `same` which of it must be the same there, and `within` which column
    names the row that it belongs to: of one that was there already nothing may lack.
    """

    name: str
    model: type[Model]
    of: Callable[[Study], QuerySet[Any]]
    left: frozenset[str] = frozenset()
    key: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    within: str = ""

    @property
    def file(self) -> str:
        return f"{self.name}.jsonl"

    @property
    def fields(self) -> list[Field[Any, Any]]:
        """The columns that are carried; rows of models that are not stay behind."""
        return [
            field
            for field in self.model._meta.concrete_fields
            if not field.primary_key
            and field.name not in self.left
            and not (isinstance(field, ForeignKey) and part_of(field) is None)
        ]


def part_of(field: ForeignKey[Any, Any]) -> Part | None:
    """Return the part that the rows of this column are in."""
    return next((p for p in PARTS if p.model is field.related_model), None)


def _sessions(study: Study) -> SessionQuerySet:
    """Return what counts: the experimenter's own looks stay behind."""
    return study.sessions.exclude(stage=Session.Stage.PREVIEW)


def _used(name: str) -> Callable[[Study], QuerySet[Any]]:
    """Return what fetches the recordings that the mixtures of a study have as `name`"""
    model = {
        "utterance": Utterance,
        "room": Room,
        "noisy_recording": NoisyRecording,
    }[name]
    used = f"{name}__isnull"

    def of(study: Study) -> QuerySet[Any]:
        mixtures = study.stimulus_set.mixtures.filter(**{used: False})
        return model._default_manager.filter(pk__in=mixtures.values(name))

    return of


def _noises(study: Study) -> QuerySet[Any]:
    """Return the noises that are heard, and those that the set asked for."""
    heard = study.stimulus_set.mixtures.exclude(noise=None).values("noise")
    asked = study.stimulus_set.noises.values("pk")
    every = NoiseRecording.objects.all()
    return every.filter(pk__in=heard) | every.filter(pk__in=asked)


RECORDING: dict[str, Any] = {
    "left": frozenset({"file"}),
    "key": ("corpus_id", "name"),
    "same": ("sha256", "frames"),
    "within": "corpus_id",
}

PARTS: tuple[Part, ...] = (
    Part(
        "corpora",
        Corpus,
        lambda study: Corpus.objects.filter(pk=study.stimulus_set.corpus_id),
        key=("slug",),
    ),
    Part("utterances", Utterance, _used("utterance"), **RECORDING),
    Part("noises", NoiseRecording, _noises, **RECORDING),
    Part("rooms", Room, _used("room"), **RECORDING),
    Part("noisy_recordings", NoisyRecording, _used("noisy_recording"), **RECORDING),
    Part(
        "stimulus_sets",
        StimulusSet,
        lambda study: StimulusSet.objects.filter(pk=study.stimulus_set_id),
        key=("slug",),
    ),
    Part(
        "set_noises",
        StimulusSet.noises.through,
        lambda study: StimulusSet.noises.through._default_manager.filter(
            stimulusset=study.stimulus_set_id
        ),
        key=("stimulusset_id", "noiserecording_id"),
        within="stimulusset_id",
    ),
    Part(
        "mixtures",
        Mixture,
        lambda study: study.stimulus_set.mixtures.all(),
        left=frozenset({"claimed_by", "claimed_at"}),
        key=("stimulus_set_id", "index"),
        same=("snr_db", "utterance_id"),
        within="stimulus_set_id",
    ),
    Part(
        "stimuli",
        Stimulus,
        lambda study: Stimulus.objects.of_set(study.stimulus_set),
        left=frozenset({"file"}),
        key=("mixture_id", "system"),
        same=("sha256",),
        within="mixture_id",
    ),
    Part(
        "study",
        Study,
        lambda study: Study.objects.filter(pk=study.pk),
        left=frozenset({"code"}),
    ),
    Part("comparisons", Comparison, lambda study: study.comparisons.all()),
    Part("consent_texts", ConsentText, lambda study: study.consent_texts.all()),
    Part(
        "completion_paths", CompletionPath, lambda study: study.completion_paths.all()
    ),
    Part(
        "closed_cells",
        ClosedCell,
        lambda study: ClosedCell.objects.filter(comparison__study=study),
    ),
    Part("link_counts", LinkCount, lambda s: LinkCount.objects.filter(study=s)),
    Part("designs", FrozenDesign, lambda study: study.frozen_designs.all()),
    Part("unblindings", Unblinding, lambda s: Unblinding.objects.filter(study=s)),
    Part(
        "raters",
        Rater,
        lambda study: Rater.objects.filter(sessions__in=_sessions(study)).distinct(),
    ),
    Part("sessions", Session, _sessions, left=frozenset({"code", "withdrawal_code"})),
    Part(
        "trials",
        Trial,
        lambda study: Trial.objects.filter(session__in=_sessions(study)),
        left=frozenset({"token_a", "token_b", "token_x"}),
    ),
    Part(
        "responses",
        Response,
        lambda study: Response.objects.filter(trial__session__in=_sessions(study)),
    ),
    Part(
        "trial_sounds",
        TrialSound,
        lambda study: TrialSound.objects.filter(trial__session__in=_sessions(study)),
        left=frozenset({"token"}),
    ),
    Part(
        "headphone_trials",
        HeadphoneTrial,
        lambda study: HeadphoneTrial.objects.filter(session__in=_sessions(study)),
        left=frozenset({"token"}),
    ),
    Part(
        "events",
        Event,
        lambda study: Event.objects.filter(session__in=_sessions(study)),
    ),
    Part(
        "exclusions",
        Exclusion,
        lambda study: Exclusion.objects.filter(session__in=_sessions(study)),
    ),
)
BY_NAME = {part.name: part for part in PARTS}
