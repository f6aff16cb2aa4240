"""What an experimenter may type about a study, and what must hold of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.utils.text import slugify

from listening import designs, launching
from listening.methods import method_choices
from listening.models import Comparison, Study
from stimuli.models import StimulusSet

# Written by a human being in words: all that may change once a study was opened.
OPEN_FIELDS = ("title", "introduction", "consent_text", "rater_quota")
# What a rater reads before consenting.
CONSENT_FIELDS = frozenset({"introduction", "consent_text"})
TAKEN_SLUGS = frozenset({"new"})  # addresses of ours below /studies/

# field -> least and greatest value
LIMITS = {
    "trials_per_session": (2, 200),
    "training_trials": (0, 10),
    "rater_quota": (1, 100_000),
    "min_listening_s": (0, 30),
}


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


class StudyForm(forms.ModelForm):
    comparisons = ComparisonsField(
        help_text="Raters are asked whether they prefer the row to the column."
    )

    class Meta:
        model = Study
        fields = [
            "title",
            "method",
            "question",
            "comparisons",
            "trials_per_session",
            "training_trials",
            "min_listening_s",
            "rater_quota",
            "seed",
            "introduction",
            "consent_text",
        ]
        labels = {
            "method": "Method",
            "trials_per_session": "Trials per session",
            "training_trials": "Training trials",
            "min_listening_s": "Least listening (seconds)",
            "rater_quota": "Raters wanted",
            "consent_text": "Consent",
        }
        help_texts = {
            "training_trials": "Asked first and never counted.",
            "rater_quota": "The study is full after so many complete sessions.",
            "min_listening_s": "Each member must be heard so long before an answer.",
            "seed": "Every rater's trials are drawn from it.",
            "introduction": "The first thing that a rater reads.",
            "consent_text": "What a rater agrees to.",
        }
        widgets = {
            "introduction": forms.Textarea(attrs={"rows": 4}),
            "consent_text": forms.Textarea(attrs={"rows": 6}),
        }

    def __init__(
        self, *args: Any, stimulus_set: StimulusSet, instance: Study, **kwargs: Any
    ) -> None:
        initial = {"comparisons": _initial_comparisons(instance, stimulus_set)}
        if instance.pk is None:
            count = len(initial["comparisons"])
            initial["trials_per_session"] = launching.suggest_trials(count)
        kwargs["initial"] = initial | kwargs.get("initial", {})
        super().__init__(*args, instance=instance, **kwargs)
        self.stimulus_set = stimulus_set
        self.frozen = launching.is_frozen(instance) if instance.pk else False
        self.fields["method"] = forms.ChoiceField(choices=method_choices())
        self.pairs.offer(stimulus_set.systems)
        for name, (least, greatest) in LIMITS.items():
            _limit(self.fields[name], least, greatest)
        if self.frozen:
            for name in set(self.fields) - set(OPEN_FIELDS):
                del self.fields[name]

    @property
    def pairs(self) -> ComparisonsField:
        field = self.fields["comparisons"]
        assert isinstance(field, ComparisonsField)
        return field

    def grid(self) -> Iterator[tuple[str, list[Pair | None]]]:
        """Yield each system with its row of pairs; None where it meets itself."""
        chosen = set(self["comparisons"].value() or [])
        for system in self.stimulus_set.systems:
            row = [
                Pair(value, f"{system} against {reference}", value in chosen)
                if (value := f"{system}:{reference}") and system != reference
                else None
                for reference in self.stimulus_set.systems
            ]
            yield system, row

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        trials = cleaned.get("trials_per_session")
        if trials is not None and "comparisons" in cleaned:
            for problem in _balance_problems(trials, len(cleaned["comparisons"])):
                self.add_error("trials_per_session", problem)
        return cleaned

    @transaction.atomic
    def save(self, commit: bool = True) -> Study:
        """Save the study and its comparisons; new words of consent are a new version.

        Who took part before agreed to the version that the session names.
        """
        study: Study = super().save(commit=False)
        if study.pk is None:
            study.slug = _free_slug(study.title)
        elif CONSENT_FIELDS & set(self.changed_data) and launching.has_raters(study):
            study.consent_version += 1
        if self.frozen:
            study.save()
            return study
        study.stimulus_set = self.stimulus_set
        study.save()
        launching.discard_previews(study)  # they show what the study was before
        _compare(study, self.cleaned_data["comparisons"])
        return study


def _balance_problems(trials: int, comparisons: int) -> list[str]:
    """Return why A and B cannot be balanced; a draft may still lack comparisons."""
    if not comparisons:
        return []
    return designs.problems(comparisons=comparisons, sentences=trials, trials=trials)


def _limit(field: forms.Field, least: float, greatest: float) -> None:
    """Bound a number, for the browser and for ourselves."""
    assert isinstance(field, (forms.IntegerField, forms.FloatField))
    bounded = type(field)(
        min_value=least,
        max_value=greatest,
        label=field.label,
        help_text=field.help_text,
        initial=field.initial,
    )
    field.validators = bounded.validators
    field.widget = bounded.widget


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
