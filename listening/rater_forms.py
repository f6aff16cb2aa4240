"""What raters may type: a comment, and the code by which they withdraw."""

from django import forms

from listening.answering import ENDINGS

LONGEST_COMMENT = 2000


class CommentForm(forms.Form):
    comment = forms.CharField(
        required=False,
        max_length=LONGEST_COMMENT,
        label="Anything to tell us?",
        help_text="For instance what was hard, or did not work. Please give no names.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class WithdrawalForm(forms.Form):
    code = forms.CharField(
        max_length=40,
        label="Withdrawal code",
        error_messages={"required": "Please enter the code."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    confirmed = forms.BooleanField(required=False)


class ProblemForm(forms.Form):
    problem = forms.ChoiceField(choices=[(name, name) for name in ENDINGS])


class EventsForm(forms.Form):
    page = forms.UUIDField()
    events = forms.CharField(strip=False)
