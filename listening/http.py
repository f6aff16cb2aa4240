"""Types of requests after middleware and policies have done their work."""

from django.contrib.auth.models import User
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    htmx: HtmxDetails


class ExperimenterRequest(HtmxRequest):
    user: User
