"""What happened in a rater's browser during a trial, as the browser told it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from listening.models.session import Session
from listening.models.trial import LETTERS, Trial

# "": none is heard; a, b and x of two or three sounds, else those of many
MEMBERS = ("", "x", *LETTERS)


class Event(models.Model):
    class Kind(models.TextChoices):
        LOADED = "loaded", "all sounds could be played"
        FAILED = "failed", "the sounds could not be loaded"
        PLAY = "play", "began to play, from pause"
        SWITCH = "switch", "went over to another member"
        PAUSE = "pause", "stopped playing"
        SEEK = "seek", "went to another place in the sound"
        CHOOSE = "choose", "chose an answer, perhaps not the last one"
        ANSWER = "answer", "sent the answer"
        HIDDEN = "hidden", "the page was hidden"
        VISIBLE = "visible", "the page could be seen again"
        BLUR = "blur", "the page lost the focus"
        FOCUS = "focus", "the page has the focus again"
        DEVICE = "device", "a sound device was plugged or unplugged"
        INTERRUPTED = "interrupted", "the device took the sound away"
        UNDERRUN = "underrun", "the sound faltered"
        OFFLINE = "offline", "an answer could not be sent"

    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="events"
    )
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="events")
    page = models.UUIDField(help_text="made up by the browser for each page it opened")
    number = models.PositiveIntegerField(help_text="among the events of its page")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    at_s = models.FloatField(help_text="since the trial came, by the browser's clock")
    audio_s = models.FloatField(null=True, help_text="on the audio clock")
    position_s = models.FloatField(null=True, help_text="place in the sound")
    member = models.CharField(
        max_length=1,
        blank=True,
        help_text="the one heard: a, b, x or none; of many a to m",
    )
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["session", "trial", "page", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "page", "number"], name="an_event_is_kept_once"
            ),
            models.CheckConstraint(
                condition=Q(at_s__gte=0), name="an_event_is_not_before_its_trial"
            ),
            models.CheckConstraint(
                condition=Q(member__in=MEMBERS), name="member_is_a_sound_or_none"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.kind}"
