"""The sounds of a trial: how many there are, and what the page says of them.

Texts are in English; the page shows them in the rater's language.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_noop


@dataclass(frozen=True)
class Sound:
    letter: str  # in the database, in events and on the keyboard
    play: str  # the accessible name of its button
    playing: str
    heard: str  # the accessible name of the bar that fills while it is heard


@dataclass(frozen=True)
class Sounds:
    """The sounds of a trial, in the order in which they are on the page."""

    members: tuple[Sound, ...]
    hint: str  # until all were heard
    early: str  # to who answers before that
    go_on: str  # after a pause that the page made


A = Sound(
    "a", gettext_noop("Play A"), gettext_noop("Playing A"), gettext_noop("A heard")
)
B = Sound(
    "b", gettext_noop("Play B"), gettext_noop("Playing B"), gettext_noop("B heard")
)
X = Sound(
    "x", gettext_noop("Play X"), gettext_noop("Playing X"), gettext_noop("X heard")
)

ALONE = Sound("a", gettext_noop("Play"), gettext_noop("Playing"), gettext_noop("Heard"))

ONE = Sounds(
    members=(ALONE,),
    hint=gettext_noop("Listen, then answer."),
    early=gettext_noop("Listen before you answer"),
    go_on=gettext_noop("Press Play to go on."),
)
PAIR = Sounds(
    members=(A, B),
    hint=gettext_noop("Listen to both, then answer."),
    early=gettext_noop("Listen to both before you answer"),
    go_on=gettext_noop("Play A or B to go on."),
)
PAIR_AND_X = Sounds(
    members=(A, B, X),
    hint=gettext_noop("Listen to all three, then answer."),
    early=gettext_noop("Listen to all three before you answer"),
    go_on=gettext_noop("Play A, B or X to go on."),
)
MANY = Sounds(
    members=(),  # drawn with the trial: the reference, and as many as there are
    hint=gettext_noop("Listen to the reference and to every version, and score each."),
    early=gettext_noop("Listen to the reference and to every version first"),
    go_on=gettext_noop("Play any of them to go on."),
)
