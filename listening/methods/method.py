"""What a test method is made of."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """How answers are analysed."""

    BINARY = "binary"  # A or B, perhaps a tie
    GRADED = "graded"  # a rating of several steps


@dataclass(frozen=True)
class Choice:
    value: int  # negative prefers A, positive prefers B, 0 neither; -3..3
    label: str  # the accessible name of the radio button, in English
    key: str  # the key that selects it


@dataclass(frozen=True)
class Method:
    slug: str
    label: str
    description: str
    kind: Kind
    choices: tuple[Choice, ...]

    @property
    def values(self) -> frozenset[int]:
        return frozenset(choice.value for choice in self.choices)
