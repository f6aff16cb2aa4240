"""The links by which raters come: the study's own, a panel's, an invitation's."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from listening import enrolment, panels, policies, privacy
from listening.designs import ImpossibleDesign
from listening.enrolment import EnrolmentRefused, Refusal
from listening.languages import speak
from listening.models import Invitation, LinkCount, Session, Study
from listening.panels import Claim
from listening.progress import minutes
from listening.views.session import refuse

require_page = require_http_methods(["GET", "HEAD", "POST"])

REMEMBERED_S = 30 * 24 * 3600


@never_cache
@require_page
@policies.anonymous("whoever has the link may take part")
def join(request: HttpRequest, code: str) -> HttpResponse:
    """The study's link, with or without the parameters of a panel."""
    study = get_object_or_404(Study, code=code)
    speak(study)
    session = remembered(request, study)
    try:
        claim = panels.claim_of(study, request.GET)
    except panels.BadClaim as bad:
        if session is None:
            heading = _("This link does not work")
            return refuse(request, str(bad), status=400, heading=heading)
        claim = None
    if claim is not None:
        session = enrolment.begun(study, claim=claim)
    return land(request, study, session, claim=claim)


@never_cache
@require_page
@policies.invited
def invited(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    return land(request, invitation.study, invitation.session, invitation=invitation)


def land(
    request: HttpRequest,
    study: Study,
    session: Session | None,
    *,
    claim: Claim | None = None,
    invitation: Invitation | None = None,
) -> HttpResponse:
    """The landing page. A place is taken by POST only: a link preview takes none."""
    if session is not None:
        return redirect("session", session.code)
    try:
        stage = enrolment.stage_now(study, at=now())
        if request.method != "POST":
            if enrolment.is_full(study, stage=stage, at=now()):
                raise EnrolmentRefused(Refusal.FULL)
            LinkCount.objects.add(study)
            context = {"study": study, "minutes": minutes(study)}
            return render(request, "listening/session/join.html", context)
        seed = secrets.randbits(32)
        session = enrolment.admit(
            study=study, seed=seed, at=now(), claim=claim, invitation=invitation
        )
    except EnrolmentRefused as refused:
        status = 410 if refused.reason is Refusal.CLOSED else 403
        return refuse(request, str(refused), status=status)
    except ImpossibleDesign:
        return refuse(request, Refusal.DRAFT.words, status=403)
    return remember(redirect("session", session.code), session)


def remembered(request: HttpRequest, study: Study) -> Session | None:
    """Return the session of `study` that this browser has begun, if any."""
    code = request.COOKIES.get(f"session-{study.code}", "")
    session = study.sessions.filter(code=code).first()
    return None if session and session.may_begin_anew else session


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


@require_safe
@policies.anonymous("whoever may take part may read what is kept of them")
def kept(request: HttpRequest, code: str) -> HttpResponse:
    """What a study keeps of its raters, for how long, and how they take it back."""
    study = get_object_or_404(Study, code=code)
    speak(study)
    context = {
        "study": study,
        "kept": privacy.KEPT,
        "identities": privacy.IDENTITIES,
        "not_kept": privacy.NOT_KEPT,
    }
    return render(request, "listening/session/kept.html", context)
