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
from listening.together import problem_of_systems
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
        help_text="A multiple of twice the number of comparisons, or of the number of "
        "systems that are scored by themselves. Of MUSHRA any number: each has all.",
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
        self.fields["method"].help_text = impossible_with(stimulus_set.systems)
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
        if cleaned.get("trials_per_session") is not None and "comparisons" in cleaned:
            for problem in _balance_problems(cleaned):
                self.add_error("trials_per_session", problem)
        if cleaned.get("method") and "comparisons" in cleaned:
            method = methods.load(cleaned["method"])
            asked = [system for system, _ in _asked(cleaned)]
            there = self.stimulus_set.systems
            if problem := problem_of_systems(method, asked, there=there):
                self.add_error("method", problem)
        return cleaned

    @transaction.atomic
    def save(self, commit: bool = True) -> Study:
        """Save the study and its comparisons."""
        study: Study = self.instance
        study.stimulus_set = self.stimulus_set
        words = _own_words(study)
        for name, text in words.items():
            setattr(study, name, text)
        if study.pk is None:
            study.slug = _free_slug(study.title)
            study.save()
        else:
            study.save(update_fields=[*self.columns, *words, "stimulus_set"])
        _compare(study, _asked(self.cleaned_data))
        return study


def impossible_with(systems: list[str]) -> str:
    """Say which methods a stimulus set of `systems` is not enough for."""
    there = [methods.load(slug) for slug in methods.METHODS]
    found = [(m, problem_of_systems(m, (), there=systems)) for m in there]
    return " ".join(f"{m.label.split(':')[0]}: {why}" for m, why in found if why)


def _is_alone(method: str | None) -> bool:
    """Return whether a method asks about systems, and not about pairs of them."""
    return bool(method) and not methods.load(str(method)).has_pairs


def _asked(cleaned: dict[str, Any]) -> set[tuple[str, str]]:
    """Return what trials are about: the pairs, or every system of them by itself."""
    pairs = [pair.split(":") for pair in cleaned["comparisons"]]
    if _is_alone(cleaned.get("method")):
        beside = methods.load(cleaned["method"]).beside
        named = {system for pair in pairs for system in pair}
        return {(system, "") for system in named.difference(beside)}
    return {(system, reference) for system, reference in pairs}


def _own_words(study: Study) -> dict[str, str]:
    """Return the method's own words where those of another were left as they were."""
    there = [methods.load(slug) for slug in methods.METHODS]
    own = methods.load(study.method)
    return {
        name: getattr(own, name)
        for name in ("question", "introduction")
        if getattr(study, name) in {getattr(method, name) for method in there}
    }


def _pair(system: str, reference: str, chosen: set[str]) -> Pair:
    value = f"{system}:{reference}"
    return Pair(value, f"{system} against {reference}", value in chosen)


def _balance_problems(cleaned: dict[str, Any]) -> list[str]:
    """Return why a session cannot be balanced; a draft may still lack comparisons."""
    trials, asked = cleaned["trials_per_session"], len(_asked(cleaned))
    if not asked:
        return []
    if cleaned.get("method") and methods.load(cleaned["method"]).is_together:
        asked = 1
    return designs.problems(
        comparisons=asked,
        sentences=trials,
        trials=trials,
        alone=_is_alone(cleaned.get("method")),
    )


def _initial_comparisons(study: Study, stimulus_set: StimulusSet) -> list[str]:
    """Return the study's pairs; for a new study every system with the unprocessed.

    Systems that are heard by themselves are shown as pairs with one of them.
    """
    if study.pk is None or study.stimulus_set != stimulus_set:
        return _with_one(stimulus_set.systems)
    comparisons = list(study.comparisons.all())
    alone = [c.system for c in comparisons if not c.reference]
    return _with_one(alone) or [f"{c.system}:{c.reference}" for c in comparisons]


def _with_one(systems: list[str]) -> list[str]:
    """Return pairs that name all of `systems`: with the unprocessed if it is there."""
    one = "unprocessed" if "unprocessed" in systems else next(iter(systems), "")
    return [f"{system}:{one}" for system in systems if system != one]


def _free_slug(title: str) -> str:
    """Return a short name for addresses that no study has yet."""
    stem = slugify(title)[:40].strip("-") or "study"
    slug, number = stem, 1
    while slug in TAKEN_SLUGS or Study.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{stem}-{number}"
    return slug


def _compare(study: Study, wanted: set[tuple[str, str]]) -> None:
    """Make the study's comparisons those of `wanted`."""
    present = {(c.system, c.reference): c for c in study.comparisons.all()}
    for pair in set(present) - wanted:
        present[pair].delete()
    Comparison.objects.bulk_create(
        Comparison(study=study, system=system, reference=reference)
        for system, reference in sorted(wanted - set(present))
    )
