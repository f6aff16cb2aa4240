"""The design of a study as it was when raters came: kept whole, with its hash."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.db.models import Q

from listening.models.study import Study


class FrozenDesignQuerySet(models.QuerySet["FrozenDesign"]):
    def newest(self) -> FrozenDesign | None:
        return self.order_by("version").last()

    def before_answers(self) -> FrozenDesignQuerySet:
        """Return those that were frozen before anything was answered."""
        return self.filter(answers=0)


class FrozenDesign(models.Model):
    """A version of a study's design: the first as it opened, then every amendment.

    `json` is the text that was hashed, byte for byte; what an amendment changed is
    told by comparing it with the version before.
    """

    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="frozen_designs"
    )
    version = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150, help_text="name of the user")
    reason = models.TextField(blank=True, help_text="Why it was amended.")
    answers = models.PositiveIntegerField(
        help_text="That the live study had when this version was frozen."
    )
    json = models.TextField()
    sha256 = models.CharField(max_length=64)

    objects = FrozenDesignQuerySet.as_manager()

    class Meta:
        ordering = ["study", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "version"], name="one_design_per_version"
            ),
            models.CheckConstraint(
                condition=Q(version=1) ^ ~Q(reason=""),
                name="an_amendment_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study}: design, version {self.version}"

    @property
    def file_name(self) -> str:
        return f"design-{self.version}.json"

    @property
    def design(self) -> dict[str, Any]:
        """What was declared, by the names of its parts."""
        found: dict[str, Any] = json.loads(self.json)["design"]
        return found
