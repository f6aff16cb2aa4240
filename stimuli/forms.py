"""The form of a stimulus set: systems as boxes to tick, SNRs as a list with commas."""

from __future__ import annotations

import math
from typing import Any

from django import forms

from enhancement.systems import SYSTEMS
from stimuli.models import StimulusSet

SNR_RANGE_DB = (-40.0, 60.0)


class SnrsField(forms.CharField):
    """Numbers of dB, apart by commas: `-6, -3, 0, 3, 6, 9`."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return ", ".join(f"{snr:g}" for snr in value)
        return value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        items = text.replace("−", "-").replace(";", ",").split(",")
        return [self._number(item.strip()) for item in items if item.strip()]

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(set(value)) < len(value):
            raise forms.ValidationError("An SNR is named twice. Name each once.")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(super().has_changed(self.prepare_value(initial), data))

    def _number(self, item: str) -> float:
        try:
            number = float(item)
        except ValueError:
            number = math.nan
        low, high = SNR_RANGE_DB
        if not low <= number <= high:
            raise forms.ValidationError(
                f"“{item}” is not a number of dB from {low:g} to {high:g}. "
                "Write a list like -6, -3, 0, 3, 6, 9."
            )
        return number


class StimulusSetForm(forms.ModelForm):
    snrs_db = SnrsField(
        label="SNRs (dB)",
        initial=[-6, -3, 0, 3, 6, 9],
        help_text="With commas: -6, -3, 0, 3, 6, 9.",
    )
    systems = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(slug, row.label) for slug, row in SYSTEMS.items()],
        initial=["unprocessed"],
        help_text="“Unprocessed” belongs to every set: it is what others are "
        "compared with.",
    )

    class Meta:
        model = StimulusSet
        exclude: list[str] = []

    def clean_systems(self) -> list[str]:
        systems: list[str] = self.cleaned_data["systems"]
        if "unprocessed" not in systems:
            raise forms.ValidationError(
                "Tick “Unprocessed” too: it is what others are compared with."
            )
        return systems
