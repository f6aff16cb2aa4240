"""Absolute category rating: one sound at a time, from Bad (1) to Excellent (5).

The listening-quality scale of ITU-T Recommendation P.800 (1996), annex B, whose mean is
the mean opinion score. It is asked of every system that is named in the comparisons,
the unprocessed speech among them: a score says little but beside other scores of the
same raters.
"""

from django.utils.translation import gettext_noop

from listening.methods.method import OVERALL, Choice, Kind, Method, Scale
from listening.methods.sounds import ONE

QUALITY = (
    Choice(5, gettext_noop("Excellent"), "5"),
    Choice(4, gettext_noop("Good"), "4"),
    Choice(3, gettext_noop("Fair"), "3"),
    Choice(2, gettext_noop("Poor"), "2"),
    Choice(1, gettext_noop("Bad"), "1"),
)

METHOD = Method(
    slug="acr",
    label="ACR: the quality of one sound, in five steps",
    description="Mean opinion scores, as in ITU-T P.800: known to everybody, and less "
    "precise than comparisons.",
    kind=Kind.SCORED,
    choices=QUALITY,
    sounds=ONE,
    scales=(Scale(OVERALL, "Overall quality", QUALITY),),
    question=gettext_noop("How good is the overall quality of this recording?"),
    introduction=gettext_noop(
        "You will hear short recordings of people speaking in noisy rooms, one at a "
        "time. Tell us how good each of them sounds to you. There are no right answers."
    ),
)
