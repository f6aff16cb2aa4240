"""What an experimenter may ask of the planning page, and how much it computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django import forms

from listening import plans
from listening.statistics.planning import Plan, RatersNeeded, plan, raters_needed
from listening.statistics.simulated import ImpossibleStudy, StudyDesign

# So that an answer comes within a few seconds, in simulated trials
TRIALS_CLUSTERED = 700_000
TRIALS_MIXED = 110_000
TRIALS_SEARCH = 700_000
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


@dataclass(frozen=True)
class Planned:
    """What the page shows."""

    plan: Plan
    needed: RatersNeeded | None

    @property
    def lines(self) -> list[plans.Line]:
        return plans.lines(self.plan)

    @property
    def summary(self) -> list[str]:
        return plans.summary(self.plan, self.needed)


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
        except ImpossibleStudy as impossible:
            text = str(impossible)
            raise forms.ValidationError(f"{text[0].upper()}{text[1:]}.") from impossible
        return cleaned

    def planned(self) -> Planned:
        """Simulate what was asked for; seconds."""
        design, wanted = self.design, self.cleaned_data["power"] / 100
        rng = np.random.default_rng(SEED)
        found = plan(
            design,
            rng,
            replicates=_replicates(TRIALS_CLUSTERED, design.rows, 400),
            mixed=_replicates(TRIALS_MIXED, design.rows, 60),
        )
        try:
            system = plans.weakest(design)
        except ImpossibleStudy:
            return Planned(found, None)
        most = min(max(100, 2 * design.raters), LARGEST // design.trials)
        needed = raters_needed(
            design,
            rng,
            wanted=wanted,
            system=system,
            most=most,
            replicates=_replicates(TRIALS_SEARCH, most * design.trials, 200),
        )
        return Planned(found, needed)

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
