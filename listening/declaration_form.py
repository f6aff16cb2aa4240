"""What an experimenter declares of the analysis: hypotheses, margins, and when to stop.

All of it is declared before the study opens: a margin that is chosen after the answers
were seen can be chosen to suit them.
"""

from __future__ import annotations

from typing import Any

from django import forms

from listening import margins
from listening.design_form import DesignForm
from listening.models import Study


class DeclarationForm(DesignForm):
    equivalence_margin = forms.FloatField(
        required=False,
        min_value=0.01,
        max_value=0.3,
        label="Equivalence margin",
        help_text="Systems whose preference differs by less count as equally good: "
        "0.05 for 45 to 55 %. Declared now, never after the answers were seen; empty: "
        "not tested.",
    )
    rating_margin = forms.FloatField(
        required=False,
        min_value=0.01,
        max_value=1.5,
        label="Rating margin",
        help_text="Of graded answers: systems whose mean ratings (−3 to 3) differ by "
        "less count as equally good, as 0.25 points. Declared now; empty: not tested.",
    )
    rater_slopes = forms.BooleanField(
        required=False,
        label="Raters differ in the effect of SNR",
        help_text="The mixed model then gives every rater an SNR slope: safer for "
        "what is said of a single SNR and of the trend. Declared now.",
    )
    rater_quota = forms.IntegerField(
        min_value=1,
        max_value=100_000,
        label="Raters wanted",
        help_text="The study is full after so many complete sessions.",
    )
    cell_quota = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=1_000_000,
        label="Answers wanted in each cell",
        help_text="After so many answers a comparison at an SNR is asked no more; "
        "sessions under way count. Empty: as many as come.",
    )

    class Meta:
        model = Study
        fields = [
            "hypotheses",
            "equivalence_margin",
            "rating_margin",
            "rater_slopes",
            "rater_quota",
            "cell_quota",
            "ends_on",
        ]
        labels = {"ends_on": "Last day"}
        help_texts = {
            "hypotheses": "What you expect and why, and which of it is confirmatory: "
            "tested once, on the numbers that are declared here. All else that the "
            "results show is exploration.",
            "ends_on": "Nobody new may begin after it, however few came. Empty: the "
            "study is open until it is full.",
        }
        widgets = {
            "hypotheses": forms.Textarea(attrs={"rows": 6}),
            "ends_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, data: Any = None, *, instance: Study) -> None:
        super().__init__(data, instance=instance)
        self.close_what_stands()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in margins.MARGINS:
            method = self.instance.method
            if problem := margins.problem_of(name, cleaned.get(name), method=method):
                self.add_error(name, problem)
        return cleaned
