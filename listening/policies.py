"""Who may see a page. Every view of ours carries one of these decorators.

A decorator hands on what it found, so that the check cannot be skipped, and leaves its
name on the view as `policy`; `tests/test_architecture.py` reads all of them.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
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


def staff(view: View) -> View:
    """Only who may enter the administration; for others there is no such page."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_staff:
            raise Http404
        return view(request, *args, **kwargs)

    guarded.policy = "staff"  # type: ignore[attr-defined]
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
    sessions = Session.objects.select_related("study", "rater")
    return _holder_of("code", sessions, view, policy="rater")


def invited(view: View) -> View:
    """Only who holds an invitation: `token` becomes `invitation`."""
    invitations = Invitation.objects.select_related("study", "session")
    return _holder_of("token", invitations, view, policy="invited")


def _holder_of(secret: str, rows: QuerySet[Any], view: View, *, policy: str) -> View:
    """Hand on the row whose `secret` is in the address, and speak its language."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row = get_object_or_404(rows.all(), **{secret: kwargs.pop(secret)})
        speak(row.study)
        return view(request, row, *args, **kwargs)

    guarded.policy = policy  # type: ignore[attr-defined]
    return guarded
