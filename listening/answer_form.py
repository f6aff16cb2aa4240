"""An answer as a browser posts it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from listening import answering
from listening.answering import LISTENING
from listening.methods import Method
from listening.methods.method import REACH
from listening.models import Response, Trial


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


class KeyForm(forms.Form):
    """What every answer has: a key, and what the browser tells of the listening."""

    key = forms.UUIDField(
        error_messages={"required": _("The answer came without key.")}
    )

    def __init__(self, data: Any, *, trial: Trial) -> None:
        super().__init__(data)
        self.trial = trial
        self.fields |= {name: Told() for name in told_of(trial)}

    @property
    def problems(self) -> list[str]:
        """What is wrong, each thing once."""
        return list(
            dict.fromkeys(
                str(error) for errors in self.errors.values() for error in errors
            )
        )


class AnswerForm(KeyForm):
    value = forms.TypedChoiceField(
        coerce=int,
        error_messages={
            "required": _("Please choose an answer."),
            "invalid_choice": _("Please choose one of the answers."),
        },
    )

    def __init__(self, data: Any, *, trial: Trial, method: Method) -> None:
        super().__init__(data, trial=trial)
        choices = [(choice.value, choice.label) for choice in method.choices]
        self.fields["value"].choices = choices  # type: ignore[attr-defined]

    def keep(self, *, at: datetime) -> Response:
        return answering.answer(self.trial, at=at, **self.cleaned_data)


class ScoresForm(KeyForm):
    """A score of every sound of a trial."""

    def __init__(self, data: Any, *, trial: Trial, method: Method) -> None:
        super().__init__(data, trial=trial)
        self.letters = [sound.letter for sound in trial.sounds.all()]
        low, high = REACH[trial.scale]
        for letter in self.letters:
            self.fields[f"score_{letter}"] = forms.IntegerField(
                min_value=low, max_value=high, error_messages=SCORE_MESSAGES
            )

    def keep(self, *, at: datetime) -> Response:
        told = dict(self.cleaned_data)
        return answering.answer_with_scores(
            self.trial,
            key=told.pop("key"),
            scores={letter: told.pop(f"score_{letter}") for letter in self.letters},
            listened_s={
                letter: told.pop(f"listened_{letter}_s") for letter in self.letters
            },
            at=at,
            **told,
        )


SCORE_MESSAGES = dict.fromkeys(
    ("required", "invalid"), _("Please give every version a score.")
) | dict.fromkeys(
    ("min_value", "max_value"), _("Scores are whole numbers from 0 to 100.")
)


def form_of(data: Any, *, trial: Trial, method: Method) -> AnswerForm | ScoresForm:
    """Return the form of an answer to `trial`, filled with what was posted."""
    form = ScoresForm if method.is_together else AnswerForm
    return form(data, trial=trial, method=method)


def told_of(trial: Trial) -> list[str]:
    """Return the names of what a browser tells with an answer to `trial`."""
    if not trial.is_together:
        return list(LISTENING)
    counts = [name for name in LISTENING if not name.startswith("listened_")]
    return [*(f"listened_{letter}_s" for letter in trial.tokens), *counts]
