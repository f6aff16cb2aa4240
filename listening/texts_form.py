"""What an experimenter tells raters, in words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from listening.design_form import DesignForm
from listening.models import Study

# What a rater reads before consenting.
CONSENT_FIELDS = frozenset({"introduction", "consent_text"})


class TextsForm(DesignForm):
    language = forms.ChoiceField(
        required=False,
        choices=[("", "That of the rater’s browser"), *settings.LANGUAGES],
        help_text="In which raters are spoken to. Texts that you leave as they were "
        "proposed come in it; what you write yourself stays as you write it.",
    )

    class Meta:
        model = Study
        fields = ["language", "question", "introduction", "consent_text"]
        labels = {"consent_text": "Consent"}
        help_texts = {
            "introduction": "The first thing that a rater reads. Markdown.",
            "consent_text": "What a rater agrees to. Markdown: # heading, - list, "
            "*stress*, [link](https://…).",
        }
        widgets = {
            "introduction": forms.Textarea(attrs={"rows": 4}),
            "consent_text": forms.Textarea(attrs={"rows": 6}),
        }

    def __init__(self, data: Any = None, *, instance: Study) -> None:
        super().__init__(data, instance=instance)
        self.close_what_stands()

    def save(self, commit: bool = True) -> Study:
        """Save the texts; once somebody agreed, new words are a new version.

        Who took part before agreed to the version that the session names.
        """
        study: Study = self.instance
        reads_anew = CONSENT_FIELDS & set(self.changed_data)
        if reads_anew and study.sessions.of_raters().exists():
            study.consent_version += 1
        study.save(update_fields=[*self.columns, "consent_version"])
        return study
