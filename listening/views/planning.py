"""How many raters a study needs, asked before it is made."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from listening import policies
from listening.http import ExperimenterRequest
from listening.plan_form import PlanForm


@require_safe
@policies.experimenter
def show(request: ExperimenterRequest) -> HttpResponse:
    form = PlanForm(request.GET or None)
    context = {"form": form, "planned": form.planned() if form.is_valid() else None}
    template = "listening/plan.html"
    if request.htmx:
        template += "#plan"
    return render(request, template, context)
