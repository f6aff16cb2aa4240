"""The results of a study as files: made when asked for, or kept as a ZIP in a row.

Answers are never changed once they are stored, so what is made of them can be kept
until there are others: the key of a row is a hash of the answers, and of who is left
out by hand. Where raters may be left out there are pages and figures of both: of all
raters, and without those.
"""

from __future__ import annotations

import hashlib
import io
import json
import traceback
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Protocol

from listening.analysis import Analysis, analyse_study, versions
from listening.analysis.procedure import Procedure
from listening.export.equivalence import equivalence_csv
from listening.leaving_out import by_rater
from listening.models import AnalysisResult, Study, Trial
from listening.reporting import figures, reports
from listening.reporting.drawing import FORMATS
from listening.reporting.methods_paragraph import methods_paragraph

EDITION = "5"  # of the files below: another one makes kept ones worthless
PAGE = "page.json"
WITHOUT = "without/"  # figures without the raters who are left out
# What of a trial the results depend on; what a browser told can be held against a rater
ANSWER = (
    *("value", "listened_a_s", "listened_b_s", "listened_x_s"),
    "response_time_s",
)


class Results(Protocol):
    """What the results page needs."""

    @property
    def page(self) -> dict[str, Any]: ...

    def file(self, name: str) -> bytes:
        """Return a file, figures in `WITHOUT` among them; KeyError if it is not."""


@dataclass(frozen=True)
class Fresh:
    """Results that were just computed; each file is made when it is asked for."""

    analysis: Analysis
    title: str

    @cached_property
    def page(self) -> dict[str, Any]:
        return reports.context_of(self.analysis)

    @property
    def names(self) -> list[str]:
        drawn = [
            f"{folder}{name}.{fmt}"
            for folder, analysis in self.drawn.items()
            for name in reports.names(analysis)
            for fmt in FORMATS
        ]
        return [*MADE, *drawn]

    @property
    def drawn(self) -> dict[str, Analysis]:
        """What figures are made of, by folder."""
        exclusions = self.analysis.exclusions
        without = {WITHOUT: exclusions.without} if exclusions else {}
        return {"": self.analysis, **without}

    def file(self, name: str) -> bytes:
        """Raises KeyError if there is no such file."""
        if name not in self.names:
            raise KeyError(name)
        if name in MADE:
            return MADE[name](self).encode()
        folder, _, figure = name.rpartition("/")
        figure, fmt = figure.split(".")
        analysis = self.drawn[f"{folder}/" if folder else ""]
        return figures.FIGURES[figure](analysis, fmt)


def as_json(results: Fresh) -> str:
    return json.dumps(results.analysis.as_json(), indent=2, allow_nan=False) + "\n"


# File -> how it is made; the figures come on top
MADE: dict[str, Callable[[Fresh], str]] = {
    "analysis.json": as_json,
    "report.html": lambda one: reports.report_of(one.analysis, title=one.title),
    "methods.txt": lambda one: methods_paragraph(one.analysis) + "\n",
    "equivalence.csv": lambda one: equivalence_csv(one.analysis),
}


@dataclass(frozen=True)
class Kept:
    """Results that the worker computed."""

    content: bytes

    @property
    def page(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.file(PAGE))
        return found

    def file(self, name: str) -> bytes:
        """Raises KeyError if there is no such file."""
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            return archive.read(name)


def fresh(study: Study) -> Fresh:
    """Analyse the study now; its models have the term for the position."""
    return Fresh(analyse_study(study), study.title)


def key_of(study: Study) -> str:
    """Return the hash of the answers, and of the software that they are put into."""
    declared = [
        study.equivalence_margin,
        study.rating_margin,
        study.rater_slopes,
        study.exclusion_rules,
        asdict(Procedure.of(study)),
        sorted(by_rater(study).items()),
        list(study.frozen_designs.values_list("sha256", flat=True)),
    ]
    software = json.dumps([EDITION, study.title, declared, versions()], default=str)
    found = hashlib.sha256(software.encode())
    trials = Trial.objects.filter(session__study=study).for_checks().answered()
    fields = [f"response__{name}" for name in ANSWER]
    for row in trials.order_by("pk").values_list("pk", *fields).iterator():
        found.update(repr(row).encode())
    return found.hexdigest()


def compute(pk: int) -> bool:
    """Make the results of a row that waits; False if there is none to make."""
    if not AnalysisResult.objects.claim(pk):
        return False
    row = AnalysisResult.objects.select_related("study").get(pk=pk)
    try:
        content = packed(pk, row.study)
    except Exception:
        AnalysisResult.objects.fail(pk, traceback.format_exc())
        return False
    AnalysisResult.objects.finish(pk, content)
    AnalysisResult.objects.filter(study=row.study, pk__lt=pk).delete()
    return True


def packed(pk: int, study: Study) -> bytes:
    """Return page and files as a ZIP; the row says how far it is."""
    results = fresh(study)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(PAGE, json.dumps(results.page))
        for step, (name, content) in enumerate(files_of(results), start=1):
            AnalysisResult.objects.report(pk, step=step, steps=len(results.names))
            archive.writestr(name, content)
    return file.getvalue()


def files_of(results: Fresh) -> Iterator[tuple[str, bytes]]:
    for name in results.names:
        yield name, results.file(name)
