"""The design of a study as JSON: what would be needed to run it again."""

from __future__ import annotations

import json
import platform
import tomllib
from importlib.metadata import version
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

from listening import methods
from listening.designs import SCHEDULE_VERSION
from listening.methods import Choice
from listening.models import Study

PACKAGES = ("django", "numpy", "scipy", "statsmodels", "pandas", "matplotlib")
SECRET = {"id", "owner", "code", "stimulus_set"}


def design_of(study: Study) -> str:
    """Return study, method, comparisons, stimulus set and versions as JSON text."""
    method = methods.load(study.method)
    design = {
        "study": facts(study, without=SECRET),
        "method": {
            "slug": method.slug,
            "label": method.label,
            "answers": answers_of(method.choices),
            "scales": [
                {
                    "scale": scale.slug,
                    "question": scale.question or study.question,
                    "answers": answers_of(scale.choices),
                }
                for scale in method.scales
            ],
        },
        "comparisons": list(study.comparisons.values("system", "reference")),
        "consent_texts": list(
            study.consent_texts.values("version", "language", "introduction", "text")
        ),
        "schedule_version": SCHEDULE_VERSION,
        "stimulus_set": stimulus_set_of(study),
        "software": software(),
    }
    return json.dumps(design, indent=2, cls=DjangoJSONEncoder) + "\n"


def answers_of(choices: tuple[Choice, ...]) -> list[dict[str, Any]]:
    return [{"value": choice.value, "label": choice.label} for choice in choices]


def stimulus_set_of(study: Study) -> dict[str, Any]:
    stimulus_set = study.stimulus_set
    corpus = stimulus_set.corpus
    return facts(stimulus_set, without={"id", "corpus", "noises"}) | {
        "noises": list(stimulus_set.noises.values_list("name", flat=True)),
        "corpus": facts(corpus, without={"id"}),
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
