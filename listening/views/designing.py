"""The pages on which a study is designed, one after the other. Owner only."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from listening import launching, policies
from listening.checks_form import ChecksForm
from listening.declaration_form import DeclarationForm
from listening.design_form import DesignForm
from listening.forms import StudyForm
from listening.http import ExperimenterRequest
from listening.models import Study
from listening.texts_form import TextsForm
from stimuli.models import StimulusSet

FORM = ["GET", "HEAD", "POST"]
TEMPLATES = {
    "study-edit": "listening/studies/form.html",
    "study-checks": "listening/studies/checks.html",
    "study-declaration": "listening/studies/declaration.html",
    "study-texts": "listening/studies/texts.html",
}


@require_http_methods(FORM)
@policies.experimenter
def new(request: ExperimenterRequest) -> HttpResponse:
    return _form(request, Study(owner=request.user))


@require_http_methods(FORM)
@policies.owner
def edit(request: ExperimenterRequest, study: Study) -> HttpResponse:
    return _form(request, study)


@require_http_methods(FORM)
@policies.owner
def checks(request: ExperimenterRequest, study: Study) -> HttpResponse:
    form = ChecksForm(request.POST or None, instance=study)
    return _page(request, study, form, "study-checks")


@require_http_methods(FORM)
@policies.owner
def declaration(request: ExperimenterRequest, study: Study) -> HttpResponse:
    form = DeclarationForm(request.POST or None, instance=study)
    return _page(request, study, form, "study-declaration")


@require_http_methods(FORM)
@policies.owner
def texts(request: ExperimenterRequest, study: Study) -> HttpResponse:
    form = TextsForm(request.POST or None, instance=study)
    return _page(request, study, form, "study-texts")


def _form(request: ExperimenterRequest, study: Study) -> HttpResponse:
    """Show and take the form of a new or an old study; `?set=` names its stimuli."""
    sets = list(StimulusSet.objects.filter(state=StimulusSet.State.DONE))
    wanted = request.GET.get("set", "")
    ours = study.stimulus_set if study.pk else next(iter(sets), None)
    stimulus_set = next((s for s in sets if s.slug == wanted), ours)
    if stimulus_set is None:
        return render(request, "listening/studies/no_stimuli.html", {"study": study})
    form = StudyForm(request.POST or None, instance=study, stimulus_set=stimulus_set)
    return _page(request, study, form, "study-edit", sets=sets)


def _page(
    request: ExperimenterRequest, study: Study, form: DesignForm, page: str, **more: Any
) -> HttpResponse:
    """Show and take the form of `page`, and go on to the next page of a draft."""
    is_draft = study.state == Study.State.DRAFT
    if request.method == "POST" and form.is_valid() and (said := form.keep(at=now())):
        messages.success(request, said)
        after = launching.page_after(page) if is_draft else "study"
        return redirect(after, slug=study.slug)
    context = {"study": study, "form": form, "steps": steps_of(study, page), **more}
    return render(request, TEMPLATES[page], context)


def steps_of(study: Study, page: str) -> dict[str, Any] | None:
    """Return the way through the pages of a draft; None of a study that is further."""
    if study.pk is None or study.state != Study.State.DRAFT:
        return None
    standings = [
        s for s in launching.checklist(study) if s.step.page in launching.FORMS
    ]
    return {"page": page, "standings": standings}
