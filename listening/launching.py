"""From draft to closed: what a study needs before raters may come, and its moves."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.timezone import now

from listening import designs, freezing, margins, outcomes
from listening.analysis.screening import declared
from listening.enrolment import enrol, problems_of_schedule
from listening.methods import METHODS, load
from listening.models import Session, Study
from listening.simulation import simulate
from listening.together import problem_of_systems
from listening.withdrawal import erase

State = Study.State

# state to go to -> states from which one may go there
MOVES: dict[State, frozenset[State]] = {
    State.PILOT: frozenset({State.DRAFT}),
    State.DRAFT: frozenset({State.PILOT}),
    State.LIVE: frozenset({State.DRAFT, State.PILOT, State.PAUSED}),
    State.PAUSED: frozenset({State.LIVE}),
    State.CLOSED: frozenset({State.LIVE, State.PAUSED}),
}
# States in which the sessions of a pilot can be deleted: nobody new begins one
QUIET = frozenset({State.DRAFT, State.PAUSED})
DRY_RATERS = 4
# Pages with a form each, through which one walks from a new study to its launch
FORMS = frozenset(
    {"study-edit", "study-checks", "study-declaration", "study-texts", "recruiting"}
)


class LaunchRefused(Exception):
    """The study cannot make this move; `reasons` says why, a sentence each."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Step:
    """A step of the way from nothing to a study that is open."""

    title: str
    page: str  # the name of the page where it is done
    checks: tuple[Callable[[Study], str], ...] = ()  # why the study cannot open
    advice: Callable[[Study], str] = lambda study: ""  # what is better done before

    @property
    def has_form(self) -> bool:
        return self.page in FORMS


@dataclass(frozen=True)
class Standing:
    """How a step stands: done if there is neither a problem nor advice."""

    step: Step
    problems: list[str]
    advice: str

    @property
    def look(self) -> str:
        return "bad" if self.problems else "todo" if self.advice else "ok"


def checklist(study: Study) -> list[Standing]:
    """Return how every step stands, in working order."""
    return [
        Standing(
            step,
            [problem for check in step.checks if (problem := check(study))],
            step.advice(study),
        )
        for step in STEPS
    ]


def problems(study: Study) -> list[str]:
    """Return why `study` cannot open, a sentence each; empty if it can."""
    return [problem for standing in checklist(study) for problem in standing.problems]


def page_after(page: str) -> str:
    """Return the name of the page on which one goes on after `page`, of a draft."""
    pages = list(dict.fromkeys(step.page for step in STEPS if step.has_form))
    return pages[pages.index(page) + 1] if page != pages[-1] else "study"


def can_move(study: Study, state: State) -> bool:
    return study.state in MOVES[state]


@transaction.atomic
def open_study(study: Study, *, at: datetime) -> None:
    """Let raters in, under a design that is frozen when the study opens first.

    Raises LaunchRefused with the reasons if something is missing.
    """
    # what is checked is what is frozen: nobody changes it meanwhile
    _require(Study.objects.select_for_update().get(pk=study.pk))
    _move(study, State.LIVE, opened_at=Coalesce("opened_at", Value(at)))
    freezing.freeze(study, at=at)


def start_pilot(study: Study) -> None:
    """Let raters in for a rehearsal: nothing that they answer is ever a result."""
    _require(study)
    _move(study, State.PILOT)


def end_pilot(study: Study) -> None:
    """Take nobody new, and let the design be changed again."""
    _move(study, State.DRAFT)


@transaction.atomic
def discard_pilot(study: Study) -> None:
    """Delete the sessions of the pilot, with their answers and who they were.

    Raises LaunchRefused while the study is open.
    """
    held = Study.objects.select_for_update().get(pk=study.pk)
    if held.state not in QUIET:
        raise LaunchRefused(["End the pilot or pause the study first."])
    erase(held.sessions.of_pilot())


def pause_study(study: Study) -> None:
    """Let nobody new in; it can be opened again."""
    _move(study, State.PAUSED)


def close_study(study: Study, *, at: datetime) -> None:
    """End it for good."""
    _move(study, State.CLOSED, closed_at=at)


def preview(study: Study, *, at: datetime, seed: int | None = None) -> Session:
    """Begin a session that is exactly a rater's and is never counted."""
    _require(study)
    seed = secrets.randbits(32) if seed is None else seed
    return enrol(study=study, stage=Session.Stage.PREVIEW, seed=seed, at=at)


@transaction.atomic
def dry_run(study: Study, *, at: datetime) -> None:
    """Let some simulated raters go through `study`, as previews: never counted.

    Those of an earlier dry run are deleted.
    """
    _require(study)
    erase(study.sessions.of_dry_run())
    preview = Session.Stage.PREVIEW
    simulate(study, raters=DRY_RATERS, seed=study.seed, at=at, stage=preview)


def suggest_trials(comparisons: int, *, around: int = 12) -> int:
    """Return the number of trials nearest to `around` that can be balanced."""
    near = designs.suggestions(around, step=2 * max(comparisons, 1))
    return min(near, key=lambda trials: abs(trials - around))


def _require(study: Study) -> None:
    """Raise LaunchRefused unless everything that opening needs is there."""
    if found := problems(study):
        raise LaunchRefused(found)


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
        asked = study.comparisons.values_list("system", flat=True)
        there = study.stimulus_set.systems
        return problem_of_systems(load(study.method), asked, there=there)
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


def _checks_problem(study: Study) -> str:
    """Return why the trials that check on raters do not fit the method."""
    together = study.method in METHODS and load(study.method).is_together
    if not together or not study.checks.total:
        return ""
    return (
        "Every trial of this method holds the reference in hiding and its anchors: ask "
        "for no gold trials, placebos or repeats."
    )


def _rules_problem(study: Study) -> str:
    try:
        declared(study.exclusion_rules)
    except ValueError as error:
        return f"The exclusion rules cannot be applied: {error}."
    return ""


def _margin_problem(study: Study) -> str:
    if study.method not in METHODS:  # another step says so
        return ""
    found = [
        margins.problem_of(name, getattr(study, name), method=study.method)
        for name in margins.MARGINS
    ]
    return " ".join(problem for problem in found if problem)


def _end_problem(study: Study) -> str:
    if not study.has_ended(now()):
        return ""
    return f"The last day, {study.ends_on:%-d %B %Y}, is over: nobody could begin."


def _hypotheses_advice(study: Study) -> str:
    if study.hypotheses:
        return ""
    return "No hypotheses are written down: whatever is found is exploration."


def _preview_advice(study: Study) -> str:
    if study.sessions.of_preview().of_people().exists():
        return ""
    return "You have not looked at it as raters will see it."


def _dry_run_advice(study: Study) -> str:
    if study.sessions.of_dry_run().complete().exists():
        return ""
    return "No simulated raters have gone through it."


STEPS = (
    Step("Stimuli", "study-edit", (_stimuli_problem,)),
    Step(
        "Method and comparisons",
        "study-edit",
        (_method_problem, _comparisons_problem, _schedule_problem),
    ),
    Step(
        "Checks on raters",
        "study-checks",
        (_gold_problem, _checks_problem, _rules_problem),
    ),
    Step(
        "Hypotheses and stop rule",
        "study-declaration",
        (_margin_problem, _end_problem),
        _hypotheses_advice,
    ),
    Step("Texts", "study-texts"),
    Step("Recruiting", "recruiting", (outcomes.problem_of,)),
    Step("Preview", "study-preview", (), _preview_advice),
    Step("Dry run", "study-schedules", (), _dry_run_advice),
)
