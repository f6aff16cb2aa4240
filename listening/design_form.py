"""What the pages on a study's design have in common: when they may be sent, and how."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from listening import freezing
from listening.models import Study


class DesignForm(forms.ModelForm):
    """A part of a design: saved of a draft, an amendment once the study was opened."""

    reason = forms.CharField(
        max_length=1000,
        label="Why it is changed",
        help_text="Told with the results, beside what was changed and when.",
        error_messages={"required": freezing.NO_REASON},
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Any = None, *, instance: Study, **kwargs: Any) -> None:
        super().__init__(data, instance=instance, **kwargs)
        self.locked = freezing.lock_of(instance)
        self.amends = freezing.is_amended(instance) and not self.locked
        if not self.amends:
            del self.fields["reason"]

    def close_what_stands(self) -> None:
        """Let nothing be typed that could not be kept."""
        standing = freezing.standing(self.instance) if self.instance.pk else set()
        for name, field in self.fields.items():
            field.disabled = bool(self.locked) or name in standing

    def keep(self, *, at: datetime) -> str:
        """Change the design and say so; empty, with reasons as errors, if it stands."""
        unchanged = "Nothing was changed." if self.amends else "Saved."
        if self.instance.pk is None:
            self.save()
            return "Saved."
        if not self.has_changed() and not self.locked:
            return unchanged
        reason = self.cleaned_data.get("reason", "")
        try:
            amendment = freezing.change(self.instance, self.save, at=at, reason=reason)
        except freezing.ChangeRefused as refused:
            self.add_error(None, ValidationError(refused.reasons))
            return ""
        if amendment is None:
            return unchanged
        return f"Recorded as version {amendment.version} of the design."

    def save(self, commit: bool = True) -> Study:
        """Write the columns of this form, and no others: the state may have changed."""
        study: Study = self.instance
        study.save(update_fields=self.columns)
        return study

    @property
    def columns(self) -> list[str]:
        """The columns of the study that it writes."""
        return list(self._meta.fields or [])
