"""What a study declares about its raters. Owner only."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from listening import policies
from listening.checks_form import FROZEN, ChecksForm
from listening.http import ExperimenterRequest
from listening.launching import LaunchRefused
from listening.models import Study


@require_http_methods(["GET", "HEAD", "POST"])
@policies.owner
def checks(request: ExperimenterRequest, study: Study) -> HttpResponse:
    """Show and take the declaration; once the study was opened only show it."""
    form = ChecksForm(request.POST or None, instance=study)
    if request.method == "POST" and form.is_valid():
        try:
            form.save()
            messages.success(request, "Saved.")
        except LaunchRefused:
            messages.error(request, FROZEN)
        return redirect("study", slug=study.slug)
    context = {"study": study, "form": form, "frozen": FROZEN}
    return render(request, "listening/studies/checks.html", context)
