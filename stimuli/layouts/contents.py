"""What a layout finds in a folder: descriptions of sounds, none of them read yet."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Sound:
    path: Path
    name: str


@dataclass(frozen=True)
class Speech(Sound):
    speaker: str = ""
    text: str = ""


@dataclass(frozen=True)
class Noise(Sound):
    kind: str = ""


@dataclass(frozen=True)
class RoomResponses(Sound):
    """Two channels: from the talker, from the noise, to one ear."""

    description: str = ""


@dataclass(frozen=True)
class NoisySpeech(Sound):
    """A finished mixture of the utterance that is called `clean`."""

    clean: str = ""
    snr_db: float | None = None


@dataclass(frozen=True)
class Facts:
    """What a corpus says of itself."""

    title: str = ""
    description: str = ""
    licence: str = ""
    synthetic: bool = False


@dataclass(frozen=True)
class Contents:
    sounds: list[Sound]
    facts: Facts = field(default_factory=Facts)
    problems: list[str] = field(default_factory=list)  # each says what to do
