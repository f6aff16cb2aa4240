"""What a restored study must be, beyond what the database holds against it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db.models import Q

from listening import outcomes
from listening.analysis.screening import declared
from listening.archive.manifest import BadArchive
from listening.design_document import sha256_of
from listening.methods import METHODS
from listening.methods.method import BASIC
from listening.models import Response, Study, TrialSound
from listening.panels import PANELS


def require_sense(study: Study) -> None:
    """Raise BadArchive if `study` has what this Earshot cannot work with."""
    for problem in PROBLEMS:
        if found := problem(study):
            raise BadArchive(found)


def _of_words(study: Study) -> str:
    """Return what names something that is not here."""
    languages = {code for code, _ in settings.LANGUAGES}
    for what, name, known in (
        ("method", study.method, set(METHODS)),
        ("panel", study.panel, {"", *PANELS}),
        ("language", study.language, {"", *languages}),
    ):
        if name not in known:
            return f"The study has the {what} {name!r}, which this Earshot has not."
    return ""


def _of_rules(study: Study) -> str:
    try:
        declared(study.exclusion_rules)
    except ValueError as error:
        return f"The exclusion rules cannot be applied: {error}."
    return ""


def _of_addresses(study: Study) -> str:
    """Return what raters must not be sent to."""
    for path in study.completion_paths.exclude(url=""):
        if problem := outcomes.problem_of_url(path.url):
            return f"The address {path.url[:60]!r} that raters go to: {problem}"
    return ""


def _of_stimuli(study: Study) -> str:
    stimulus_set = study.stimulus_set
    systems, snrs_db = stimulus_set.systems, stimulus_set.snrs_db
    lists = isinstance(systems, list) and isinstance(snrs_db, list)
    if not lists or not all(isinstance(one, str) for one in systems):
        return "The stimulus set has no list of systems and of SNRs."
    if not all(type(one) in (int, float) for one in snrs_db):
        return "The stimulus set has an SNR that is no number."
    if not stimulus_set.is_ready:
        return "The stimulus set of the archive is not generated."
    return ""


def _of_designs(study: Study) -> str:
    """Return which frozen design is not what was hashed."""
    for one in study.frozen_designs.all():
        if sha256_of(one.json) != one.sha256:
            return f"Version {one.version} of the design does not have its hash."
    return ""


def _of_answers(study: Study) -> str:
    """Return which answers lack what the question asked for.

    No constraint of the database can say that, since it is about several tables.
    """
    answers = Response.objects.filter(trial__session__study=study)
    together = Q(trial__scale=BASIC)
    unscored = TrialSound.objects.filter(trial__response__in=answers, score=None)
    silent = answers.filter(together, trial__sounds=None)
    for wrong in (answers.filter(together ^ Q(value=None)), unscored, silent):
        if wrong.exists():
            return "An answer of the archive lacks its value, or the score of a sound."
    return ""


PROBLEMS: tuple[Callable[[Study], str], ...] = (
    _of_words,
    _of_rules,
    _of_addresses,
    _of_stimuli,
    _of_designs,
    _of_answers,
)
