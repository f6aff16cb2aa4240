"""Taking everything back: the code, a question whether it is meant, and it is gone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from listening import policies
from listening.models import Session
from listening.rater_forms import WithdrawalForm
from listening.withdrawal import withdraw

TEMPLATE = "listening/session/withdraw.html"
UNKNOWN = _(
    "No session has this code. Please look at it again; if everything was deleted "
    "before, it is no longer known."
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@policies.anonymous("the code is the rater's secret, typed into the page")
def form(request: HttpRequest) -> HttpResponse:
    """Codes are never part of an address: addresses stay in histories."""
    if request.method != "POST":
        return render(request, TEMPLATE, {"form": WithdrawalForm()})
    form = WithdrawalForm(request.POST)
    if not form.is_valid():
        return render(request, TEMPLATE, {"form": form}, status=422)
    typed = form.cleaned_data["code"]
    sessions = Session.objects.select_related("study", "rater")
    session = sessions.of_withdrawal_code(typed).first()
    if session is None:
        form.add_error("code", str(UNKNOWN))
        return render(request, TEMPLATE, {"form": form}, status=404)
    if not form.cleaned_data["confirmed"]:
        answers = session.trials.answered().count()
        context = {"form": form, "session": session, "answers": answers}
        return render(request, TEMPLATE, context)
    withdraw(session)
    response = render(request, TEMPLATE, {"gone": True})
    code = session.study.code
    response.delete_cookie(f"session-{code}", path=reverse("join", args=[code]))
    return response
