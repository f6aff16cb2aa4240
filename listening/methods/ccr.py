"""Comparison category rating in seven steps, the scale of the TinyLSTMs study.

The paper's scale runs from strongly preferring the unprocessed to strongly preferring
the enhanced member [Fedorov et al., TinyLSTMs, Interspeech 2020, figure 2]; here the
rater sees A and B, and the answer is turned when it is analysed.
"""

from listening.methods.method import Choice, Kind, Method

METHOD = Method(
    slug="ccr",
    label="CCR: seven steps from A to B",
    description="Graded preference: more precise for the same listening.",
    kind=Kind.GRADED,
    choices=(
        Choice(-3, "Strongly prefer A", "1"),
        Choice(-2, "Moderately prefer A", "2"),
        Choice(-1, "Slightly prefer A", "3"),
        Choice(0, "No preference", "4"),
        Choice(1, "Slightly prefer B", "5"),
        Choice(2, "Moderately prefer B", "6"),
        Choice(3, "Strongly prefer B", "7"),
    ),
)
