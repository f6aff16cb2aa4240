"""How a study stands while it runs. Owner only; no outcome is on it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from listening import blinding, policies
from listening.board import board
from listening.http import ExperimenterRequest
from listening.models import Study
from listening.troubles import troubles


@require_safe
@policies.owner
def show(request: ExperimenterRequest, study: Study) -> HttpResponse:
    context = {
        "study": study,
        "board": board(study, at=now()),
        "troubles": troubles(study),
        "blind": blinding.is_blind(study),
        "at": now(),
    }
    part = "#live" if request.htmx else ""
    return render(request, f"listening/studies/board.html{part}", context)
