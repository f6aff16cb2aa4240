"""Sounds for ears. Of two members of a trial nothing differs but the samples."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from listening import policies, soundcheck
from listening.answering import StudyClosed, require_open
from listening.models import Session, Trial
from stimuli.models import Stimulus


@require_safe
@policies.anonymous("a token is the secret of one trial and member")
def audio(request: HttpRequest, token: str) -> HttpResponse:
    trial = get_object_or_404(Trial.objects.of_token(token))
    try:
        require_open(trial.session)
    except StudyClosed as closed:
        return gone(str(closed))
    if not trial.is_audible:
        return gone(_("This sound belongs to a pair that is not on your screen."))
    stimulus = get_object_or_404(
        Stimulus.objects.rendered(),
        mixture=trial.mixture_id,
        system=trial.system_of(token),
    )
    return wav(stimulus.path.read_bytes())


@require_safe
@policies.rater
def test_sound(request: HttpRequest, session: Session) -> HttpResponse:
    return wav(soundcheck.test_sound(session.study.stimulus_set.level_db))


def wav(content: bytes) -> HttpResponse:
    """Return a whole sound: no validators, no name, nothing kept by caches."""
    response = HttpResponse(content, content_type="audio/wav")
    response["Cache-Control"] = "private, no-store"
    return response


def gone(words: str) -> HttpResponse:
    response = HttpResponse(words, content_type="text/plain", status=410)
    response["Cache-Control"] = "private, no-store"
    return response
