"""AB with a third answer for those who hear no difference or do not mind."""

from django.utils.translation import gettext_noop

from listening.methods.method import Choice, Kind, Method

METHOD = Method(
    slug="ab-tie",
    label="AB with “No preference”",
    description="Ties are kept as an answer of their own and are never split.",
    kind=Kind.BINARY,
    choices=(
        Choice(-1, gettext_noop("A"), "1"),
        Choice(0, gettext_noop("No preference"), "2"),
        Choice(1, gettext_noop("B"), "3"),
    ),
)
