"""What the commands about stimulus sets share."""

from argparse import ArgumentTypeError

from django.core.management.base import CommandError

from stimuli.models import StimulusSet


def find_set(slug: str) -> StimulusSet:
    """Return the set called `slug`; a `CommandError` that lists the sets if none is."""
    found = StimulusSet.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(
            StimulusSet.objects.order_by("slug").values_list("slug", flat=True)
        )
        raise CommandError(
            f"There is no stimulus set “{slug}”. "
            + (f"There are: {known}." if known else "Make one in the admin first.")
        )
    return found


def positive(text: str) -> int:
    """Return a whole number of 1 or more, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is not a whole number of 1 or more")
    return int(text)
