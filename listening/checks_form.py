"""What an experimenter declares about raters: trials that check on them, and rules.

Both are declared before the study opens: a rule that is made up after the answers were
seen can be made up to suit them. Where it is amended later, the results say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django import forms

from listening import designs, methods
from listening.analysis.screening import RULES, TIERS, Rule, declared
from listening.design_form import DesignForm
from listening.methods import Method
from listening.models import Study
from listening.schedule import Kind

MOST = 20  # trials of a kind in a session
COUNTS = {
    Kind.GOLD: "gold_trials",
    Kind.PLACEBO: "placebo_trials",
    Kind.REPEAT: "repeat_trials",
}
TIER_LABELS = {"pay": "Not paid", "use": "Not used"}


@dataclass(frozen=True)
class Words:
    """What the fields of trials say, by what a trial is."""

    gold: str
    good: str
    bad: str
    placebo: str
    repeat: str


HOW_MANY = "One in ten trials is usual; from four on no single slip decides."
SIDES = "they show a favour for a side. One in twenty trials is usual."
CONSISTENT = "they show how consistent raters are. One trial in ten is usual."
OF_PAIRS = Words(
    gold="A session. Clean against degraded speech, at the lowest SNR: who listens "
    f"cannot fail them. {HOW_MANY}",
    good="Good member of gold trials",
    bad="Bad member of gold trials",
    placebo=f"A session. Both sounds are the same: {SIDES}",
    repeat=f"A session. A trial from before with A and B swapped: {CONSISTENT}",
)
WITH_X = replace(
    OF_PAIRS,
    gold="A session. A and B are clean and degraded speech, at the lowest SNR: who "
    f"listens cannot fail to find X. {HOW_MANY}",
    placebo=f"A session. All sounds are the same: {SIDES}",
)
OF_ONE = Words(
    gold="A session. Clean or degraded speech by itself, at the lowest SNR: who "
    "listens scores the one above the middle of the scale, and the other not. "
    f"{HOW_MANY}",
    good="Good sound of gold trials",
    bad="Bad sound of gold trials",
    placebo="None where sounds are heard one at a time: there are no sides to favour.",
    repeat=f"A session. A sound from before, to be scored again: {CONSISTENT}",
)


THERE = "None: every trial holds the hidden reference and the anchors."
OF_MANY = replace(OF_PAIRS, gold=THERE, placebo=THERE, repeat=THERE)


def words_of(method: Method) -> Words:
    if method.is_together:
        return OF_MANY
    if method.is_alone:
        return OF_ONE
    return WITH_X if method.has_x else OF_PAIRS


@dataclass(frozen=True)
class Line:
    """A rule with its two limits, as one row of the form."""

    rule: Rule
    use: forms.BoundField
    pay: forms.BoundField


class ChecksForm(DesignForm):
    class Meta:
        model = Study
        fields = [
            *("gold_trials", "placebo_trials", "repeat_trials"),
            *("gold_system", "gold_reference"),
            *("headphone_check", "headphone_policy", "headphone_mark"),
        ]
        labels = {
            "gold_trials": "Gold trials",
            "placebo_trials": "Placebos",
            "repeat_trials": "Repeats",
            "headphone_check": "Headphone check",
            "headphone_policy": "Who does not pass",
            "headphone_mark": "Pass mark",
        }
        help_texts = {
            "headphone_check": "Before the trials, and again with the volume whenever "
            "half an hour of a session has passed.",
            "headphone_mark": "Right answers of six, of each kind, in either of two "
            "attempts. Guessing reaches 5 in 1.8 % of attempts. With 6 every fifth "
            "rater who does wear headphones fails Huggins pitch.",
        }

    def __init__(self, data: Any = None, *, instance: Study) -> None:
        super().__init__(data, instance=instance)
        words = words_of(methods.load(instance.method))
        self.fields["gold_system"] = self.choice_of_system("gold_system", words.good)
        self.fields["gold_reference"] = self.choice_of_system(
            "gold_reference", words.bad
        )
        for kind, name in COUNTS.items():
            self.fields[name].help_text = getattr(words, kind)
        for rule in RULES:
            for tier in TIERS:
                self.fields[name_of(rule, tier)] = self.limit(rule, tier)
        self.close_what_stands()

    def choice_of_system(self, name: str, label: str) -> forms.ChoiceField:
        systems = self.instance.stimulus_set.systems
        present = getattr(self.instance, name)
        lacking = [(present, f"{present} (the set has none)")]
        choices = [(system, system) for system in systems]
        return forms.ChoiceField(
            choices=choices if present in systems else lacking + choices,
            label=label,
        )

    def limit(self, rule: Rule, tier: str) -> forms.FloatField:
        suggested = rule.limit(tier)
        hint = "" if suggested is None else np.format_float_positional(suggested)
        beyond = "below" if rule.too_low else "above"
        return forms.FloatField(
            required=False,
            min_value=0,
            max_value=1,
            label=f"{TIER_LABELS[tier]} if {beyond}",
            initial=self.instance.exclusion_rules.get(rule.key, {}).get(tier),
            widget=forms.NumberInput(attrs={"placeholder": hint, "step": "any"}),
        )

    def lines(self) -> Iterator[Line]:
        for rule in RULES:
            yield Line(rule, self[name_of(rule, "use")], self[name_of(rule, "pay")])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        together = methods.load(self.instance.method).is_together
        most, why = (0, THERE) if together else (MOST, f"At most {MOST} in a session.")
        for name in COUNTS.values():
            if cleaned.get(name, 0) > most:
                self.add_error(name, why)
        if cleaned.get("gold_system") == cleaned.get("gold_reference"):
            self.add_error("gold_reference", "Choose another one than the good one.")
        if problem := designs.problem_of_repeats(
            self.instance.trials_per_session, cleaned.get("repeat_trials", 0)
        ):
            self.add_error("repeat_trials", problem)
        if not self.errors:
            self.check_rules(cleaned)
        return cleaned

    def check_rules(self, cleaned: dict[str, Any]) -> None:
        """Say at its field which rule makes no sense, or can never be broken."""
        limits = limits_of(cleaned)
        for rule in RULES:
            if rule.key not in limits:
                continue
            name = name_of(rule, next(iter(limits[rule.key])))
            try:
                declared({rule.key: limits[rule.key]})
            except ValueError as error:
                self.add_error(name, f"{str(error)[0].upper()}{str(error)[1:]}.")
            if problem := self.nothing_to_go_by(rule, cleaned):
                self.add_error(name, problem)

    def nothing_to_go_by(self, rule: Rule, cleaned: dict[str, Any]) -> str:
        if rule.key == "heard" and not self.instance.min_listening_s:
            return "This study demands no listening, so nobody can be beyond it."
        if rule.key == "headphones" and cleaned["headphone_check"] == "none":
            return "This study has no headphone check, so nobody can fail it."
        together = methods.load(self.instance.method).is_together
        if rule.key == "reference" and not together:
            return "This method has no hidden reference, so nobody can miss it."
        if rule.needs is None:
            return ""
        kind, least = rule.needs
        if cleaned[COUNTS[kind]] >= least:
            return ""
        return f"This rule needs at least {least} {kind} trials in a session."

    def save(self, commit: bool = True) -> Study:
        study: Study = self.instance
        study.exclusion_rules = limits_of(self.cleaned_data)
        study.save(update_fields=[*self.columns, "exclusion_rules"])
        return study


def name_of(rule: Rule, tier: str) -> str:
    return f"{rule.key}_{tier}"


def limits_of(cleaned: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return the limits by rule and tier, those that were left empty not among them."""
    limits = {
        rule.key: {
            tier: limit
            for tier in TIERS
            if (limit := cleaned.get(name_of(rule, tier))) is not None
        }
        for rule in RULES
    }
    return {key: of for key, of in limits.items() if of}
