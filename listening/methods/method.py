"""What a test method is made of."""

from dataclasses import dataclass
from enum import Enum

PREFERENCE_QUESTION = "Which one would you rather listen to?"
PREFERENCE_INTRODUCTION = (
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
    label: str  # the accessible name of the radio button
    key: str  # the key that selects it


@dataclass(frozen=True)
class Method:
    slug: str
    label: str
    description: str
    kind: Kind
    choices: tuple[Choice, ...]
    members: tuple[str, ...] = ("a", "b")  # the sounds of a trial, in order
    question: str = PREFERENCE_QUESTION  # unless the experimenter asks another
    introduction: str = PREFERENCE_INTRODUCTION

    @property
    def values(self) -> frozenset[int]:
        return frozenset(choice.value for choice in self.choices)

    @property
    def has_x(self) -> bool:
        return "x" in self.members
