"""Who may see a page. Every view of ours carries one of these decorators.

A decorator hands on what it found, so that the check cannot be skipped, and leaves its
name on the view as `policy`; `tests/test_architecture.py` reads all of them.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from listening.languages import speak
from listening.models import Invitation, Session, Study

View = Callable[..., HttpResponseBase]


def anonymous(why: str) -> Callable[[View], View]:
    """Anybody may see it, because `why`."""

    def decorate(view: View) -> View:
        view.policy = f"anonymous: {why}"  # type: ignore[attr-defined]
        return view

    return decorate


def experimenter(view: View) -> View:
    """Only somebody who is logged in."""
    guarded = login_required(view)
    guarded.policy = "experimenter"  # type: ignore[attr-defined]
    return guarded


def owner(view: View) -> View:
    """Only the study's owner: `slug` becomes `study`; another's study is a 404."""

    @login_required
    @wraps(view)
    def guarded(
        request: HttpRequest, slug: str, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        study = get_object_or_404(Study.objects.of(request.user), slug=slug)
        return view(request, study, *args, **kwargs)

    guarded.policy = "owner"  # type: ignore[attr-defined]
    return guarded


def rater(view: View) -> View:
    """Only who holds the session's secret code: `code` becomes `session`."""

    @wraps(view)
    def guarded(
        request: HttpRequest, code: str, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        sessions = Session.objects.select_related("study", "rater")
        session = get_object_or_404(sessions, code=code)
        speak(session.study)
        return view(request, session, *args, **kwargs)

    guarded.policy = "rater"  # type: ignore[attr-defined]
    return guarded


def invited(view: View) -> View:
    """Only who holds an invitation: `token` becomes `invitation`."""

    @wraps(view)
    def guarded(
        request: HttpRequest, token: str, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        invitations = Invitation.objects.select_related("study", "session")
        invitation = get_object_or_404(invitations, token=token)
        speak(invitation.study)
        return view(request, invitation, *args, **kwargs)

    guarded.policy = "invited"  # type: ignore[attr-defined]
    return guarded
