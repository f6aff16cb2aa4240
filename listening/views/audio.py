"""Sounds for ears. Of two members of a trial nothing differs but the samples."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from listening import policies, soundcheck
from listening.answering import StudyClosed, require_open
from listening.models import HeadphoneTrial, Session, Trial
from stimuli.models import Stimulus


@require_safe
@policies.anonymous("a token is the secret of one trial and member")
def audio(request: HttpRequest, token: str) -> HttpResponse:
    trial = get_object_or_404(Trial.objects.of_token(token))

    def content() -> bytes:
        stimulus = get_object_or_404(
            Stimulus.objects.rendered(),
            mixture=trial.mixture_id,
            system=trial.system_of(token),
        )
        return stimulus.path.read_bytes()

    past = _("This sound belongs to a question that is not on your screen.")
    return heard(trial, content, past=past)


def heard(
    trial: Trial | HeadphoneTrial, content: Callable[[], bytes], *, past: str
) -> HttpResponse:
    """Return the sound of a trial, if it may be heard now; else why not."""
    try:
        require_open(trial.session)
    except StudyClosed as closed:
        return gone(str(closed))
    return wav(content()) if trial.is_audible else gone(past)


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
