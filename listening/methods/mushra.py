"""Many sounds of one utterance, scored from 0 to 100 beside an open reference.

ITU-R Recommendation BS.1534-3 (2015), "Method for the subjective assessment of
intermediate quality level of audio systems" (MUSHRA). In every trial there are all
systems, the reference once more among them, and its two anchors; one may switch at any
moment, without a cross-fade (section 5.3), and moves only the slider of what is heard
(5.4). The scale is the continuous quality scale: five equal bands.

The reference is the speech without its noise: what a perfect system would make.
"""

from django.utils.translation import gettext_noop

from listening.methods.method import BASIC, Choice, Kind, Method, Scale
from listening.methods.sounds import MANY

REFERENCE, LOW, MID = BESIDE = ("clean", "anchor-3.5k", "anchor-7k")
MOST = 9  # systems under test in a trial of at most 12 sounds (section 5.3)

# Where each band begins, from the left of a slider to its right
BANDS = (
    Choice(0, gettext_noop("Bad"), ""),
    Choice(20, gettext_noop("Poor"), ""),
    Choice(40, gettext_noop("Fair"), ""),
    Choice(60, gettext_noop("Good"), ""),
    Choice(80, gettext_noop("Excellent"), ""),
)

METHOD = Method(
    slug="mushra",
    label="MUSHRA: all systems on sliders, beside a reference",
    description="ITU-R BS.1534-3: precise for the listening, in long trials. Asks how "
    "near each system comes to the clean speech.",
    kind=Kind.SCORED,
    choices=(),
    sounds=MANY,
    scales=(Scale(BASIC, "Basic audio quality", BANDS),),
    beside=BESIDE,
    question=gettext_noop("How good is each sound, compared with the reference?"),
    introduction=gettext_noop(
        "You will hear a recording of somebody speaking, the reference, and several "
        "versions of it. Score each version from 0 to 100: 100 if it sounds the same "
        "as the reference, less the more it differs. One of the versions is the "
        "reference itself, so at least one of them is to get 100."
    ),
)
