"""Where raters come from, what they are given at the end, and which cells recruit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from listening import cells, outcomes, panels
from listening.models import Comparison, CompletionPath, Outcome, Session, Study

LARGEST = 1_000_000  # bytes of a list of people


class RecruitingForm(forms.ModelForm):
    panel = forms.ChoiceField(
        choices=panels.panel_choices, required=False, label="Open to"
    )
    identity_days = forms.IntegerField(
        min_value=0,
        max_value=3650,
        label="Days to keep identities",
        help_text="Panel identities and invitations are deleted then, by the command "
        "retention. Answers stay.",
    )
    recruiting = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": "%(value)s is not a cell."}
    )

    class Meta:
        model = Study
        fields = ["panel", "panel_parameters", "identity_days", "contact"]
        labels = {"panel_parameters": "Parameters of another panel"}
        help_texts = {
            "panel_parameters": "Names that its links carry, the participant’s first, "
            "separated by commas.",
            "contact": "Whom raters may write to: a name, a mail address.",
        }

    def __init__(self, data: Any = None, *, instance: Study) -> None:
        super().__init__(data, instance=instance)
        paths = {path.outcome: path for path in instance.completion_paths.all()}
        for outcome in Outcome:
            self._add_path(outcome, paths.get(outcome))
        self.comparisons = list(instance.comparisons.all())
        self.snrs_db = cells.snrs_of(instance)
        every, shut = cells.all_cells(instance), cells.closed(instance)
        self.cells = {name_of(cell): cell for cell in every}
        recruiting = self.fields["recruiting"]
        recruiting.choices = [(name, name) for name in self.cells]  # type: ignore[attr-defined]
        recruiting.initial = [name_of(cell) for cell in every if cell not in shut]

    def _add_path(self, outcome: Outcome, path: CompletionPath | None) -> None:
        self.fields[f"code_{outcome.name}"] = forms.RegexField(
            outcomes.CODE,
            required=False,
            max_length=64,
            label=f"{outcome.label}: code",
            initial=path.code if path else "",
            error_messages={"invalid": "A code has letters, digits, - _ and . alone."},
        )
        self.fields[f"url_{outcome.name}"] = forms.CharField(
            required=False,
            max_length=500,
            label=f"{outcome.label}: address",
            initial=path.url if path else "",
        )

    def paths(self) -> Iterator[tuple[str, forms.BoundField, forms.BoundField]]:
        """Yield each outcome with the fields of its code and its address."""
        for outcome in Outcome:
            code, url = self[f"code_{outcome.name}"], self[f"url_{outcome.name}"]
            yield outcome.label, code, url

    def grid(self) -> Iterator[tuple[Comparison, list[tuple[str, float, bool]]]]:
        """Yield each comparison with its cells: name, SNR, whether chosen."""
        chosen = set(self["recruiting"].value() or [])
        for comparison in self.comparisons:
            row = [(name_of((comparison.pk, snr)), snr) for snr in self.snrs_db]
            yield comparison, [(name, snr, name in chosen) for name, snr in row]

    def clean_panel_parameters(self) -> str:
        names = [n.strip() for n in self.cleaned_data["panel_parameters"].split(",")]
        if names == [""]:
            return ""
        for name in names:
            if not panels.NAME.fullmatch(name):
                raise forms.ValidationError(f"“{name}” cannot be a parameter’s name.")
        if len(set(names)) < len(names):
            raise forms.ValidationError("A parameter is named twice.")
        return ", ".join(names)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        panel = cleaned.get("panel")
        named = "panel_parameters" in self.errors or cleaned.get("panel_parameters")
        if panel and not panels.PANELS[panel].parameters and not named:
            self.add_error("panel_parameters", "Another panel needs at least one name.")
        for outcome in Outcome:
            url = cleaned.get(f"url_{outcome.name}")
            if url and (problem := outcomes.problem_of_url(url)):
                self.add_error(f"url_{outcome.name}", problem)
        return cleaned

    @transaction.atomic
    def save(self, commit: bool = True) -> Study:
        study: Study = self.instance
        study.save(update_fields=self._meta.fields)
        for outcome in Outcome:
            code = self.cleaned_data[f"code_{outcome.name}"]
            url = self.cleaned_data[f"url_{outcome.name}"]
            study.completion_paths.update_or_create(
                outcome=outcome, defaults={"code": code, "url": url}
            )
        chosen = {self.cells[name] for name in self.cleaned_data["recruiting"]}
        cells.recruit_in(study, chosen)
        return study


class InvitationsForm(forms.Form):
    list = forms.FileField(
        label="List of people",
        help_text="A CSV with an address or a code of yours in each row.",
        max_length=200,
    )

    def clean_list(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["list"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(
                f"The list is larger than {LARGEST // 1000} kB: leave all but the "
                f"addresses out, or send it in parts."
            )
        return file


class ErasureForm(forms.Form):
    """Whose session shall be deleted: a participant's of a panel."""

    panel = forms.ChoiceField(
        choices=[(slug, panel.label) for slug, panel in panels.PANELS.items()]
    )
    participant = forms.RegexField(
        rf"\A{panels.FORM.pattern}\Z",
        label="Their id there",
        error_messages={"invalid": "That is not an id of a participant."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, study: Study) -> None:
        super().__init__(data, auto_id="erase_%s")  # the page has another panel
        self.study = study
        self.session: Session | None = None
        self.fields["panel"].initial = study.panel

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            self.session = panels.session_of(self.study, **cleaned)
            if self.session is None:
                self.add_error("participant", "Nobody with this id is known here.")
        return cleaned


def name_of(cell: cells.Cell) -> str:
    comparison, snr_db = cell
    return f"{comparison}:{snr_db:g}"
