"""Which margins a method's answers can be held against."""

from __future__ import annotations

from listening import methods
from listening.methods import Kind

# Margin of a study -> kinds of methods that it is for, and what to say to the others
MARGINS = {
    "equivalence_margin": (
        {Kind.BINARY, Kind.GRADED},
        "This method asks for no preference.",
    ),
    "rating_margin": ({Kind.GRADED}, "Only graded answers have a mean rating."),
}


def problem_of(name: str, margin: float | None, *, method: str) -> str:
    """Return why `margin` says nothing of such a method's answers; empty if it does."""
    kinds, problem = MARGINS[name]
    if margin is None or methods.load(method).kind in kinds:
        return ""
    return problem
