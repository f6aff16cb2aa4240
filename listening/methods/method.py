"""What a test method is made of."""

from dataclasses import dataclass
from enum import Enum

from django.utils.translation import gettext_noop

from listening.methods.sounds import PAIR, Sounds

PREFERENCE_QUESTION = gettext_noop("Which one would you rather listen to?")
PREFERENCE_INTRODUCTION = gettext_noop(
    "You will hear short recordings of people speaking in noisy rooms, two at a time. "
    "Tell us which of the two you would rather listen to. There are no right answers."
)
# Slugs of scales
OVERALL, SIGNAL, BACKGROUND, BASIC = SCALES = (
    *("overall", "signal", "background"),  # of one sound by itself
    "basic",  # of many sounds beside a reference
)
# Slug of a scale -> its lowest and its highest score; all whole numbers between count
REACH = {OVERALL: (1, 5), SIGNAL: (1, 5), BACKGROUND: (1, 5), BASIC: (0, 100)}


class Kind(Enum):
    """How answers are analysed."""

    BINARY = "binary"  # A or B, perhaps a tie
    GRADED = "graded"  # a rating of several steps
    IDENTIFIED = "identified"  # A or B, and one of them is right
    SCORED = "scored"  # a score of a sound on a scale, or on several


@dataclass(frozen=True)
class Choice:
    value: int  # negative prefers A, positive prefers B, 0 neither; a score: 1..5
    label: str  # the accessible name of the radio button, in English
    key: str  # the key that selects it


@dataclass(frozen=True)
class Scale:
    """On what a sound is scored."""

    slug: str
    label: str  # for experimenters
    choices: tuple[Choice, ...]  # as they stand on the page; of a slider its bands
    question: str = ""  # empty: that of the study


@dataclass(frozen=True)
class Method:
    """A way to ask. Question and introduction are what an experimenter begins with."""

    slug: str
    label: str
    description: str
    kind: Kind
    choices: tuple[Choice, ...]
    sounds: Sounds = PAIR
    # On which each sound is scored; none of pairs. Of three the first two come in
    # either order
    scales: tuple[Scale, ...] = ()
    # Systems that are heard in every trial, together with all those of the study; the
    # first one is the reference, which is there openly as well
    beside: tuple[str, ...] = ()
    question: str = PREFERENCE_QUESTION
    introduction: str = PREFERENCE_INTRODUCTION

    @property
    def values(self) -> frozenset[int]:
        return frozenset(choice.value for choice in self.choices)

    def choices_on(self, scale: str) -> tuple[Choice, ...]:
        """Return the answers on a scale; of "" those by which sounds are compared."""
        found = [one.choices for one in self.scales if one.slug == scale]
        return found[0] if found else self.choices

    def question_on(self, scale: str) -> str:
        """Return the scale's own question; "" if the study's is asked."""
        return next((one.question for one in self.scales if one.slug == scale), "")

    @property
    def is_alone(self) -> bool:
        """Whether a trial has one sound: there is no other, and no side."""
        return len(self.sounds.members) == 1

    @property
    def is_together(self) -> bool:
        """Whether a trial has all systems of the study, beside a reference."""
        return bool(self.beside)

    @property
    def has_pairs(self) -> bool:
        """Whether a trial is about two systems, and not about each by itself."""
        return not self.is_alone and not self.is_together

    @property
    def has_x(self) -> bool:
        return any(sound.letter == "x" for sound in self.sounds.members)
