"""What an experimenter may type about a study, and what must hold of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.utils.text import slugify

from listening import designs, launching, methods
from listening.design_form import DesignForm
from listening.models import Comparison, Study
from stimuli.models import StimulusSet

TAKEN_SLUGS = frozenset({"new"})  # addresses of ours below /studies/


@dataclass(frozen=True)
class Pair:
    """One box of the grid of comparisons."""

    value: str
    label: str
    chosen: bool


class ComparisonsField(forms.MultipleChoiceField):
    """Ordered pairs of systems, written `system:reference`."""

    default_error_messages = {
        "invalid_choice": "%(value)s is not a pair of systems of the stimulus set."
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def offer(self, systems: list[str]) -> None:
        self.choices = [
            (f"{system}:{reference}", f"{system} against {reference}")
            for system in systems
            for reference in systems
            if system != reference
        ]


class StudyForm(DesignForm):
    """Stimuli, method, comparisons and numbers."""

    method = forms.ChoiceField(choices=methods.method_choices)
    comparisons = ComparisonsField()
    trials_per_session = forms.IntegerField(
        min_value=2,
        max_value=200,
        label="Trials per session",
        help_text="A multiple of twice the number of comparisons.",
    )
    training_trials = forms.IntegerField(
        min_value=0, max_value=10, help_text="Asked first and never counted."
    )
    min_listening_s = forms.FloatField(
        min_value=0,
        max_value=30,
        label="Least listening (seconds)",
        help_text="Each member must be heard so long before an answer.",
    )

    class Meta:
        model = Study
        fields = [
            "title",
            "method",
            "trials_per_session",
            "training_trials",
            "min_listening_s",
            "seed",
        ]
        help_texts = {
            "seed": "Of the schedules shown beforehand and of simulated raters. "
            "Every session keeps a seed of its own.",
        }

    def __init__(
        self, data: Any = None, *, stimulus_set: StimulusSet, instance: Study
    ) -> None:
        chosen = _initial_comparisons(instance, stimulus_set)
        initial: dict[str, Any] = {"comparisons": chosen}
        if instance.pk is None:
            initial["trials_per_session"] = launching.suggest_trials(len(chosen))
        super().__init__(data, instance=instance, initial=initial)
        self.stimulus_set = stimulus_set
        self.pairs.offer(stimulus_set.systems)
        self.close_what_stands()

    def has_changed(self) -> bool:
        """Another stimulus set is a change: it is chosen beside the form."""
        return super().has_changed() or self.instance.stimulus_set != self.stimulus_set

    @property
    def pairs(self) -> ComparisonsField:
        field = self.fields["comparisons"]
        assert isinstance(field, ComparisonsField)
        return field

    def grid(self) -> Iterator[tuple[str, list[Pair | None]]]:
        """Yield each system with its row of pairs; None where it meets itself."""
        chosen = set(self["comparisons"].value() or [])
        for system in self.stimulus_set.systems:
            yield (
                system,
                [
                    _pair(system, reference, chosen) if system != reference else None
                    for reference in self.stimulus_set.systems
                ],
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        trials = cleaned.get("trials_per_session")
        if trials is not None and "comparisons" in cleaned:
            for problem in _balance_problems(trials, len(cleaned["comparisons"])):
                self.add_error("trials_per_session", problem)
        return cleaned

    @transaction.atomic
    def save(self, commit: bool = True) -> Study:
        """Save the study and its comparisons."""
        study: Study = self.instance
        study.stimulus_set = self.stimulus_set
        if study.pk is None:
            study.slug = _free_slug(study.title)
            study.save()
        else:
            study.save(update_fields=[*self.columns, "stimulus_set"])
        _compare(study, self.cleaned_data["comparisons"])
        return study


def _pair(system: str, reference: str, chosen: set[str]) -> Pair:
    value = f"{system}:{reference}"
    return Pair(value, f"{system} against {reference}", value in chosen)


def _balance_problems(trials: int, comparisons: int) -> list[str]:
    """Return why A and B cannot be balanced; a draft may still lack comparisons."""
    if not comparisons:
        return []
    return designs.problems(comparisons=comparisons, sentences=trials, trials=trials)


def _initial_comparisons(study: Study, stimulus_set: StimulusSet) -> list[str]:
    """Return the study's pairs; for a new study every system with the unprocessed."""
    if study.pk is not None and study.stimulus_set == stimulus_set:
        return [f"{c.system}:{c.reference}" for c in study.comparisons.all()]
    return [f"{s}:unprocessed" for s in stimulus_set.systems if s != "unprocessed"]


def _free_slug(title: str) -> str:
    """Return a short name for addresses that no study has yet."""
    stem = slugify(title)[:40].strip("-") or "study"
    slug, number = stem, 1
    while slug in TAKEN_SLUGS or Study.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{stem}-{number}"
    return slug


def _compare(study: Study, pairs: list[str]) -> None:
    """Make the study's comparisons those of `pairs`."""
    wanted = {tuple(pair.split(":")) for pair in pairs}
    present = {(c.system, c.reference): c for c in study.comparisons.all()}
    for pair in set(present) - wanted:
        present[pair].delete()
    Comparison.objects.bulk_create(
        Comparison(study=study, system=system, reference=reference)
        for system, reference in sorted(wanted - set(present))
    )
