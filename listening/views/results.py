"""What a study found: the page, its figures, and everything as files. Owner only."""

import json

from django.http import Http404, HttpResponse
from django.shortcuts import render

from listening import figures, policies, reports
from listening.analysis import Analysis, analyse
from listening.export import zipped
from listening.export.columns import TRIALS
from listening.export.folder import Export
from listening.http import ExperimenterRequest
from listening.models import Study
from listening.tables import trials_of

TYPES = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}


@policies.owner
def show(request: ExperimenterRequest, study: Study) -> HttpResponse:
    analysis = analyse(trials_of(study))
    context = reports.context_of(analysis) | {
        "study": study,
        "figures": reports.names(analysis),
        "formats": list(TYPES),
    }
    return render(request, "listening/results.html", context)


@policies.owner
def figure(
    request: ExperimenterRequest, study: Study, fmt: str, name: str = ""
) -> HttpResponse:
    """The figure called `name`; the headline of the study without a name."""
    analysis = analyse(trials_of(study))
    names = reports.names(analysis)
    if fmt not in TYPES or not names or name not in ("", *names):
        raise Http404("There is no such figure of this study.")
    content = figures.FIGURES[name or names[0]](analysis, fmt)
    return HttpResponse(content, content_type=TYPES[fmt])


@policies.owner
def as_json(request: ExperimenterRequest, study: Study) -> HttpResponse:
    analysis: Analysis = analyse(trials_of(study))
    text = json.dumps(analysis.as_json(), indent=2, allow_nan=False)
    return download(text, "application/json", f"{study.slug}-analysis.json")


@policies.owner
def as_csv(request: ExperimenterRequest, study: Study) -> HttpResponse:
    text = Export(study).csv(TRIALS)
    return download(text, "text/csv; charset=utf-8", f"{study.slug}-trials.csv")


@policies.owner
def export(request: ExperimenterRequest, study: Study) -> HttpResponse:
    return download(zipped(study), "application/zip", f"{study.slug}.zip")


def download(content: str | bytes, content_type: str, name: str) -> HttpResponse:
    """Return `content` as a file to keep; slugs need no quoting."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
