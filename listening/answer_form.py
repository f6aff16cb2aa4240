"""An answer as a browser posts it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from listening.answering import LISTENING
from listening.methods import Method


class Told(forms.FloatField):
    """A number that a browser tells and that nobody must tell: nonsense is None."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput)

    def clean(self, value: Any) -> float | None:
        try:
            number: float | None = super().clean(value)
        except ValidationError:
            return None
        return number


class AnswerForm(forms.Form):
    key = forms.UUIDField(
        error_messages={"required": _("The answer came without key.")}
    )
    value = forms.TypedChoiceField(
        coerce=int,
        error_messages={
            "required": _("Please choose an answer."),
            "invalid_choice": _("Please choose one of the answers."),
        },
    )

    def __init__(self, data: Any, *, method: Method) -> None:
        super().__init__(data)
        self.fields |= {name: Told() for name in LISTENING}
        choices = [(choice.value, choice.label) for choice in method.choices]
        self.fields["value"].choices = choices  # type: ignore[attr-defined]
