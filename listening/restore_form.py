"""An archive that is sent here, and the name that its study shall have."""

from django import forms


class RestoreForm(forms.Form):
    archive = forms.FileField(
        label="Archive",
        help_text="The .zip file that Archive, or the command archive, made.",
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )
    name = forms.SlugField(
        required=False,
        label="Name in addresses",
        help_text="If it shall have another one here than it had.",
    )
