"""From draft to closed: what a study needs before raters may come, and its moves."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Value
from django.db.models.functions import Coalesce

from listening import designs, outcomes
from listening.analysis.screening import declared
from listening.enrolment import enrol, problems_of_schedule
from listening.methods import METHODS
from listening.models import Session, Study
from listening.withdrawal import erase

State = Study.State

# state to go to -> states from which one may go there
MOVES: dict[State, frozenset[State]] = {
    State.LIVE: frozenset({State.DRAFT, State.PILOT, State.PAUSED}),
    State.PAUSED: frozenset({State.PILOT, State.LIVE}),
    State.CLOSED: frozenset({State.PILOT, State.LIVE, State.PAUSED}),
}


class LaunchRefused(Exception):
    """The study cannot make this move; `reasons` says why, a sentence each."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Check:
    title: str
    problem: str  # empty if there is none


def checklist(study: Study) -> list[Check]:
    """Return everything that must be right before `study` opens, in working order."""
    return [Check(title, check(study)) for title, check in CHECKS.items()]


def problems(study: Study) -> list[str]:
    """Return why `study` cannot open, a sentence each; empty if it can."""
    return [check.problem for check in checklist(study) if check.problem]


def is_frozen(study: Study) -> bool:
    """Whether the design stands: it was opened once, or somebody took part."""
    return study.opened_at is not None or has_raters(study)


def has_raters(study: Study) -> bool:
    """Whether anybody but the experimenter has begun a session."""
    return study.sessions.exclude(stage=Session.Stage.PREVIEW).exists()


def can_move(study: Study, state: State) -> bool:
    return study.state in MOVES[state]


def open_study(study: Study, *, at: datetime) -> None:
    """Let raters in. Raises LaunchRefused with the reasons if something is missing."""
    if found := problems(study):
        raise LaunchRefused(found)
    _move(study, State.LIVE, opened_at=Coalesce("opened_at", Value(at)))


def pause_study(study: Study) -> None:
    """Let nobody new in; it can be opened again."""
    _move(study, State.PAUSED)


def close_study(study: Study, *, at: datetime) -> None:
    """End it for good."""
    _move(study, State.CLOSED, closed_at=at)


def preview(study: Study, *, at: datetime, seed: int | None = None) -> Session:
    """Begin a session that is exactly a rater's and is never counted."""
    wanting = problems(study)
    if wanting:
        raise LaunchRefused(wanting)
    seed = secrets.randbits(32) if seed is None else seed
    return enrol(study=study, stage=Session.Stage.PREVIEW, seed=seed, at=at)


def discard_previews(study: Study) -> None:
    """Delete the experimenter's own looks: they hold on to comparisons and mixtures."""
    erase(study.sessions.filter(stage=Session.Stage.PREVIEW))


def suggest_trials(comparisons: int, *, around: int = 12) -> int:
    """Return the number of trials nearest to `around` that can be balanced."""
    near = designs.suggestions(around, step=2 * max(comparisons, 1))
    return min(near, key=lambda trials: abs(trials - around))


def _move(study: Study, state: State, **fields: object) -> None:
    """Change the state by one conditional update: of two clicks one counts."""
    movable = Study.objects.filter(pk=study.pk, state__in=MOVES[state])
    if not movable.update(state=state, **fields):
        study.refresh_from_db()
        raise LaunchRefused(
            [f"A study that is {study.state} cannot become {state.value}."]
        )
    study.refresh_from_db()


def _stimuli_problem(study: Study) -> str:
    stimulus_set = study.stimulus_set
    if stimulus_set.is_ready:
        return ""
    return (
        f"The stimulus set {stimulus_set.slug} is not ready "
        f"({stimulus_set.get_state_display()}): generate it first."
    )


def _comparisons_problem(study: Study) -> str:
    comparisons = list(study.comparisons.all())
    if not comparisons:
        return "There are no comparisons: choose at least one pair of systems."
    wanted = {system for c in comparisons for system in c.systems}
    missing = sorted(wanted - set(study.stimulus_set.systems))
    if missing:
        return (
            f"The stimulus set {study.stimulus_set.slug} has no "
            f"{', '.join(missing)}: edit the comparisons."
        )
    return ""


def _method_problem(study: Study) -> str:
    if study.method in METHODS:
        return ""
    return f"There is no method “{study.method}”: choose one of {', '.join(METHODS)}."


def _schedule_problem(study: Study) -> str:
    """Return why no session can be drawn: the rules are the schedule's own."""
    if _method_problem(study):  # it says so itself
        return ""
    if not study.comparisons.exists():
        return "Without comparisons there is nothing to draw."
    return " ".join(problems_of_schedule(study))


def _gold_problem(study: Study) -> str:
    """Return why trials whose answer is known have no sounds."""
    missing = sorted(set(study.gold_pair) - set(study.stimulus_set.systems))
    if not study.gold_trials or not missing:
        return ""
    return (
        f"The stimulus set {study.stimulus_set.slug} has no {', '.join(missing)}, "
        "which gold trials need: generate a set with it, or declare other systems or "
        "no gold trials."
    )


def _rules_problem(study: Study) -> str:
    try:
        declared(study.exclusion_rules)
    except ValueError as error:
        return f"The exclusion rules cannot be applied: {error}."
    return ""


CHECKS: dict[str, Callable[[Study], str]] = {
    "Stimuli are generated": _stimuli_problem,
    "A method is chosen": _method_problem,
    "Comparisons are chosen": _comparisons_problem,
    "Trials with a known answer have their sounds": _gold_problem,
    "Exclusion rules are declared": _rules_problem,
    "Sessions can be drawn": _schedule_problem,
    "Raters can be sent back": outcomes.problem_of,
}
