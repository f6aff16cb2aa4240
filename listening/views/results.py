"""What a study found: the page, its figures, and everything as files. Owner only."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from listening import blinding, policies
from listening.computing import WITHOUT
from listening.export import REPRODUCE, zipped
from listening.export.columns import TRIALS
from listening.export.folder import Export
from listening.http import ExperimenterRequest
from listening.models import AnalysisResult, Study
from listening.reason_form import ReasonForm
from listening.standing import standing_of

TYPES = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}
# What the results are kept as -> what a browser is told that they are
FILES = {
    "analysis.json": "application/json",
    "report.html": "text/html; charset=utf-8",
    "methods.txt": "text/plain; charset=utf-8",
    "equivalence.csv": "text/csv; charset=utf-8",
}


USED = "used"  # in the address: without the raters who are left out

Page = Callable[..., HttpResponseBase]


def not_while_blind(view: Page) -> Page:
    """Show it once the outcome may be seen; before that say why not."""

    @wraps(view)
    def guarded(
        request: ExperimenterRequest, study: Study, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if blinding.is_blind(study):
            return hidden(request, study, status=403)
        return view(request, study, *args, **kwargs)

    return guarded


def hidden(
    request: ExperimenterRequest,
    study: Study,
    *,
    form: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "study": study,
        "finished": blinding.finished(study).count(),
        "form": form or ReasonForm(),
    }
    return render(request, "listening/hidden.html", context, status=status)


@require_POST
@policies.owner
def unblind(request: ExperimenterRequest, study: Study) -> HttpResponse:
    """Show the outcome before the stop rule is met, for a reason that is kept."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return hidden(request, study, form=form, status=422)
    reason = form.cleaned_data["reason"]
    blinding.unblind(study, by=request.user.get_username(), reason=reason, at=now())
    messages.success(request, "The outcome is shown from now on. This is on record.")
    return redirect("results", slug=study.slug)


@policies.owner
def show(request: ExperimenterRequest, study: Study) -> HttpResponse:
    if blinding.is_blind(study):
        return hidden(request, study)
    standing = standing_of(study)
    page = standing.results.page if standing.results else {}
    context = {
        "study": study,
        "under_way": standing.under_way,
        "formats": list(TYPES),
        "unblinding": blinding.unblinding_of(study),
        "answers": page["analysis"]["n"] if page else 0,
        **chosen(page, request.GET.get("raters", "")),
    }
    template = "listening/results.html"
    if not request.htmx:
        return render(request, template, context)
    if request.htmx.target == "numbers":
        return render(request, f"{template}#numbers", context)
    if not standing.under_way:  # it asks whether what was under way is there
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, f"{template}#under_way", context)


def chosen(page: dict[str, Any], raters: str) -> dict[str, Any]:
    """Return the numbers of all raters, or of those who are used if that is asked for.

    The methods tell of both.
    """
    if raters != USED or "without" not in page:
        return page
    without: dict[str, Any] = page["without"]
    same = {"methods": page["methods"]}
    return page | without | same | {"choice": f"?raters={USED}"}


@require_POST
@policies.owner
def again(request: ExperimenterRequest, study: Study) -> HttpResponse:
    """Compute once more what could not be computed."""
    failed = AnalysisResult.State.FAILED
    AnalysisResult.objects.filter(study=study, state=failed).delete()
    return HttpResponseRedirect(reverse("results", args=[study.slug]))


@policies.owner
@not_while_blind
def figure(
    request: ExperimenterRequest, study: Study, fmt: str, name: str = ""
) -> HttpResponse:
    """The figure called `name`; the headline of the study without a name."""
    results = standing_of(study).results
    names = results.page["figures"] if results else []
    if not results or fmt not in TYPES or not names or name not in ("", *names):
        raise Http404("There is no such figure of this study.")
    used = request.GET.get("raters") == USED and "without" in results.page
    folder = WITHOUT if used else ""
    try:
        content = results.file(f"{folder}{name or names[0]}.{fmt}")
    except KeyError:
        raise Http404("Without the raters left out there is no such figure.") from None
    return HttpResponse(content, content_type=TYPES[fmt])


@policies.owner
@not_while_blind
def file(request: ExperimenterRequest, study: Study, name: str) -> HttpResponse:
    """What `FILES` names, as a download."""
    results = standing_of(study).results
    if name not in FILES or not results:
        raise Http404("There is no such file of this study.")
    return download(results.file(name), FILES[name], f"{study.slug}-{name}")


@policies.owner
def script(request: ExperimenterRequest, study: Study) -> HttpResponse:
    """The R script that refits the models from trials.csv."""
    text = REPRODUCE.read_text()
    return download(text, "text/plain; charset=utf-8", REPRODUCE.name)


@policies.owner
@not_while_blind
def as_csv(request: ExperimenterRequest, study: Study) -> HttpResponse:
    text = Export(study).csv(TRIALS)
    return download(text, "text/csv; charset=utf-8", f"{study.slug}-trials.csv")


@policies.owner
@not_while_blind
def export(request: ExperimenterRequest, study: Study) -> HttpResponse:
    return download(zipped(study), "application/zip", f"{study.slug}.zip")


def download(content: str | bytes, content_type: str, name: str) -> HttpResponse:
    """Return `content` as a file to keep; slugs need no quoting."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
