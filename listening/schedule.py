"""What a schedule is made of: kinds of trials, mixtures, and trials as drawn."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices


class Kind(TextChoices):
    """All look the same to a rater, training aside. Only test trials are analysed."""

    TRAINING = "training"
    TEST = "test"
    REPEAT = "repeat", "a test trial again, A and B swapped"
    PLACEBO = "placebo", "the same sound twice"
    GOLD = "gold", "the answer is known"


Pair = tuple[str, str]  # slugs of two systems: whose preference is asked, over which

TOGETHER = 0  # in place of a comparison: all of them at once


def members(
    kind: str, comparison: Pair | None, *, gold: Pair, enhanced_first: bool
) -> Pair:
    """Return the systems whose sounds are A and B.

    `comparison` is None of a gold trial, which is about the pair `gold`. Both members
    of a placebo are the one that would be A. One sound by itself is A.
    """
    pair = comparison or gold
    a, b = pair if enhanced_first else pair[::-1]
    return (a, a) if kind == Kind.PLACEBO else (a, b)


class ImpossibleDesign(ValueError):
    """No schedule can keep the promises; the message says what is needed."""


@dataclass(frozen=True)
class Checks:
    """How many trials of a session are there to check on the rater."""

    gold: int = 0
    placebo: int = 0
    repeat: int = 0

    @property
    def total(self) -> int:
        return self.gold + self.placebo + self.repeat

    @property
    def sentences(self) -> int:
        """Sentences that only they use; a repeat has that of its test trial."""
        return self.gold + self.placebo


@dataclass(frozen=True)
class Candidate:
    """A mixture as the schedule sees it."""

    mixture: int
    snr_db: float
    sentence: str
    speaker: str = ""  # empty: not known, and unlike all others


@dataclass(frozen=True)
class Drawn:
    """One trial of the schedule; what A and B are is told by `members`."""

    kind: Kind
    comparison: int | None  # None: a gold trial; or TOGETHER
    candidate: Candidate
    enhanced_first: bool
    x_first: bool | None = None  # X is A; None: there is no X
    scale: str = ""  # on which sounds are scored; empty: they are compared
    together: tuple[str, ...] = ()  # systems in the order of the page, if all are heard

    @property
    def training(self) -> bool:
        return self.kind is Kind.TRAINING

    def repeats(self, other: Drawn) -> bool:
        """Tell if this is `other` a second time; a test trial is repeated once."""
        return (
            self.kind is Kind.REPEAT
            and other.kind is Kind.TEST
            and self.candidate == other.candidate
            and self.scale == other.scale
        )
