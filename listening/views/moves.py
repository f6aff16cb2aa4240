"""What an experimenter does with a study: try it, open it, pause it, close it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from listening import launching, policies
from listening.http import ExperimenterRequest
from listening.launching import LaunchRefused
from listening.models import Study


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
def dry_run(request: ExperimenterRequest, study: Study) -> HttpResponse:
    def move() -> None:
        launching.dry_run(study, at=now())

    done = "Simulated raters have gone through the study."
    return _move(request, study, move, done, then="study-schedules")


@require_POST
@policies.owner
def pilot(request: ExperimenterRequest, study: Study) -> HttpResponse:
    def move() -> None:
        launching.start_pilot(study)

    return _move(request, study, move, "The pilot runs: the link takes raters.")


@require_POST
@policies.owner
def end_pilot(request: ExperimenterRequest, study: Study) -> HttpResponse:
    def move() -> None:
        launching.end_pilot(study)

    return _move(request, study, move, "The pilot has ended. Nobody new can begin.")


@require_POST
@policies.owner
def discard_pilot(request: ExperimenterRequest, study: Study) -> HttpResponse:
    def move() -> None:
        launching.discard_pilot(study)

    return _move(request, study, move, "The sessions of the pilot are deleted.")


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
    request: ExperimenterRequest,
    study: Study,
    move: Callable[[], None],
    done: str,
    *,
    then: str = "study",
) -> HttpResponse:
    try:
        move()
    except LaunchRefused as refused:
        return _refuse(request, study, refused)
    messages.success(request, done)
    return redirect(then, slug=study.slug)


def _refuse(
    request: ExperimenterRequest, study: Study, refused: LaunchRefused
) -> HttpResponse:
    for reason in refused.reasons:
        messages.error(request, reason)
    return redirect("study", slug=study.slug)
