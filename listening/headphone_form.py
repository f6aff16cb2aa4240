"""The headphone check as a form: a question for each sound, answered in one go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from listening import headphone_answering
from listening.headphones import ANTIPHASE, BOTH, HUGGINS, LEFT, RIGHT, SIDE
from listening.models import HeadphoneTrial, Session

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as Words

WARNED = "warned"  # in place of an attempt: there is none left


@dataclass(frozen=True)
class Asked:
    """What is said and asked of a kind of sounds."""

    heading: Words
    words: Words
    question: Words
    choices: tuple[tuple[int, Words], ...]


INTERVALS = ((1, _("First")), (2, _("Second")), (3, _("Third")))
ASKED = {
    SIDE: Asked(
        _("Left or right?"),
        _("You hear a noise three times, each time in the same place."),
        _("In which ear do you hear the noise?"),
        ((LEFT, _("Left")), (RIGHT, _("Right")), (BOTH, _("Both"))),
    ),
    HUGGINS: Asked(
        _("Which noise hides a tone?"),
        _(
            "You hear three noises, one after the other. In one of them there is a "
            "faint tone. It is hard to hear: listen as often as you like, and guess if "
            "you have to."
        ),
        _("Which noise hides a tone?"),
        INTERVALS,
    ),
    ANTIPHASE: Asked(
        _("Which tone is the softest?"),
        _(
            "You hear three tones, one after the other. One of them is softer than the "
            "others. Listen as often as you like, and guess if you have to."
        ),
        _("Which tone is the softest?"),
        INTERVALS,
    ),
}


@dataclass(frozen=True)
class Question:
    """A sound with its question, as it stands on the page."""

    trial: HeadphoneTrial
    field: forms.BoundField


@dataclass(frozen=True)
class Section:
    """Sounds of a kind that follow each other."""

    asked: Asked
    questions: list[Question]


class HeadphoneForm(forms.Form):
    """The attempt `trials`; without any, the warning that ends the check."""

    def __init__(self, data: Any = None, *, trials: Sequence[HeadphoneTrial]) -> None:
        super().__init__(data)
        self.trials = trials
        for trial in trials:
            asked = ASKED[trial.kind]
            self.fields[name_of(trial)] = forms.TypedChoiceField(
                coerce=int,
                choices=asked.choices,
                label=asked.question,
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("Please answer this one, too."),
                    "invalid_choice": _("This is none of the answers."),
                },
            )

    @property
    def attempt(self) -> str:
        """What is sent with the answers to tell which attempt they are about."""
        return name_of_attempt(self.trials[0]) if self.trials else WARNED

    @property
    def is_again(self) -> bool:
        """Whether the check was passed, or was behind the rater, before."""
        return bool(self.trials) and self.trials[0].round > 1

    @property
    def is_second(self) -> bool:
        """Whether an attempt of this round failed before."""
        return bool(self.trials) and self.trials[0].attempt > 1

    @property
    def is_meant(self) -> bool:
        """Whether what was sent is about this attempt: else it is a repetition."""
        return self.data.get("attempt") == self.attempt

    def sections(self) -> Iterator[Section]:
        for kind, trials in groupby(self.trials, key=lambda trial: trial.kind):
            questions = [Question(t, self[name_of(t)]) for t in trials]
            yield Section(ASKED[kind], questions)

    def take(self, session: Session, *, at: datetime) -> None:
        """Keep the answers, or that the warning was read."""
        if not self.trials:
            headphone_answering.go_on(session, at=at)
            return
        answers = {t.position: self.cleaned_data[name_of(t)] for t in self.trials}
        asked = self.trials[0].asked
        headphone_answering.take(session, asked=asked, answers=answers, at=at)


def name_of(trial: HeadphoneTrial) -> str:
    return f"answer-{trial.position}"


def name_of_attempt(trial: HeadphoneTrial) -> str:
    return f"{trial.round}.{trial.attempt}"
