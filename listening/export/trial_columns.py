"""What is told of a trial and of its answer: the columns that `analyze` reads first."""

from __future__ import annotations

from operator import attrgetter

from listening import methods
from listening.export.table import Column
from listening.methods import Kind
from listening.models import Trial


def preferred(trial: Trial) -> int | None:
    """Return 1 for the system, 0 for the reference, None for no preference.

    None of a placebo as well, in which neither can be preferred.
    """
    if kind_of(trial) is not Kind.BINARY or is_placebo(trial):
        return None
    if trial.response.value == 0:
        return None
    return int(trial.response.towards_enhanced > 0)


def rating(trial: Trial) -> int | None:
    if is_placebo(trial) or kind_of(trial) is not Kind.GRADED:
        return None
    return trial.response.towards_enhanced


def score(trial: Trial) -> int | None:
    if trial.told:
        return trial.told.score
    return trial.response.value if trial.scale else None


def listened(trial: Trial) -> float | None:
    return trial.told.listened_s if trial.told else None


def correct(trial: Trial) -> int | None:
    """Return 1 if X was found, else 0; None of a placebo, and where there is no X."""
    if is_placebo(trial) or trial.response.correct is None:
        return None
    return int(trial.response.correct)


def x_first(trial: Trial) -> int | None:
    """Return 1 if X was A, else 0; None where both are the same or there is no X."""
    if is_placebo(trial) or trial.x_first is None:
        return None
    return int(trial.x_first)


def is_placebo(trial: Trial) -> bool:
    return trial.kind == Trial.Kind.PLACEBO


def system_and_reference(trial: Trial) -> tuple[str, str]:
    """Return whose preference is asked and over what; of a placebo the same twice.

    What is scored is the sound of a system, and there is no reference.
    """
    if trial.told:
        return trial.told.system, ""
    if trial.scale:
        return trial.members[0], ""
    return trial.members if is_placebo(trial) else trial.pair


def kind_of(trial: Trial) -> Kind:
    return methods.load(trial.session.study.method).kind


# Counted by the browser while the trial was on the screen, and sent with the answer
LISTENING = {
    "plays": "times the pair was begun or gone on with",
    "seeks": "times the rater went to another place in the sound",
    "absences": "times the page was hidden or lost the focus",
    "device_changes": "times a sound device was plugged or unplugged",
    "underruns": "times the sound faltered",
    "context_rate_hz": "sample rate at which the browser played, Hz",
}

OF_TRIALS = (
    Column("rater", "random code of the rater", lambda t: t.session.rater.code),
    Column("utterance", "what was spoken", lambda t: t.mixture.utterance.name),
    Column(
        "system",
        "whose preference or score is asked",
        lambda t: system_and_reference(t)[0],
    ),
    Column(
        "reference",
        "what it is compared to; empty for scores",
        lambda t: system_and_reference(t)[1],
    ),
    Column("snr_db", "nominal SNR of the mixture, dB", lambda t: t.mixture.snr_db),
    Column(
        "enhanced_first",
        "1 if A was the system, 0 if B was; empty for placebos and scores",
        lambda t: None if is_placebo(t) or t.scale else int(t.enhanced_first),
    ),
    Column(
        "preferred",
        "1 system, 0 reference, empty for no preference or graded answers",
        preferred,
    ),
    Column("rating", "graded answers: -3..3, positive for the system", rating),
    Column(
        "scale", "of scores: overall, signal, background or basic", lambda t: t.scale
    ),
    Column("score", "of a sound: 1 to 5, the best; basic 0 to 100", score),
    Column(
        "place",
        "of one of many sounds: its number on the page, from 1",
        lambda t: t.told and t.told.place,
    ),
    Column("listened_s", "of one of many sounds: seconds it was audible", listened),
    Column("x_first", "ABX: 1 if X was A, 0 if it was B", x_first),
    Column("correct", "ABX: 1 if the answer was right, else 0", correct),
    Column(
        "simulated",
        "1 if a program answered, 0 if a person did",
        lambda t: int(t.session.rater.simulated),
    ),
    Column("session", "number of the session", lambda t: t.session_id),
    Column("position", "place in the session, from 1", lambda t: t.position),
    Column("kind", "test, training, gold, placebo or repeat", lambda t: t.kind),
    Column("repeats", "of a repeat: position of its first time", lambda t: t.repeats),
    Column("mixture", "number of the mixture in its set", lambda t: t.mixture.index),
    Column(
        "measured_snr_db",
        "SNR of the mixture as measured, dB",
        lambda t: t.mixture.measured_snr_db,
    ),
    Column("speaker", "who spoke", lambda t: t.mixture.utterance.speaker),
    Column(
        "noise",
        "noise recording; empty for mixtures that came finished",
        lambda t: t.mixture.noise.name if t.mixture.noise else "",
    ),
    Column(
        "value",
        "answer as given: -3..3, negative for A, positive for B, 0 for neither; of "
        "scores 1..5; empty where a trial has many",
        lambda t: t.response.value,
    ),
    Column(
        "listened_a_s",
        "seconds A was audible; of many sounds the open reference",
        lambda t: t.response.listened_a_s,
    ),
    Column("listened_b_s", "seconds B was audible", lambda t: t.response.listened_b_s),
    Column("listened_x_s", "seconds X was audible", lambda t: t.response.listened_x_s),
    Column(
        "switches",
        "times the rater went from one member to another",
        lambda t: t.response.switches,
    ),
    *(
        Column(name, words, attrgetter(f"response.{name}"))
        for name, words in LISTENING.items()
    ),
    Column(
        "response_time_s",
        "seconds from the page's arrival to the answer, by the browser",
        lambda t: t.response.response_time_s,
    ),
    Column("shown_at", "when it was shown, UTC", lambda t: t.shown_at),
    Column(
        "answered_at", "when it was answered, UTC", lambda t: t.response.answered_at
    ),
)
