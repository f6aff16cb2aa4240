"""The results of a study as once computed: work that outlasts a request is a row."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.timezone import now

from listening.models.study import Study

# A computation that did not report for so long has lost its worker.
LOST = timedelta(minutes=15)


class AnalysisResultQuerySet(models.QuerySet["AnalysisResult"]):
    def done(self) -> AnalysisResultQuerySet:
        return self.filter(state=AnalysisResult.State.DONE)

    def claim(self, pk: int) -> bool:
        """Take it for computing; False if somebody has, or it was deleted."""
        waiting = self.filter(pk=pk, state=AnalysisResult.State.WAITING)
        running = AnalysisResult.State.RUNNING
        return waiting.update(state=running, changed_at=now()) == 1

    def report(self, pk: int, *, step: int, steps: int) -> None:
        self.filter(pk=pk).update(step=step, steps=steps, changed_at=now())

    def finish(self, pk: int, content: bytes) -> None:
        done = AnalysisResult.State.DONE
        self.filter(pk=pk).update(state=done, content=content, changed_at=now())

    def fail(self, pk: int, error: str) -> None:
        failed = AnalysisResult.State.FAILED
        self.filter(pk=pk).update(state=failed, error=error, changed_at=now())


class AnalysisResult(models.Model):
    """What the answers that `key` stands for say; `content` is a ZIP of files."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="results")
    key = models.CharField(max_length=64)
    state = models.CharField(
        max_length=20, choices=State.choices, default=State.WAITING
    )
    step = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=1)
    content = models.BinaryField(default=bytes)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now_add=True)

    objects = AnalysisResultQuerySet.as_manager()

    class Meta:
        ordering = ["study", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "key"], name="answers_are_analysed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study_id}: {self.key[:8]}"

    @property
    def is_lost(self) -> bool:
        under_way = self.state in (self.State.WAITING, self.State.RUNNING)
        return under_way and now() - self.changed_at > LOST
