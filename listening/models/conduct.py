"""What experimenters did while a study ran, and how often its link was opened."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from listening.models.study import Study


class Unblinding(models.Model):
    """That the outcome was looked at before the stop rule was met, and at what point.

    What was seen cannot be unseen: one row a study, which is never changed.
    """

    study = models.OneToOneField(
        Study, on_delete=models.CASCADE, related_name="unblinding"
    )
    at = models.DateTimeField()
    by = models.CharField(max_length=150, help_text="name of the user")
    reason = models.TextField()
    raters = models.PositiveIntegerField(help_text="people who had finished")
    simulated = models.PositiveIntegerField(help_text="programs that had finished")
    answers = models.PositiveIntegerField(help_text="of both, that are analysed")

    class Meta:
        ordering = ["study"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""), name="nobody_looks_early_without_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study}: {self.reason}"


class LinkCountQuerySet(models.QuerySet["LinkCount"]):
    def add(self, study: Study) -> None:
        """Count that somebody was shown the landing page of `study`."""
        self.get_or_create(study=study)
        self.filter(study=study).update(opened=F("opened") + 1)


class LinkCount(models.Model):
    """How often the landing page was shown. Nothing is kept of whom it was shown to."""

    study = models.OneToOneField(
        Study, on_delete=models.CASCADE, related_name="link_count"
    )
    opened = models.PositiveIntegerField(default=0)

    objects = LinkCountQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.study}: {self.opened}"
