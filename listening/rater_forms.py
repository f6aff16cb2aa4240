"""What raters may type: a comment, and the code by which they withdraw."""

from django import forms
from django.utils.translation import gettext_lazy as _

from listening.answering import ENDINGS

LONGEST_COMMENT = 2000


class CommentForm(forms.Form):
    comment = forms.CharField(
        required=False,
        max_length=LONGEST_COMMENT,
        label=_("Anything to tell us?"),
        help_text=_(
            "For instance what was hard, or did not work. Please give no names."
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class WithdrawalForm(forms.Form):
    code = forms.CharField(
        max_length=40,
        label=_("Withdrawal code"),
        error_messages={"required": _("Please enter the code.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    confirmed = forms.BooleanField(required=False)


class ProblemForm(forms.Form):
    problem = forms.ChoiceField(choices=[(name, name) for name in ENDINGS])


class EventsForm(forms.Form):
    page = forms.UUIDField()
    events = forms.CharField(strip=False)
