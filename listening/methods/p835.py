"""One sound on three scales: the speech signal, the background, and the whole.

The scales and their labels are those of ITU-T Recommendation P.835 (2003), made for
noise suppression: who suppresses more noise hurts the voice more, and one score for
both does not tell which it was. Each scale has a page of its own, on which the sound is
heard anew. Signal and background come first in one order in half of the sessions and in
the other order in the rest; the whole comes last. That the same sound is heard again
for each scale, and that the order changes between sessions, is as in the implementation
of P.835 for crowdsourcing by Naderi and Cutler (github.com/microsoft/P.808, template
P835_template_one_audio).
"""

from django.utils.translation import gettext_noop

from listening.methods.acr import METHOD as ACR
from listening.methods.acr import QUALITY
from listening.methods.method import (
    BACKGROUND,
    OVERALL,
    SIGNAL,
    Choice,
    Kind,
    Method,
    Scale,
)
from listening.methods.sounds import ONE

DISTORTION = (
    Choice(5, gettext_noop("Not distorted"), "5"),
    Choice(4, gettext_noop("Slightly distorted"), "4"),
    Choice(3, gettext_noop("Somewhat distorted"), "3"),
    Choice(2, gettext_noop("Fairly distorted"), "2"),
    Choice(1, gettext_noop("Very distorted"), "1"),
)
INTRUSION = (
    Choice(5, gettext_noop("Not noticeable"), "5"),
    Choice(4, gettext_noop("Slightly noticeable"), "4"),
    Choice(3, gettext_noop("Noticeable but not intrusive"), "3"),
    Choice(2, gettext_noop("Somewhat intrusive"), "2"),
    Choice(1, gettext_noop("Very intrusive"), "1"),
)

METHOD = Method(
    slug="p835",
    label="P.835: voice, background and whole of one sound",
    description="Three scores of each sound, as in ITU-T P.835: they tell noise from "
    "distortion. A session takes three times as long.",
    kind=Kind.SCORED,
    choices=QUALITY,
    sounds=ONE,
    scales=(
        Scale(
            SIGNAL,
            "Speech signal",
            DISTORTION,
            gettext_noop("Attend only to the voice. How distorted is it?"),
        ),
        Scale(
            BACKGROUND,
            "Background",
            INTRUSION,
            gettext_noop(
                "Attend only to the background. How noticeable or intrusive is it?"
            ),
        ),
        Scale(OVERALL, "Overall quality", QUALITY),
    ),
    question=ACR.question,
    introduction=gettext_noop(
        "You will hear short recordings of people speaking in noisy rooms, one at a "
        "time. There are three questions about each of them, one after the other: "
        "about the voice, about the background, and about the whole. There are no "
        "right answers."
    ),
)
