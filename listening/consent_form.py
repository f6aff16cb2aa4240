"""What the consent page sends back."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.utils.translation import get_language

from listening import answering
from listening.models import Session


class ConsentForm(forms.Form):
    decision = forms.ChoiceField(
        choices=[("agree", "I agree"), ("decline", "I do not agree")]
    )
    version = forms.IntegerField(required=False)  # of the text that was read

    def decide(self, session: Session, *, at: datetime, user_agent: str = "") -> None:
        """Do what was decided; `answering.ConsentChanged` if other words hold now."""
        if self.cleaned_data["decision"] == "decline":
            answering.decline(session, at=at)
        else:
            answering.consent(
                session,
                at=at,
                version=self.cleaned_data["version"],
                language=get_language() or "",
                user_agent=user_agent,
            )
