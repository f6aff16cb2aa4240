"""Which language a page speaks: the study's, else the browser's, among those shipped.

What experimenters see is in English. What a rater reads goes through gettext; the
catalogues are in `listening/locale`, and tests hold them against the texts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from listening.models import Study

# Policies of pages that somebody may see who is no experimenter
FOR_EVERYBODY = ("anonymous", "rater", "invited")


def speak(study: Study) -> None:
    """Go on in the language of `study`, if it declares one."""
    if study.language:
        translation.activate(study.language)


class Language:
    """Middleware: the browser's language for raters and error pages, else English."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(translation.get_language_from_request(request)):
            response = self.get_response(request)
            if response.get("Content-Type", "").startswith("text/html"):
                response["Content-Language"] = translation.get_language() or ""
                patch_vary_headers(response, ["Accept-Language"])
            return response

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: list[Any],
        kwargs: dict[str, Any],
    ) -> None:
        if not getattr(view, "policy", "").startswith(FOR_EVERYBODY):
            translation.activate(settings.LANGUAGE_CODE)
