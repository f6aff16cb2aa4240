"""From a fresh clone to running studies: every step looks first at what there is.

Killed in the middle it goes on where it was; run again it changes nothing that somebody
has touched since.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import transaction
from django.utils.timezone import now

from listening.blinding import unblind
from listening.launching import open_study
from listening.models import Comparison, Session, Study
from listening.simulation import simulate
from stimuli import bundled
from stimuli.generation import Progress, prepare, render_with, retry
from stimuli.importing import import_corpus
from stimuli.models import Corpus, StimulusSet

ADMIN = "admin"
SET = "demo"
SNRS_DB = [-6, -3, 0, 3, 6, 9]
UTTERANCES_PER_SNR = 6
SYSTEMS = [
    "unprocessed",
    "tinylstm",
    "tinylstm-pruned",
    "tinylstm-int8-1",
    "tinylstm-int8-2",
    "tinylstm-skip",
    "log-mmse",
]
MARGIN = 0.1  # of shares of preference, within which systems count as equally good
ANCHORS = ["clean", "lowpass-3.5k"]  # for trials whose answer is known
# What is declared of the raters of both studies
CHECKS: dict[str, Any] = {
    "gold_trials": 2,
    "placebo_trials": 1,
    "repeat_trials": 2,
    "exclusion_rules": {"gold": {"use": 0.4, "pay": 0.7}, "heard": {"use": 0.2}},
}
RATERS = 96  # simulated ones in each study
JOBS = 2
# Whoever tries the demo as a rater shall see the results all the same
WHY_SEEN = "A demonstration, rated by programs: there is nothing to hide."

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """A study of the demo: three comparisons, so that a rater meets each twice."""

    slug: str
    method: str
    title: str
    seed: int
    comparisons: tuple[tuple[str, str], ...]  # is the first preferred to the second?


# The first asks directly what compression costs; the second puts the same two and a
# classical system on the scale of the TinyLSTMs' listening study.
PLANS = (
    Plan(
        "demo",
        "ab",
        "Does a small network help, and does compressing it cost anything?",
        1,
        (
            ("tinylstm", "unprocessed"),
            ("tinylstm-int8-2", "unprocessed"),
            ("tinylstm-int8-2", "tinylstm"),
        ),
    ),
    Plan(
        "demo-ccr",
        "ccr",
        "How much does enhancement help?",
        2,
        (
            ("tinylstm", "unprocessed"),
            ("tinylstm-int8-2", "unprocessed"),
            ("log-mmse", "unprocessed"),
        ),
    ),
)


@dataclass(frozen=True)
class Demo:
    studies: dict[str, Study]  # by slug
    password: str | None  # of the user ADMIN; None if it is no longer the one we made


def build(say: Say, *, on_progress: Callable[[Progress], None] | None = None) -> Demo:
    """Make whatever is missing of the demo; `say` is told what happens.

    Raises StimuliFailed if a stimulus could not be rendered.
    """
    say("Preparing the database.")
    call_command("migrate", interactive=False, verbosity=0)
    owner, password = own()
    stimulus_set = describe_stimuli(import_speech(say))
    render(stimulus_set, say, on_progress=on_progress)
    studies = {plan.slug: run(plan, owner, stimulus_set, say) for plan in PLANS}
    return Demo(studies, password)


class StimuliFailed(Exception):
    """Not all stimuli of the demo could be rendered."""


def own() -> tuple[User, str | None]:
    """Return the admin, made if there is none, and the password if it is still ours."""
    kept = Path(settings.DATA_DIR) / "demo-password"
    user = User.objects.filter(username=ADMIN).first()
    if user is None:
        password = keep(kept, secrets.token_urlsafe(9))
        return User.objects.create_superuser(ADMIN, password=password), password
    password = kept.read_text() if kept.exists() else ""
    return user, password if password and user.check_password(password) else None


def keep(path: Path, secret: str) -> str:
    """Return the secret in the file `path`; `secret`, written there, if there is none.

    Nobody but the file's owner can read it, at no moment.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        if text := path.read_text():
            return text
    path.write_text(secret)
    return secret


def import_speech(say: Say) -> Corpus:
    """Return the bundled corpus, imported if it is not there yet."""
    found = Corpus.objects.filter(slug=bundled.SLUG).first()
    if found is not None:
        return found
    say("Importing the bundled corpus.")
    import_corpus(slug=bundled.SLUG, path=bundled.PATH, layout="clean")
    return Corpus.objects.get(slug=bundled.SLUG)


def describe_stimuli(corpus: Corpus) -> StimulusSet:
    """Return the stimulus set of the demo, rendered or not."""
    described = {
        "title": "Living room, demo",
        "corpus": corpus,
        "snrs_db": SNRS_DB,
        "utterances_per_snr": UTTERANCES_PER_SNR,
        "systems": [*SYSTEMS, *ANCHORS],
    }
    return StimulusSet.objects.get_or_create(slug=SET, defaults=described)[0]


def render(
    stimulus_set: StimulusSet,
    say: Say,
    *,
    on_progress: Callable[[Progress], None] | None = None,
) -> None:
    """Render what is not rendered yet."""
    if stimulus_set.is_ready:
        return
    say("Mixing, enhancing and scoring the stimuli: a minute or two.")
    prepare(stimulus_set)
    retry(stimulus_set)
    try:
        render_with(stimulus_set, jobs=JOBS, on_progress=on_progress)
    except BrokenProcessPool as error:
        told = "A process that rendered was killed: run `demo` again to go on."
        raise StimuliFailed(told) from error
    stimulus_set.refresh_from_db()
    if not stimulus_set.is_ready:
        state = stimulus_set.get_state_display()
        raise StimuliFailed(f"The stimuli are not ready ({state}): run `demo` again.")


def run(plan: Plan, owner: User, stimulus_set: StimulusSet, say: Say) -> Study:
    """Return the study of `plan`, which is open and was rated by programs."""
    study = describe_study(plan, owner, stimulus_set)
    if study.state == Study.State.DRAFT:
        open_study(study, at=now())
    finished = study.sessions.filter(
        rater__simulated=True, state=Session.State.COMPLETE
    ).count()
    if finished < RATERS and study.is_open:
        say(f"Letting {RATERS - finished} simulated raters through “{study}”.")
        # Who came before an interruption was drawn from another seed
        seed = 1000 * plan.seed + finished
        simulate(study, raters=RATERS - finished, seed=seed, at=now())
    unblind(study, by=ADMIN, reason=WHY_SEEN, at=now())
    return study


@transaction.atomic
def describe_study(plan: Plan, owner: User, stimulus_set: StimulusSet) -> Study:
    study, is_new = Study.objects.get_or_create(
        slug=plan.slug,
        defaults={
            "owner": owner,
            "title": plan.title,
            "stimulus_set": stimulus_set,
            "method": plan.method,
            "trials_per_session": 6,  # with training a couple of minutes
            "training_trials": 2,
            "equivalence_margin": MARGIN,
            "seed": plan.seed,
            **CHECKS,
        },
    )
    if is_new:
        Comparison.objects.bulk_create(
            Comparison(study=study, system=system, reference=reference)
            for system, reference in plan.comparisons
        )
    return study
