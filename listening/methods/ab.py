"""Two-interval forced choice: A or B."""

from django.utils.translation import gettext_noop

from listening.methods.method import Choice, Kind, Method

METHOD = Method(
    slug="ab",
    label="AB: one of the two must be preferred",
    description="Two-interval forced choice. The strongest plain test of preference.",
    kind=Kind.BINARY,
    choices=(Choice(-1, gettext_noop("A"), "1"), Choice(1, gettext_noop("B"), "2")),
)
