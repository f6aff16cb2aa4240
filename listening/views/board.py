"""How a study stands while it runs, and each of its sessions. Owner only.

No outcome is on these pages before it may be seen.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.db.models.expressions import OrderBy
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from listening import blinding, leaving_out, policies
from listening.board import board
from listening.http import ExperimenterRequest
from listening.models import Session, Study
from listening.models.session import SessionQuerySet
from listening.reason_form import ReasonForm
from listening.sheet import sheet_of
from listening.troubles import troubles

A_PAGE = 50

Order = tuple[str | OrderBy, ...]

# What the list can be sorted by -> its name on the page, and its order
ORDERS: dict[str, tuple[str, Order]] = {
    "completed": ("Last completed", (F("completed_at").desc(nulls_last=True), "-pk")),
    "began": ("Last begun", ("-started_at", "-pk")),
    "state": ("State", ("state", "-pk")),
}


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


@require_safe
@policies.owner
def sessions(request: ExperimenterRequest, study: Study) -> HttpResponse:
    """All sessions but the experimenter's own looks."""
    by = request.GET.get("by", "completed")
    by = by if by in ORDERS else "completed"
    found = sessions_of(study).for_list().order_by(*ORDERS[by][1])
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    orders = [(key, label) for key, (label, _) in ORDERS.items()]
    context = {"study": study, "page": page, "by": by, "orders": orders}
    return render(request, "listening/studies/sessions.html", context)


def sessions_of(study: Study) -> SessionQuerySet:
    return study.sessions.exclude(stage=Session.Stage.PREVIEW)


Page = Callable[[ExperimenterRequest, Session], HttpResponse]


def of_study(view: Page) -> Callable[..., HttpResponse]:
    """Hand on the session of the study by its number; of another study it is a 404."""

    @wraps(view)
    def guarded(
        request: ExperimenterRequest, study: Study, number: int
    ) -> HttpResponse:
        session = get_object_or_404(sessions_of(study), pk=number)
        session.study = study
        return view(request, session)

    return guarded


@require_safe
@policies.owner
@of_study
def sheet(request: ExperimenterRequest, session: Session) -> HttpResponse:
    return page(request, session, ReasonForm())


def page(
    request: ExperimenterRequest,
    session: Session,
    form: ReasonForm,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "study": session.study,
        "session": session,
        "sheet": sheet_of(session),
        "form": form,
    }
    return render(request, "listening/studies/sheet.html", context, status=status)


@require_POST
@policies.owner
@of_study
def leave_out(request: ExperimenterRequest, session: Session) -> HttpResponse:
    done = "This session is left out. Its place is free again."
    return for_a_reason(request, session, leaving_out.leave_out, done)


@require_POST
@policies.owner
@of_study
def take_back(request: ExperimenterRequest, session: Session) -> HttpResponse:
    done = "This session counts again."
    return for_a_reason(request, session, leaving_out.take_back, done)


def for_a_reason(
    request: ExperimenterRequest,
    session: Session,
    verb: Callable[..., object],
    done: str,
) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return page(request, session, form, status=422)
    by, reason = request.user.get_username(), form.cleaned_data["reason"]
    verb(session, by=by, reason=reason, at=now())
    messages.success(request, done)
    return redirect("sheet", slug=session.study.slug, number=session.pk)
