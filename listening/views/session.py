"""A rater's way from the link to the completion code, one page a step."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_safe,
)
from django_htmx.http import HttpResponseClientRedirect

from listening import answering, enrolment, methods, policies
from listening.answer_form import AnswerForm
from listening.consent_form import ConsentForm
from listening.designs import ImpossibleDesign
from listening.enrolment import EnrolmentRefused, Refusal
from listening.http import HtmxRequest
from listening.models import Session, Study
from listening.progress import minutes, place_of

Page = Callable[[HtmxRequest, Session], HttpResponse]
require_page = require_http_methods(["GET", "HEAD", "POST"])

REMEMBERED_S = 30 * 24 * 3600
STATUS_OF = {
    answering.StudyClosed: 410,
    answering.NotShown: 409,
    answering.KeyUsed: 409,
}


# The link


@never_cache
@require_page
@policies.anonymous("whoever has the link may take part")
def join(request: HttpRequest, code: str) -> HttpResponse:
    """The landing page. A place is taken by POST only: a link preview takes none."""
    study = get_object_or_404(Study, code=code)
    session = remembered(request, study)
    if session is not None:
        return redirect("session", session.code)
    try:
        stage = enrolment.stage_now(study)
        if request.method != "POST":
            if enrolment.is_full(study, stage=stage, at=now()):
                raise EnrolmentRefused(Refusal.FULL)
            context = {"study": study, "minutes": minutes(study)}
            return render(request, "listening/session/join.html", context)
        seed = secrets.randbits(32)
        session = enrolment.enrol(study=study, stage=stage, seed=seed, at=now())
    except EnrolmentRefused as refused:
        status = 410 if refused.reason is Refusal.CLOSED else 403
        return refuse(request, str(refused), status=status)
    except ImpossibleDesign:
        return refuse(request, Refusal.DRAFT.value, status=403)
    return remember(redirect("session", session.code), session)


def remembered(request: HttpRequest, study: Study) -> Session | None:
    """Return the session of `study` that this browser has begun, if any."""
    code = request.COOKIES.get(f"session-{study.code}", "")
    declined = Session.State.DECLINED
    return study.sessions.filter(code=code).exclude(state=declined).first()


def remember(response: HttpResponse, session: Session) -> HttpResponse:
    response.set_cookie(
        f"session-{session.study.code}",
        session.code,
        max_age=REMEMBERED_S,
        path=reverse("join", args=[session.study.code]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def refuse(request: HttpRequest, words: str, *, status: int) -> HttpResponse:
    context = {"words": words}
    return render(request, "listening/session/refused.html", context, status=status)


# The steps


def at_step(name: str) -> Callable[[Page], Page]:
    """Lead whoever is at another step there; a study that is over has one page."""

    def decorate(view: Page) -> Page:
        @wraps(view)
        def guarded(request: HtmxRequest, session: Session) -> HttpResponse:
            if session.step != name:
                return lead_on(request, session)
            try:
                answering.require_open(session)
                return view(request, session)
            except answering.NotPossible as refusal:
                status = STATUS_OF[type(refusal)]
                return refuse(request, str(refusal), status=status)

        return guarded

    return decorate


def lead_on(request: HtmxRequest, session: Session) -> HttpResponse:
    """Send the browser to the step at which `session` is."""
    address = reverse(session.step, args=[session.code])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


@never_cache
@require_safe
@policies.rater
def resume(request: HtmxRequest, session: Session) -> HttpResponse:
    return lead_on(request, session)


@never_cache
@require_page
@policies.rater
@at_step("consent")
def consent(request: HtmxRequest, session: Session) -> HttpResponse:
    form = ConsentForm(request.POST or None)
    changed = ""
    if form.is_valid():
        try:
            form.decide(session, at=now())
            return lead_on(request, session)
        except answering.ConsentChanged as refusal:
            changed = str(refusal)
    status = 200 if request.method != "POST" else 409 if changed else 422
    context = {"session": session, "changed": changed}
    return render(request, "listening/session/consent.html", context, status=status)


@never_cache
@require_page
@policies.rater
@at_step("sound-check")
def sound_check(request: HtmxRequest, session: Session) -> HttpResponse:
    if request.method == "POST":
        answering.check_sound(session, at=now())
        return lead_on(request, session)
    context = {"session": session}
    return render(request, "listening/session/sound_check.html", context)


@never_cache
@require_page
@policies.rater
@at_step("trial")
def trial(request: HtmxRequest, session: Session) -> HttpResponse:
    """The pair that is next, and the place where its answer is posted."""
    if request.method != "POST":
        return show(request, session)
    position = request.POST.get("position", "")
    answered = get_object_or_404(
        session.trials, position=position if position.isdecimal() else 0
    )
    method = methods.load(session.study.method)
    form = AnswerForm(request.POST, method=method)
    if not form.is_valid():
        return show(request, session, form=form)
    answering.answer(answered, at=now(), **form.cleaned_data)
    return show(request, session) if request.htmx else redirect("trial", session.code)


def show(
    request: HtmxRequest, session: Session, *, form: AnswerForm | None = None
) -> HttpResponse:
    """Return the page of the current trial, or for htmx the part that changes."""
    place = place_of(session)
    if place is None:
        session.refresh_from_db()
        return lead_on(request, session)
    answering.show(place.trial, at=now())
    context = {
        "session": session,
        "study": session.study,
        "place": place,
        "trial": place.trial,
        "training": place.trial.is_training,
        "method": methods.load(session.study.method),
        "key": uuid4(),
        "form": form,
    }
    template = "listening/session/trial.html"
    if request.htmx:
        template += "#trial"
    return render(request, template, context, status=422 if form else 200)


@never_cache
@require_safe
@policies.rater
def done(request: HtmxRequest, session: Session) -> HttpResponse:
    if session.step != "done":
        return lead_on(request, session)
    return render(request, "listening/session/done.html", {"session": session})


@never_cache
@require_safe
@policies.rater
def declined(request: HtmxRequest, session: Session) -> HttpResponse:
    if session.step != "declined":
        return lead_on(request, session)
    return render(request, "listening/session/declined.html", {"session": session})
