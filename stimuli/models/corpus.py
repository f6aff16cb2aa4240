"""A licensed set of recordings, copied into our own store at 16 kHz when imported."""

from pathlib import Path

from django.conf import settings
from django.db import models


class Corpus(models.Model):
    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=200)
    layout = models.CharField(max_length=20)
    description = models.TextField(blank=True)
    licence = models.TextField(blank=True)
    synthetic = models.BooleanField(
        default=False, help_text="The voices or noises were made by a program."
    )
    imported_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "corpora"
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class Recording(models.Model):
    """A sound file of ours. Abstract: every kind of recording has these."""

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE)
    name = models.CharField(max_length=200)
    file = models.CharField(max_length=300, help_text="below the media folder")
    sha256 = models.CharField(max_length=64)
    frames = models.PositiveIntegerField(help_text="samples at 16 kHz")
    notes = models.TextField(
        blank=True, help_text="what importing changed: rate, channels, length"
    )

    class Meta:
        abstract = True
        ordering = ["corpus", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["corpus", "name"], name="one_%(class)s_of_a_name_in_a_corpus"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.corpus.slug}/{self.name}"

    @property
    def path(self) -> Path:
        return Path(settings.MEDIA_ROOT) / self.file


class Utterance(Recording):
    """A clean recording of one sentence."""

    speaker = models.CharField(max_length=100, blank=True)
    text = models.TextField(blank=True)
    sentence = models.CharField(
        max_length=300,
        help_text="What counts as the same sentence, whoever speaks it.",
    )


class NoiseRecording(Recording):
    """What is added to speech."""

    kind = models.CharField(max_length=100, blank=True)


class Room(Recording):
    """Two impulse responses to one ear: channel 1 from the talker, 2 from the noise."""

    description = models.CharField(max_length=300, blank=True)


class NoisyRecording(Recording):
    """A finished mixture that an imported corpus brings, beside its clean utterance."""

    utterance = models.ForeignKey(
        Utterance, on_delete=models.CASCADE, related_name="noisy_recordings"
    )
    snr_db = models.FloatField(null=True, help_text="as its corpus names it")
