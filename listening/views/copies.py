"""A study once more: as a draft, as a file, and out of one."""

import tempfile
from typing import IO

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from listening import policies
from listening.archive import BadArchive, NothingToArchive, restore, write
from listening.duplicating import duplicate
from listening.http import ExperimenterRequest
from listening.models import Study
from listening.restore_form import RestoreForm
from listening.views.results import not_while_blind


@require_POST
@policies.owner
def copy(request: ExperimenterRequest, study: Study) -> HttpResponse:
    made = duplicate(study, owner=request.user)
    messages.success(request, f"This is a draft with the design of “{study.title}”.")
    return redirect("study", slug=made.slug)


@require_safe
@policies.owner
@not_while_blind
def archive(request: ExperimenterRequest, study: Study) -> HttpResponseBase:
    """The study as one file, with its sounds if `?sounds=1` asks for them."""
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    try:
        write(study, file, at=now(), with_sounds=request.GET.get("sounds") == "1")
    except NothingToArchive as why:
        file.close()
        messages.error(request, str(why))
        return redirect("study", slug=study.slug)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{study.slug}-archive.zip")


@require_http_methods(["GET", "HEAD", "POST"])
@policies.staff
def bring_back(request: ExperimenterRequest) -> HttpResponse:
    sent_here = request.method == "POST"
    form = RestoreForm(request.POST, request.FILES) if sent_here else RestoreForm()
    if form.is_valid():
        sent, name = form.cleaned_data["archive"], form.cleaned_data["name"]
        try:
            study = restore(sent.file, owner=request.user, slug=name)
        except BadArchive as why:
            form.add_error("archive", str(why))
        else:
            messages.success(request, "The study is restored.")
            return redirect("study", slug=study.slug)
    status = 422 if form.errors else 200
    context = {"form": form}
    return render(request, "listening/studies/restore.html", context, status=status)
