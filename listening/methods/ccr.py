"""Comparison category rating in seven steps, the scale of the TinyLSTMs study.

The paper's scale runs from strongly preferring the unprocessed to strongly preferring
the enhanced member [Fedorov et al., TinyLSTMs, Interspeech 2020, figure 2]; here the
rater sees A and B, and the answer is turned when it is analysed.
"""

from django.utils.translation import gettext_noop

from listening.methods.method import Choice, Kind, Method

METHOD = Method(
    slug="ccr",
    label="CCR: seven steps from A to B",
    description="Graded preference: more precise for the same listening.",
    kind=Kind.GRADED,
    choices=(
        Choice(-3, gettext_noop("Strongly prefer A"), "1"),
        Choice(-2, gettext_noop("Moderately prefer A"), "2"),
        Choice(-1, gettext_noop("Slightly prefer A"), "3"),
        Choice(0, gettext_noop("No preference"), "4"),
        Choice(1, gettext_noop("Slightly prefer B"), "5"),
        Choice(2, gettext_noop("Moderately prefer B"), "6"),
        Choice(3, gettext_noop("Strongly prefer B"), "7"),
    ),
)
