"""A stimulus set, its mixtures, and every stimulus with all that made it.

Rendering is claimed by mixture: the members of one mixture share a safety gain, so they
are rendered together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, Q, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import now

from stimuli.mixing import RATE_HZ
from stimuli.models.corpus import (
    Corpus,
    NoiseRecording,
    NoisyRecording,
    Room,
    Utterance,
)
from stimuli.skip_pattern import SkipPattern


class StimulusSet(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft"
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed", "done, with failures"
        CANCELLED = "cancelled"

    class LevelPolicy(models.TextChoices):
        SPEECH = "speech", "the speech in every member at one level"
        LOUDNESS = "loudness", "every member at one loudness (BS.1770)"
        NONE = "none", "as the system left it"

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=200)
    corpus = models.ForeignKey(Corpus, on_delete=models.PROTECT)
    noises = models.ManyToManyField(
        NoiseRecording, blank=True, help_text="None: every noise of the corpus."
    )
    use_rooms = models.BooleanField(default=True)
    use_noisy_recordings = models.BooleanField(
        default=False,
        verbose_name="use the corpus's finished mixtures",
        help_text="Nothing is mixed; SNRs select among the finished mixtures.",
    )
    snrs_db = models.JSONField(default=list, verbose_name="SNRs (dB)")
    utterances_per_snr = models.PositiveIntegerField(
        "utterances per SNR", default=6, validators=[MinValueValidator(1)]
    )
    systems = models.JSONField(
        default=list, help_text="slugs, `unprocessed` among them"
    )
    seed = models.PositiveIntegerField(default=1)
    level_policy = models.CharField(
        max_length=20, choices=LevelPolicy.choices, default=LevelPolicy.SPEECH
    )
    level_db = models.FloatField(
        default=-26.0,
        validators=[MinValueValidator(-50.0), MaxValueValidator(-10.0)],
        verbose_name="level (dB)",
        help_text="dBov of active speech, or LUFS, by the policy",
    )
    with_scores = models.BooleanField(
        default=True,
        verbose_name="compute objective scores",
        help_text="SI-SDR, SDR, STOI and ESTOI of every stimulus.",
    )
    state = models.CharField(
        max_length=20, choices=State.choices, default=State.DRAFT, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.slug

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.DONE

    @property
    def folder(self) -> Path:
        """Where its files lie. Their names say nothing of what they hold."""
        return Path(settings.MEDIA_ROOT) / "stimuli" / self.slug

    def queue(self) -> bool:
        """Say that it shall be generated; False if it is beyond that."""
        State = self.State
        before = (State.DRAFT, State.FAILED, State.CANCELLED)
        return self._move(before, State.QUEUED, queued_at=now(), finished_at=None)

    def start(self) -> bool:
        """Say that somebody renders it; False if there is nothing to render."""
        State = self.State
        before = (State.DRAFT, State.QUEUED, State.RUNNING)
        return self._move(
            before, State.RUNNING, queued_at=Coalesce("queued_at", Value(now()))
        )

    def settle(self) -> bool:
        """End it if every mixture is through; False if some are waiting or running."""
        Status = Mixture.Status
        if self.mixtures.filter(status__in=[Status.WAITING, Status.RUNNING]).exists():
            return False
        failed = self.mixtures.filter(status=Status.FAILED).exists()
        state = self.State.FAILED if failed else self.State.DONE
        return self._move((self.State.RUNNING,), state, finished_at=now())

    def stop(self) -> bool:
        """Cancel it; False if it was neither queued nor running."""
        State = self.State
        before = (State.QUEUED, State.RUNNING)
        return self._move(before, State.CANCELLED, finished_at=now())

    def _move(self, before: Iterable[str], after: str, **fields: object) -> bool:
        """Change the state if it is one of `before`, in one conditional update."""
        found = StimulusSet.objects.filter(pk=self.pk, state__in=list(before))
        moved = found.update(state=after, **fields) == 1
        self.refresh_from_db(fields=["state", "queued_at", "finished_at"])
        return moved


class MixtureQuerySet(models.QuerySet["Mixture"]):
    def waiting(self) -> MixtureQuerySet:
        return self.filter(status=Mixture.Status.WAITING)

    def running(self) -> MixtureQuerySet:
        return self.filter(status=Mixture.Status.RUNNING)

    def complete(self) -> MixtureQuerySet:
        return self.filter(status=Mixture.Status.DONE)

    def repeatable(self) -> MixtureQuerySet:
        """Return those that may be rendered again: never one that is done."""
        again = [Mixture.Status.FAILED, Mixture.Status.CANCELLED]
        return self.filter(status__in=again)

    def held_by(self, owner: str) -> MixtureQuerySet:
        return self.running().filter(claimed_by=owner)

    def take(self, owner: str) -> Mixture | None:
        """Claim one that is waiting; None if none is."""
        while (mixture := self.waiting().order_by("index").first()) is not None:
            if mixture.claim(owner):
                return mixture
        return None

    def with_sources(self) -> MixtureQuerySet:
        """Fetch with each mixture everything that its rendering reads."""
        return self.select_related(
            "stimulus_set", "utterance", "noise", "room", "noisy_recording"
        )


class Mixture(models.Model):
    class Status(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    stimulus_set = models.ForeignKey(
        StimulusSet, on_delete=models.CASCADE, related_name="mixtures"
    )
    index = models.PositiveIntegerField()
    utterance = models.ForeignKey(Utterance, on_delete=models.PROTECT)
    noise = models.ForeignKey(NoiseRecording, on_delete=models.PROTECT, null=True)
    noise_offset = models.PositiveIntegerField(
        default=0, help_text="sample of the noise at which the mixture begins"
    )
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True)
    noisy_recording = models.ForeignKey(
        NoisyRecording, on_delete=models.PROTECT, null=True
    )
    snr_db = models.FloatField(help_text="nominal")
    measured_snr_db = models.FloatField(null=True)
    speech_gain_db = models.FloatField(
        null=True, help_text="put on the utterance before mixing"
    )
    noise_gain_db = models.FloatField(
        null=True, help_text="put on the noise as recorded, of mixtures mixed by us"
    )
    status = models.CharField(
        max_length=20, choices=Status.choices, default=Status.WAITING
    )
    claimed_by = models.CharField(max_length=200, blank=True)
    claimed_at = models.DateTimeField(null=True)

    objects = MixtureQuerySet.as_manager()

    class Meta:
        ordering = ["stimulus_set", "index"]
        constraints = [
            models.UniqueConstraint(
                fields=["stimulus_set", "index"], name="one_mixture_per_index"
            ),
            models.CheckConstraint(
                condition=Q(noise=None) ^ Q(noisy_recording=None),
                name="a_mixture_is_mixed_by_us_or_came_finished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stimulus_set.slug} #{self.index}"

    def claim(self, owner: str) -> bool:
        """Take it for rendering; False if another worker was faster."""
        waiting = Mixture.objects.waiting().filter(pk=self.pk)
        running = Mixture.Status.RUNNING
        taken = waiting.update(status=running, claimed_by=owner, claimed_at=now()) == 1
        if taken:
            self.refresh_from_db(fields=["status", "claimed_by", "claimed_at"])
        return taken

    def release(self) -> bool:
        """Give it back unrendered; False if it is no longer claimed by that owner.

        Of a set that was cancelled meanwhile it is cancelled, not waiting.
        """
        held = Mixture.objects.held_by(self.claimed_by).filter(pk=self.pk)
        cancelled = Q(stimulus_set__state=StimulusSet.State.CANCELLED)
        free = {"claimed_by": "", "claimed_at": None}
        return bool(
            held.filter(cancelled).update(status=self.Status.CANCELLED, **free)
            or held.exclude(cancelled).update(status=self.Status.WAITING, **free)
        )


class StimulusQuerySet(models.QuerySet["Stimulus"]):
    def rendered(self) -> StimulusQuerySet:
        return self.filter(status=Stimulus.Status.DONE)

    def failed(self) -> StimulusQuerySet:
        return self.filter(status=Stimulus.Status.FAILED)

    def waiting(self) -> StimulusQuerySet:
        return self.filter(status=Stimulus.Status.WAITING)

    def with_files(self) -> StimulusQuerySet:
        return self.exclude(file="")

    def for_quality(self) -> StimulusQuerySet:
        """Return what is rendered, with all that the quality table shows."""
        found = self.rendered().order_by("mixture__index", "pk")
        return found.select_related(
            "mixture__utterance", "mixture__noise", "mixture__stimulus_set"
        )

    def of_set(self, stimulus_set: StimulusSet) -> StimulusQuerySet:
        return self.filter(mixture__stimulus_set=stimulus_set)

    def counts(self) -> dict[str, int]:
        """Return how many there are in each status, all statuses present."""
        found = dict(self.order_by().values_list("status").annotate(Count("pk")))
        return {status: found.get(status, 0) for status in Stimulus.Status.values}


class Stimulus(models.Model):
    class Status(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    mixture = models.ForeignKey(
        Mixture, on_delete=models.CASCADE, related_name="stimuli"
    )
    system = models.SlugField()
    status = models.CharField(
        max_length=20, choices=Status.choices, default=Status.WAITING
    )
    error = models.TextField(blank=True)

    # What made it
    version = models.CharField(max_length=50, blank=True)
    weights_sha256 = models.CharField(max_length=64, blank=True)
    parameters = models.JSONField(default=dict)
    software = models.JSONField(default=dict, help_text="versions of what rendered it")
    delay_samples = models.IntegerField(
        null=True, help_text="of the system at 16 kHz, found and taken out"
    )
    level_gain_db = models.FloatField(null=True)
    safety_gain_db = models.FloatField(null=True, help_text="one value per mixture")

    # What it is
    file = models.CharField(max_length=300, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    bytes = models.PositiveIntegerField(null=True)
    frames = models.PositiveIntegerField(null=True, help_text="samples at 48 kHz")
    speech_level_dbov = models.FloatField(null=True)
    loudness_lufs = models.FloatField(null=True)
    true_peak_dbtp = models.FloatField(null=True)
    si_sdr_db = models.FloatField(null=True)
    sdr_db = models.FloatField(null=True)
    stoi = models.FloatField(null=True)
    estoi = models.FloatField(null=True)
    pesq_wb = models.FloatField("PESQ (wide-band)", null=True)
    updates = models.TextField(
        blank=True, help_text="of a network that skips frames: 1 where it ran, else 0"
    )
    rendered_at = models.DateTimeField(null=True)
    render_time = models.DurationField(null=True)

    objects = StimulusQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "stimuli"
        ordering = ["mixture", "system"]
        constraints = [
            models.UniqueConstraint(
                fields=["mixture", "system"], name="one_stimulus_per_mixture_and_system"
            ),
            models.CheckConstraint(
                condition=Q(status="failed") ^ Q(error=""),
                name="an_error_if_and_only_if_failed",
            ),
            models.CheckConstraint(
                condition=~Q(status="done") | ~Q(sha256=""),
                name="what_is_done_has_a_hash",
            ),
            models.UniqueConstraint(
                fields=["file"], condition=~Q(file=""), name="one_stimulus_per_file"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mixture} {self.system}"

    @property
    def path(self) -> Path:
        return Path(settings.MEDIA_ROOT) / self.file

    @property
    def reason(self) -> str:
        """Why it failed, in one line; the rest of `error` is for developers."""
        return self.error.partition("\n")[0]

    @property
    def skip_pattern(self) -> SkipPattern | None:
        """Where its network ran; None if that was not kept, or it ran in all frames."""
        made_by = self.parameters
        if not self.updates:
            return None
        hop_s = made_by["hop"] / RATE_HZ
        return SkipPattern(self.updates, hop_s, made_by["operations_per_frame"])

    @property
    def duration(self) -> timedelta | None:
        return None if self.frames is None else timedelta(seconds=self.frames / 48_000)
