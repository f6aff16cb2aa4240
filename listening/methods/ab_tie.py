"""AB with a third answer for those who hear no difference or do not mind."""

from listening.methods.method import Choice, Kind, Method

METHOD = Method(
    slug="ab-tie",
    label="AB with “No preference”",
    description="Ties are kept as an answer of their own and are never split.",
    kind=Kind.BINARY,
    choices=(
        Choice(-1, "A", "1"),
        Choice(0, "No preference", "2"),
        Choice(1, "B", "3"),
    ),
)
