"""The design of a study as a document: everything that is declared before it opens.

A design is a dictionary by the names of `PARTS`. Its document adds what would be needed
to run it again, and is written in one way only, so that equal designs have equal
hashes.
"""

from __future__ import annotations

import hashlib
import json
import platform
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

from listening.designs import SCHEDULE_VERSION
from listening.models import Study
from stimuli.models import Stimulus, StimulusSet

FORMAT = 1  # of the document
PACKAGES = ("django", "numpy", "scipy", "statsmodels", "pandas", "matplotlib")

Design = dict[str, Any]


def _never(before: Any, after: Any) -> bool:
    return False


def _always(before: Any, after: Any) -> bool:
    return True


def _loses(before: Any, after: Any) -> bool:
    return any(one not in after for one in before)


@dataclass(frozen=True)
class Part:
    """One thing that is declared, and what becomes of answers if it changes."""

    name: str
    label: str
    breaks: Callable[[Any, Any], bool] = _never  # before and after, answers given
    why: str = ""  # a change that breaks answers is refused, in words

    @property
    def stands(self) -> bool:
        """Whether any change breaks answers."""
        return self.breaks is _always


PARTS = (
    Part("title", "Title"),
    Part(
        "stimulus_set",
        "Stimulus set",
        _always,
        "The stimulus set stands: people have heard its sounds.",
    ),
    Part("method", "Method", _always, "The method stands: people have answered by it."),
    Part(
        "comparisons",
        "Comparisons",
        _loses,
        "A comparison that people have heard stands: others can be added.",
    ),
    Part("trials_per_session", "Trials per session"),
    Part("training_trials", "Training trials"),
    Part("min_listening_s", "Least listening (seconds)"),
    Part("seed", "Seed"),
    Part("gold_trials", "Gold trials"),
    Part("placebo_trials", "Placebos"),
    Part("repeat_trials", "Repeats"),
    Part(
        "gold_system",
        "Good member of gold trials",
        _always,
        "The members of gold trials stand: people have heard them.",
    ),
    Part(
        "gold_reference",
        "Bad member of gold trials",
        _always,
        "The members of gold trials stand: people have heard them.",
    ),
    Part("headphone_check", "Headphone check"),
    Part("headphone_policy", "Who does not pass the headphone check"),
    Part("headphone_mark", "Pass mark of the headphone check"),
    Part("exclusion_rules", "Exclusion rules"),
    Part("hypotheses", "Hypotheses"),
    Part("equivalence_margin", "Equivalence margin"),
    Part("rating_margin", "Rating margin"),
    Part("rater_slopes", "Raters differ in the effect of SNR"),
    Part("rater_quota", "Raters wanted"),
    Part("cell_quota", "Answers wanted in each cell"),
    Part("ends_on", "Last day"),
    Part("language", "Language"),
    Part("question", "Question"),
    Part("introduction", "Introduction"),
    Part("consent_text", "Consent"),
)


@dataclass(frozen=True)
class Change:
    """A part that became another, in words."""

    part: Part
    before: str
    after: str
    breaks: bool  # answers that were given before it


def design_of(study: Study) -> Design:
    """Return what `study` declares, as JSON would give it back."""
    columns = {f.name: f.value_from_object(study) for f in study._meta.concrete_fields}
    special = {
        "stimulus_set": study.stimulus_set.slug,
        "comparisons": sorted(study.comparisons.values_list("system", "reference")),
    }
    design = {part.name: (columns | special)[part.name] for part in PARTS}
    found: Design = json.loads(canonical(design))
    return found


def document_of(study: Study) -> dict[str, Any]:
    """Return the design of `study` with its stimuli and the versions that run it."""
    return {
        "format": FORMAT,
        "design": design_of(study),
        "consent_version": study.consent_version,
        "schedule_version": SCHEDULE_VERSION,
        "stimulus_set": stimulus_set_of(study.stimulus_set)
        | {"manifest_sha256": manifest_of(study.stimulus_set)},
        "software": software(),
    }


def canonical(document: object) -> str:
    """Return `document` as JSON in one way only: keys sorted, no spaces, UTF-8."""
    return json.dumps(
        document,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
        cls=DjangoJSONEncoder,
    )


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def manifest_of(stimulus_set: StimulusSet) -> str:
    """Return the SHA-256 of the list of all sounds of the set.

    A line a sound, `mixture,system,sha256` as in stimuli.csv of an export, ordered by
    mixture and system, each with a line feed at its end.
    """
    sounds = Stimulus.objects.of_set(stimulus_set).rendered()
    rows = sounds.order_by("mixture__index", "system").values_list(
        "mixture__index", "system", "sha256"
    )
    return sha256_of("".join(f"{n},{system},{sha}\n" for n, system, sha in rows))


def differences(before: Design, after: Design) -> list[Change]:
    """Return what differs between two designs; a part that one lacks is empty there."""
    pairs = [(part, before.get(part.name), after.get(part.name)) for part in PARTS]
    return [
        Change(part, words(old), words(new), part.breaks(old, new))
        for part, old, new in pairs
        if old != new
    ]


def words(value: Any) -> str:
    """Return a value of a design as a person would read it."""
    if value is None or value in ("", [], {}):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(f"{system} against {other}" for system, other in value)
    if isinstance(value, dict):
        return "; ".join(
            f"{rule}: " + ", ".join(f"{tier} {limit:g}" for tier, limit in of.items())
            for rule, of in value.items()
        )
    return str(value)


def stimulus_set_of(stimulus_set: StimulusSet) -> dict[str, Any]:
    return facts(stimulus_set, without={"id", "corpus", "noises"}) | {
        "noises": sorted(stimulus_set.noises.values_list("name", flat=True)),
        "corpus": facts(stimulus_set.corpus, without={"id"}),
    }


def facts(row: Any, *, without: set[str]) -> dict[str, Any]:
    """Return the columns of a row, those that no form edits among them."""
    columns = {field.attname: field for field in row._meta.concrete_fields}
    return {
        name: field.value_from_object(row)
        for name, field in columns.items()
        if field.name not in without
    }


def software() -> dict[str, str]:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
    return {
        "earshot": project["project"]["version"],
        "python": platform.python_version(),
    } | {package: version(package) for package in PACKAGES}
