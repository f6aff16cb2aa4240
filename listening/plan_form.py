"""What an experimenter may ask of the planning page, and how much it computes."""

from __future__ import annotations

from typing import Any

import numpy as np
from django import forms

from listening import plans
from listening.looks import NAMES
from listening.plans import Planned
from listening.statistics.planned_looks import (
    MOST_LOOKS,
    PlannedLooks,
    plan_looks,
    raters_at,
)
from listening.statistics.planning import RatersNeeded, plan, raters_needed
from listening.statistics.simulated import ImpossibleStudy, StudyDesign

# So that an answer comes within a few seconds, in simulated trials
TRIALS_CLUSTERED = 700_000
TRIALS_MIXED = 110_000
TRIALS_SEARCH = 700_000
TRIALS_LOOKS = 250_000
LARGEST = 20_000  # trials of a study
SEED = 1  # the same question gets the same answer


class NumbersField(forms.CharField):
    """Numbers with commas or spaces between them, as a list."""

    default_error_messages = {"numbers": "Write numbers, with commas between them."}

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        try:
            found = [float(word) for word in text.replace(",", " ").split()]
        except ValueError:
            found = []
        if text and not (found and np.isfinite(found).all()):
            raise forms.ValidationError(self.error_messages["numbers"], code="numbers")
        return found


class PlanForm(forms.Form):
    raters = forms.IntegerField(min_value=2, max_value=2000, initial=30)
    trials = forms.IntegerField(
        min_value=1,
        max_value=200,
        initial=36,
        label="Trials per rater",
        help_text="Without training.",
    )
    preference = NumbersField(
        initial="60",
        max_length=200,
        label="Expected preference (%)",
        help_text="Share of answers for a system. One number, or one for each SNR.",
    )
    systems = forms.IntegerField(
        min_value=1,
        max_value=8,
        initial=1,
        help_text="Compared with the reference; trials are shared between them.",
    )
    snrs = NumbersField(initial="-6, -3, 0, 3, 6, 9", max_length=200, label="SNRs (dB)")
    utterances = forms.IntegerField(
        min_value=4,
        max_value=1000,
        initial=60,
        help_text="In all; each is heard at one SNR.",
    )
    power = forms.IntegerField(
        min_value=10,
        max_value=99,
        initial=80,
        label="Wanted power (%)",
        help_text="How often the study should find what is there.",
    )
    rater_sd = forms.FloatField(
        min_value=0,
        max_value=5,
        initial=0.8,
        label="Raters differ by (logits)",
        help_text="Standard deviation. 0.8 is usual: at 60 % on average, two thirds "
        "of raters are between 42 and 78 %.",
    )
    utterance_sd = forms.FloatField(
        min_value=0,
        max_value=5,
        initial=0.5,
        label="Utterances differ by (logits)",
        help_text="Standard deviation.",
    )
    slope_sd = forms.FloatField(
        min_value=0,
        max_value=1,
        initial=0,
        label="Raters' slopes differ by (logits per dB)",
        help_text="0: SNR matters to all alike.",
    )

    looks = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_LOOKS - 1,
        initial=0,
        label="Looks before the end",
        help_text="How often you look at the outcome while answers come in, ready to "
        "stop. 0: only at the end.",
    )
    boundaries = forms.ChoiceField(
        required=False,
        choices=list(NAMES.items()),
        initial="obrien-fleming",
        help_text="O'Brien-Fleming stops early only for a clear outcome and costs next "
        "to nothing. Pocock stops early more often and takes more raters.",
    )

    def clean_boundaries(self) -> str:
        return self.cleaned_data["boundaries"] or "obrien-fleming"

    def clean_preference(self) -> list[float]:
        percents: list[float] = self.cleaned_data["preference"]
        if not all(0 < percent < 100 for percent in percents):
            raise forms.ValidationError("Write percentages between 0 and 100.")
        return percents

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        if cleaned["raters"] * cleaned["trials"] > LARGEST:
            raise forms.ValidationError(
                f"More than {LARGEST:,} trials are too many here. Use the command plan."
            )
        if len(cleaned["snrs"]) > 12:
            raise forms.ValidationError("At most twelve SNRs.")
        try:
            self.design = self._design(cleaned)
            if cleaned["looks"]:
                raters_at(self.design, cleaned["looks"] + 1)
        except ImpossibleStudy as impossible:
            text = str(impossible)
            raise forms.ValidationError(f"{text[0].upper()}{text[1:]}.") from impossible
        return cleaned

    def planned(self) -> Planned:
        """Simulate what was asked for; seconds."""
        design = self.design
        rng = np.random.default_rng(SEED)
        found = plan(
            design,
            rng,
            replicates=_replicates(TRIALS_CLUSTERED, design.rows, 400),
            mixed=_replicates(TRIALS_MIXED, design.rows, 60),
        )
        early = self._looks()
        return Planned(found, self._needed(rng, early), early)

    def _looks(self) -> PlannedLooks | None:
        if not self.cleaned_data["looks"]:
            return None
        return plan_looks(
            self.design,
            np.random.default_rng(SEED),
            looks=self.cleaned_data["looks"] + 1,
            system=plans.nearest_to_half(self.design),
            kind=self.cleaned_data["boundaries"],
            power=self.cleaned_data["power"] / 100,
            replicates=_replicates(TRIALS_LOOKS, self.design.rows, 400),
        )

    def _needed(
        self, rng: np.random.Generator, early: PlannedLooks | None
    ) -> RatersNeeded | None:
        design = self.design
        try:
            system = plans.weakest(design)
        except ImpossibleStudy:
            return None
        most = min(max(100, 2 * design.raters), LARGEST // design.trials)
        return raters_needed(
            design,
            rng,
            wanted=self.cleaned_data["power"] / 100,
            system=system,
            most=most,
            inflation=early.inflation if early else 1.0,
            replicates=_replicates(TRIALS_SEARCH, most * design.trials, 200),
        )

    def _design(self, cleaned: dict[str, Any]) -> StudyDesign:
        snrs = tuple(cleaned["snrs"])
        effects = [[percent / 100 for percent in cleaned["preference"]]]
        return StudyDesign(
            raters=cleaned["raters"],
            trials=cleaned["trials"],
            utterances=cleaned["utterances"],
            preference=plans.preferences(
                effects, systems=cleaned["systems"], snrs=len(snrs)
            ),
            snrs_db=snrs,
            rater_sd=cleaned["rater_sd"],
            utterance_sd=cleaned["utterance_sd"],
            slope_sd=cleaned["slope_sd"],
        )


def _replicates(trials: int, rows: int, most: int) -> int:
    return int(np.clip(trials // rows, 20, most))
