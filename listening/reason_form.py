"""A reason, without which some things are not done."""

from django import forms


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=1000,
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It is kept with your name and the time, and exported.",
        error_messages={"required": "Without a reason this is not done."},
    )
