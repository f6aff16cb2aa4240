"""How raters come to a study: panels, ways back, cells, invitations."""

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from listening import invitations, panels, policies
from listening.export.writing import as_csv
from listening.http import ExperimenterRequest
from listening.models import Study
from listening.recruiting_form import ErasureForm, InvitationsForm, RecruitingForm
from listening.tasks import send_invitations
from listening.views.designing import steps_of
from listening.withdrawal import withdraw


@require_http_methods(["GET", "HEAD", "POST"])
@policies.owner
def show(request: ExperimenterRequest, study: Study) -> HttpResponse:
    form = RecruitingForm(request.POST or None, instance=study)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        after = "study" if study.state == Study.State.DRAFT else "recruiting"
        return redirect(after, slug=study.slug)
    if form.errors:
        study.refresh_from_db()  # what is shown beside the form is what is stored
    return page(request, study, form=form)


def page(
    request: ExperimenterRequest,
    study: Study,
    *,
    form: RecruitingForm | None = None,
    people: InvitationsForm | None = None,
    erasure: ErasureForm | None = None,
) -> HttpResponse:
    link = request.build_absolute_uri(reverse("join", args=[study.code]))
    context = {
        "study": study,
        "steps": steps_of(study, "recruiting"),
        "form": form or RecruitingForm(instance=study),
        "people": people or InvitationsForm(),
        "erasure": erasure or ErasureForm(study=study),
        "invitations": study.invitations.with_sessions(),
        "failed": study.invitations.failed().count(),
        "links": [
            (slug, panel.label, link + panel.link)
            for slug, panel in panels.PANELS.items()
            if panel.link and study.panel in ("", slug)
        ],
    }
    return render(request, "listening/studies/recruiting.html", context)


@require_POST
@policies.owner
def invite(request: ExperimenterRequest, study: Study) -> HttpResponse:
    """Take a list of people; the worker writes to those with an address."""
    form = InvitationsForm(request.POST, request.FILES)
    if not form.is_valid():
        return page(request, study, people=form)
    file: UploadedFile = form.cleaned_data["list"]
    try:
        names = invitations.names_in(file.read())
    except invitations.BadList as bad:
        for problem in bad.problems:
            form.add_error("list", problem)
        return page(request, study, people=form)
    added = invitations.invite(study, names, at=now())
    messages.success(
        request, f"{added.new} invited. {added.known} had been invited before."
    )
    return send(request, study)


@require_POST
@policies.owner
def again(request: ExperimenterRequest, study: Study) -> HttpResponse:
    """Try once more to send what could not be sent."""
    messages.success(request, f"{invitations.retry(study)} are sent again.")
    return send(request, study)


def send(request: ExperimenterRequest, study: Study) -> HttpResponse:
    if study.invitations.to_send().exists():
        send_invitations.enqueue(study.pk, request.build_absolute_uri("/")[:-1])
    return redirect("recruiting", slug=study.slug)


@require_POST
@policies.owner
def erase(request: ExperimenterRequest, study: Study) -> HttpResponse:
    """Withdraw in the place of a participant who asked for it."""
    form = ErasureForm(request.POST, study=study)
    if not form.is_valid() or form.session is None:
        return page(request, study, erasure=form)
    withdraw(form.session)
    messages.success(request, "Everything of this participant is deleted.")
    return redirect("recruiting", slug=study.slug)


@require_safe
@policies.owner
def invitation_list(request: ExperimenterRequest, study: Study) -> HttpResponse:
    """Everybody who was invited, with their link, to be handed on by other ways."""
    rows = [
        [
            one.name,
            request.build_absolute_uri(reverse("invited", args=[one.token])),
            one.progress,
        ]
        for one in study.invitations.with_sessions()
    ]
    content = as_csv(["name", "link", "state"], rows)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    name = f"{study.slug}-invitations.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
