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


class Kind(Enum):
    """How answers are analysed."""

    BINARY = "binary"  # A or B, perhaps a tie
    GRADED = "graded"  # a rating of several steps
    IDENTIFIED = "identified"  # A or B, and one of them is right


@dataclass(frozen=True)
class Choice:
    value: int  # negative prefers A, positive prefers B, 0 neither; -3..3
    label: str  # the accessible name of the radio button, in English
    key: str  # the key that selects it


@dataclass(frozen=True)
class Method:
    """A way to ask. Question and introduction are what an experimenter begins with."""

    slug: str
    label: str
    description: str
    kind: Kind
    choices: tuple[Choice, ...]
    sounds: Sounds = PAIR
    question: str = PREFERENCE_QUESTION
    introduction: str = PREFERENCE_INTRODUCTION

    @property
    def values(self) -> frozenset[int]:
        return frozenset(choice.value for choice in self.choices)

    @property
    def has_x(self) -> bool:
        return any(sound.letter == "x" for sound in self.sounds.members)
