"""The experimenter's pages: studies, one study, and what may be done with it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from listening import policies
from listening.http import ExperimenterRequest, HtmxRequest
from listening.models import Study


@policies.anonymous("tells a stranger what this is; knows nothing of any study")
def home(request: HtmxRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("studies")
    return render(request, "listening/home.html")


@policies.experimenter
def index(request: ExperimenterRequest) -> HttpResponse:
    studies = Study.objects.of(request.user)
    return render(request, "listening/studies/index.html", {"studies": studies})
