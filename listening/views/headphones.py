"""The page of the headphone check, and the sounds on it."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from listening import headphone_check, policies
from listening.headphone_form import HeadphoneForm
from listening.http import HtmxRequest
from listening.models import HeadphoneTrial, Session
from listening.views.audio import heard
from listening.views.session import at_step, lead_on, require_page


@never_cache
@require_page
@policies.rater
@at_step("headphones")
def check(request: HtmxRequest, session: Session) -> HttpResponse:
    """An attempt, sent in one go; whether it was right, nobody is told."""
    trials = session.headphone_trials.current()
    form = HeadphoneForm(request.POST or None, trials=trials)
    if request.method == "POST" and not form.is_meant:
        return lead_on(request, session)
    if form.is_valid():
        form.take(session, at=now())
        return lead_on(request, session)
    context = {"session": session, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "listening/session/headphones.html", context, status=status)


@require_safe
@policies.anonymous("a token is the secret of one sound of one session")
def sound(request: HttpRequest, token: str) -> HttpResponse:
    trial = get_object_or_404(HeadphoneTrial.objects.of_token(token))
    past = gettext("This sound belongs to a page that you have left.")
    return heard(trial, partial(headphone_check.sound_of, trial), past=past)
