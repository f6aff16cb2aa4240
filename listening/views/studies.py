"""The experimenter's pages: studies, one study, its schedules and its frozen design."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from listening import freezing, launching, policies
from listening.board import board, overview
from listening.http import ExperimenterRequest, HtmxRequest
from listening.methods import load
from listening.models import Study
from listening.rehearsal import rehearse
from listening.trying import dry_run_of, pilot_of
from listening.views.results import download

State = Study.State


@require_safe
@policies.anonymous("tells a stranger what this is; knows nothing of any study")
def home(request: HtmxRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("studies")
    return render(request, "listening/home.html")


@require_safe
@policies.experimenter
def index(request: ExperimenterRequest) -> HttpResponse:
    context = {"studies": overview(request.user)}
    return render(request, "listening/studies/index.html", context)


@require_safe
@policies.owner
def show(request: ExperimenterRequest, study: Study) -> HttpResponse:
    context = {"study": study, "board": board(study, at=now())}
    if request.htmx:
        return render(request, "listening/studies/show.html#progress", context)
    standings = launching.checklist(study)
    context |= {
        "method": load(study.method),
        "standings": standings,
        "problems": [one for standing in standings for one in standing.problems],
        "may": {state.name: launching.can_move(study, state) for state in State},
        "pilot": pilot_of(study),
        "design": study.frozen_designs.newest(),
        "late": freezing.declared_late(study),
        "rater_link": request.build_absolute_uri(reverse("join", args=[study.code])),
    }
    return render(request, "listening/studies/show.html", context)


@require_safe
@policies.owner
def schedules(request: ExperimenterRequest, study: Study) -> HttpResponse:
    context = {
        "study": study,
        "rehearsal": rehearse(study),
        "dry_run": dry_run_of(study),
        "raters": launching.DRY_RATERS,
    }
    return render(request, "listening/studies/schedules.html", context)


@require_safe
@policies.owner
def design(request: ExperimenterRequest, study: Study) -> HttpResponse:
    """Every version of the frozen design, and what each amendment changed."""
    context = {"study": study, "versions": freezing.history(study)[::-1]}
    return render(request, "listening/studies/design.html", context)


@require_safe
@policies.owner
def design_file(
    request: ExperimenterRequest, study: Study, version: int
) -> HttpResponse:
    """The very bytes whose hash is shown."""
    row = get_object_or_404(study.frozen_designs, version=version)
    return download(row.json, "application/json", f"{study.slug}-{row.file_name}")
