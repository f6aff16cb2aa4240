"""A stimulus set, its mixtures, and every stimulus with all that made it.

Rendering is claimed by mixture: the members of one mixture share a safety gain, so they
are rendered together or not at all.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.utils.timezone import now

from stimuli.models.corpus import (
    Corpus,
    NoiseRecording,
    NoisyRecording,
    Room,
    Utterance,
)


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
    utterances_per_snr = models.PositiveIntegerField(default=6)
    systems = models.JSONField(
        default=list, help_text="slugs, `unprocessed` among them"
    )
    seed = models.PositiveIntegerField(default=1)
    level_policy = models.CharField(
        max_length=20, choices=LevelPolicy.choices, default=LevelPolicy.SPEECH
    )
    level_db = models.FloatField(
        default=-26.0, help_text="dBov of active speech, or LUFS, by the policy"
    )
    with_scores = models.BooleanField(default=True)
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


class MixtureQuerySet(models.QuerySet["Mixture"]):
    def waiting(self) -> MixtureQuerySet:
        return self.filter(status=Mixture.Status.WAITING)

    def running(self) -> MixtureQuerySet:
        return self.filter(status=Mixture.Status.RUNNING)

    def complete(self) -> MixtureQuerySet:
        return self.filter(status=Mixture.Status.DONE)


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
        return waiting.update(status=running, claimed_by=owner, claimed_at=now()) == 1


class StimulusQuerySet(models.QuerySet["Stimulus"]):
    def rendered(self) -> StimulusQuerySet:
        return self.filter(status=Stimulus.Status.DONE)

    def failed(self) -> StimulusQuerySet:
        return self.filter(status=Stimulus.Status.FAILED)

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
        ]

    def __str__(self) -> str:
        return f"{self.mixture} {self.system}"

    @property
    def path(self) -> Path:
        return Path(settings.MEDIA_ROOT) / self.file

    @property
    def duration(self) -> timedelta | None:
        return None if self.frames is None else timedelta(seconds=self.frames / 48_000)
