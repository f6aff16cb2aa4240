"""A rater's way from the link to the completion code, one page a step."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)
from django_htmx.http import HttpResponseClientRedirect

from listening import answer_form, answering, methods, outcomes, policies, telemetry
from listening.answer_form import AnswerForm, ScoresForm
from listening.consent_form import ConsentForm
from listening.http import HtmxRequest
from listening.models import Session
from listening.progress import place_of
from listening.rater_forms import CommentForm, EventsForm, ProblemForm

Page = Callable[[HtmxRequest, Session], HttpResponse]
require_page = require_http_methods(["GET", "HEAD", "POST"])

PLAIN = "text/plain; charset=utf-8"
STATUS_OF = {
    answering.StudyClosed: 410,
    answering.NotShown: 409,
    answering.KeyUsed: 409,
}


def refuse(
    request: HttpRequest, words: str, *, status: int, heading: str = ""
) -> HttpResponse:
    context = {"words": words, "heading": heading}
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
            except Session.DoesNotExist:  # it was withdrawn meanwhile
                raise Http404 from None

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
            told = request.headers.get("User-Agent", "")
            form.decide(session, at=now(), user_agent=told)
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
    """The sounds that are next, and the place where its answer is posted."""
    if request.method != "POST":
        return show(request, session)
    position = request.POST.get("position", "")
    answered = get_object_or_404(
        session.trials, position=position if position.isdecimal() else 0
    )
    method = methods.load(session.study.method)
    form = answer_form.form_of(request.POST, trial=answered, method=method)
    if not form.is_valid():
        return show(request, session, form=form)
    form.keep(at=now())
    session.refresh_from_db()
    if request.htmx and session.step == "trial":
        return show(request, session)
    return lead_on(request, session)


def show(
    request: HtmxRequest,
    session: Session,
    *,
    form: AnswerForm | ScoresForm | None = None,
) -> HttpResponse:
    """Return the page of the current trial, or for htmx the part that changes."""
    place = place_of(session)
    if place is None:
        session.refresh_from_db()
        return lead_on(request, session)
    answering.show(place.trial, at=now())
    method = methods.load(session.study.method)
    context = {
        "session": session,
        "study": session.study,
        "place": place,
        "trial": place.trial,
        "training": place.trial.is_training,
        "method": method,
        "question": method.question_on(place.trial.scale),
        "choices": method.choices_on(place.trial.scale),
        "sounds": [(s, place.trial.tokens[s.letter]) for s in method.sounds.members],
        "many": list(place.trial.sounds.all()),
        "key": uuid4(),
        "told": answer_form.told_of(place.trial),
        "form": form,
    }
    template = "listening/session/trial.html"
    if request.htmx:
        template += "#trial"
    return render(request, template, context, status=422 if form else 200)


@never_cache
@require_POST
@policies.rater
def events(request: HtmxRequest, session: Session) -> HttpResponse:
    """A batch of what happened in the browser; nobody waits for the answer."""
    form = EventsForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(form.errors.as_text(), content_type=PLAIN)
    page, batch = form.cleaned_data["page"], form.cleaned_data["events"]
    try:
        answering.require_open(session)
        telemetry.record(session, page=page, batch=batch, at=now())
    except telemetry.BadBatch as bad:
        return HttpResponseBadRequest(str(bad), content_type=PLAIN)
    except answering.StudyClosed as closed:
        return HttpResponse(str(closed), status=410, content_type=PLAIN)
    return HttpResponse(status=204)


@never_cache
@require_POST
@policies.rater
def problem(request: HtmxRequest, session: Session) -> HttpResponse:
    """Somebody cannot take part: no headphones, or no sound."""
    form = ProblemForm(request.POST)
    if not form.is_valid():
        return refuse(request, _("That is no problem that we know of."), status=400)
    try:
        answering.end(session, problem=form.cleaned_data["problem"], at=now())
    except answering.StudyClosed as closed:
        return refuse(request, str(closed), status=410)
    return lead_on(request, session)


# The ends


@never_cache
@require_page
@policies.rater
def done(request: HtmxRequest, session: Session) -> HttpResponse:
    """The code, the way back, and a word of the rater's if they like."""
    if session.step != "done":
        return lead_on(request, session)
    form = CommentForm(request.POST or None, initial={"comment": session.comment})
    if request.method == "POST" and form.is_valid():
        answering.remark(session, comment=form.cleaned_data["comment"])
        return redirect("done", session.code)
    status = 422 if form.errors else 200
    return end(request, session, "done", status=status, form=form)


@never_cache
@require_safe
@policies.rater
def declined(request: HtmxRequest, session: Session) -> HttpResponse:
    if session.step != "declined":
        return lead_on(request, session)
    return end(request, session, "declined")


@never_cache
@require_safe
@policies.rater
def ended(request: HtmxRequest, session: Session) -> HttpResponse:
    if session.step != "ended":
        return lead_on(request, session)
    return end(request, session, "ended")


def end(
    request: HtmxRequest,
    session: Session,
    name: str,
    *,
    status: int = 200,
    form: CommentForm | None = None,
) -> HttpResponse:
    way = outcomes.way_back(session)
    context = {"session": session, "way": way, "form": form}
    return render(request, f"listening/session/{name}.html", context, status=status)


@never_cache
@require_safe
@policies.rater
def leave(request: HtmxRequest, session: Session) -> HttpResponse:
    """Back to where the rater came from, once it is decided how the session ended."""
    url = outcomes.way_back(session).url
    return redirect(url) if url else lead_on(request, session)
