"""The design of a study as JSON: what would be needed to run it again."""

from __future__ import annotations

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from listening import freezing, methods
from listening.design_document import facts, software, stimulus_set_of
from listening.designs import SCHEDULE_VERSION
from listening.methods import Choice
from listening.methods.method import REACH
from listening.models import Study

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
                    "from": REACH[scale.slug][0],
                    "to": REACH[scale.slug][1],
                    "answers": answers_of(scale.choices),
                }
                for scale in method.scales
            ],
        },
        "beside": list(method.beside),
        "comparisons": list(study.comparisons.values("system", "reference")),
        "consent_texts": list(
            study.consent_texts.values("version", "language", "introduction", "text")
        ),
        "frozen": frozen_of(study),
        "schedule_version": SCHEDULE_VERSION,
        "stimulus_set": stimulus_set_of(study.stimulus_set),
        "software": software(),
    }
    return json.dumps(design, indent=2, cls=DjangoJSONEncoder) + "\n"


def frozen_of(study: Study) -> list[dict[str, Any]]:
    """Return every version of the frozen design: its hash, its file, what it changed"""
    return [
        {
            "version": one.row.version,
            "frozen_at": one.row.created_at,
            "sha256": one.row.sha256,
            "file": one.row.file_name,
            "reason": one.row.reason,
            "answers_before": one.row.answers,
            "changes": [
                {"part": c.part.name, "before": c.before, "after": c.after}
                for c in one.changes
            ],
        }
        for one in freezing.history(study)
    ]


def answers_of(choices: tuple[Choice, ...]) -> list[dict[str, Any]]:
    return [{"value": choice.value, "label": choice.label} for choice in choices]
