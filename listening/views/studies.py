"""The experimenter's pages: studies, one study, and what may be done with it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from listening import launching, policies
from listening.board import board, overview
from listening.forms import StudyForm
from listening.http import ExperimenterRequest, HtmxRequest
from listening.launching import LaunchRefused
from listening.methods import load
from listening.models import Study
from listening.rehearsal import rehearse
from stimuli.models import StimulusSet

FORM = ["GET", "HEAD", "POST"]


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


@require_http_methods(FORM)
@policies.experimenter
def new(request: ExperimenterRequest) -> HttpResponse:
    return _form(request, Study(owner=request.user))


@require_http_methods(FORM)
@policies.owner
def edit(request: ExperimenterRequest, study: Study) -> HttpResponse:
    return _form(request, study)


@require_safe
@policies.owner
def show(request: ExperimenterRequest, study: Study) -> HttpResponse:
    context = {"study": study, "board": board(study, at=now())}
    if request.htmx:
        return render(request, "listening/studies/show.html#progress", context)
    context |= {
        "method": load(study.method),
        "checks": launching.checklist(study),
        "problems": launching.problems(study),
        "can_open": launching.can_move(study, Study.State.LIVE),
        "can_pause": launching.can_move(study, Study.State.PAUSED),
        "can_close": launching.can_move(study, Study.State.CLOSED),
        "rater_link": request.build_absolute_uri(reverse("join", args=[study.code])),
    }
    return render(request, "listening/studies/show.html", context)


@require_safe
@policies.owner
def schedules(request: ExperimenterRequest, study: Study) -> HttpResponse:
    context = {"study": study, "rehearsal": rehearse(study)}
    return render(request, "listening/studies/schedules.html", context)


@require_POST
@policies.owner
def preview(request: ExperimenterRequest, study: Study) -> HttpResponse:
    try:
        session = launching.preview(study, at=now())
    except LaunchRefused as refused:
        return _refuse(request, study, refused)
    return redirect("session", code=session.code)


@require_POST
@policies.owner
def open_(request: ExperimenterRequest, study: Study) -> HttpResponse:
    def move() -> None:
        launching.open_study(study, at=now())

    return _move(request, study, move, "The study is open: raters may come.")


@require_POST
@policies.owner
def pause(request: ExperimenterRequest, study: Study) -> HttpResponse:
    def move() -> None:
        launching.pause_study(study)

    return _move(request, study, move, "The study is paused. Nobody new can begin.")


@require_POST
@policies.owner
def close(request: ExperimenterRequest, study: Study) -> HttpResponse:
    def move() -> None:
        launching.close_study(study, at=now())

    return _move(request, study, move, "The study is closed.")


def _move(
    request: ExperimenterRequest, study: Study, move: Callable[[], None], done: str
) -> HttpResponse:
    try:
        move()
    except LaunchRefused as refused:
        return _refuse(request, study, refused)
    messages.success(request, done)
    return redirect("study", slug=study.slug)


def _refuse(
    request: ExperimenterRequest, study: Study, refused: LaunchRefused
) -> HttpResponse:
    for reason in refused.reasons:
        messages.error(request, reason)
    return redirect("study", slug=study.slug)


def _form(request: ExperimenterRequest, study: Study) -> HttpResponse:
    """Show and take the form of a new or an old study; `?set=` names its stimuli."""
    sets = list(StimulusSet.objects.filter(state=StimulusSet.State.DONE))
    wanted = request.GET.get("set", "")
    ours = study.stimulus_set if study.pk else next(iter(sets), None)
    stimulus_set = next((s for s in sets if s.slug == wanted), ours)
    if stimulus_set is None:
        return render(request, "listening/studies/no_stimuli.html", {"study": study})
    form = StudyForm(request.POST or None, instance=study, stimulus_set=stimulus_set)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("study", slug=study.slug)
    context = {"form": form, "study": study, "sets": sets}
    return render(request, "listening/studies/form.html", context)
