"""The sounds of a session's headphone check, drawn with it, and what was answered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from listening import headphones
from listening.models.session import Session
from listening.models.study import new_code


class HeadphoneTrialQuerySet(models.QuerySet["HeadphoneTrial"]):
    def of_token(self, token: str) -> HeadphoneTrialQuerySet:
        """Return the trial of this token, with its session, study and stimulus set."""
        return self.filter(token=token).select_related("session__study__stimulus_set")

    def answered(self) -> HeadphoneTrialQuerySet:
        return self.exclude(answer=None)

    def newest_round(self) -> int:
        """Return the number of the last round of one session; 0 before the first."""
        last = self.order_by("round").last()
        return last.round if last else 0

    def current(self) -> list[HeadphoneTrial]:
        """Return the attempt of one session that is to be answered; empty after all."""
        newest = self.filter(round=self.newest_round(), answer=None)
        left = list(newest.order_by("attempt", "position"))
        return [trial for trial in left if trial.attempt == left[0].attempt]

    def for_results(self) -> HeadphoneTrialQuerySet:
        """Return what was answered in the real study, in order."""
        live = self.answered().filter(session__stage=Session.Stage.LIVE)
        return live.order_by("session", "round", "attempt", "position")


class HeadphoneTrial(models.Model):
    class Kind(models.TextChoices):
        HUGGINS = headphones.HUGGINS, "the noise that holds a tone"
        ANTIPHASE = headphones.ANTIPHASE, "the softest tone"
        SIDE = headphones.SIDE, "the ear that hears it; not counted"

    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="headphone_trials"
    )
    round = models.PositiveIntegerField(
        help_text="1 for the check before the trials, 2 for the one half an hour later"
    )
    attempt = models.PositiveIntegerField(help_text="of the round, 1 for the first")
    position = models.PositiveIntegerField(help_text="on the attempt's page, from 1")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    odd = models.PositiveSmallIntegerField(help_text="the right answer, 1 to 3")
    seed = models.PositiveBigIntegerField(help_text="from which the sound is made")
    token = models.CharField(max_length=22, unique=True, default=new_code)
    answer = models.PositiveSmallIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)

    objects = HeadphoneTrialQuerySet.as_manager()

    class Meta:
        ordering = ["session", "round", "attempt", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "round", "attempt", "position"],
                name="one_headphone_trial_per_position",
            ),
            models.CheckConstraint(
                condition=Q(odd__range=(1, 3)), name="one_of_three_is_right"
            ),
            models.CheckConstraint(
                condition=Q(answer=None) | Q(answer__range=(1, 3)),
                name="one_of_three_is_answered",
            ),
            models.CheckConstraint(
                condition=Q(answer=None) ^ Q(answered_at__isnull=False),
                name="answered_at_if_and_only_if_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session} {self.round}.{self.attempt}.{self.position}"

    @property
    def asked(self) -> tuple[int, int]:
        """The attempt that it belongs to: its round, and its number there."""
        return self.round, self.attempt

    @property
    def is_right(self) -> bool:
        return self.answer == self.odd

    @property
    def is_audible(self) -> bool:
        """Whether its sound may be heard now: it is on the rater's page."""
        on_page = self.session.step == "headphones"
        return on_page and self in self.session.headphone_trials.current()
