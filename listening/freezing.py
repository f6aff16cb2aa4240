"""A design is frozen when its study opens; a later change is a recorded amendment.

Every change of a design goes through `change`, which knows what the study's state
allows: anything of a draft, amendments while it is paused, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError

from listening.design_document import (
    PARTS,
    Change,
    canonical,
    design_of,
    differences,
    document_of,
    sha256_of,
)
from listening.models import FrozenDesign, Session, Study, Trial
from listening.withdrawal import erase

State = Study.State

# Why the design cannot be changed now, by state
LOCKED: dict[str, str] = {
    State.PILOT: "This study is in its pilot. End the pilot to change its design.",
    State.LIVE: "This study is open. Pause it to amend its design.",
    State.CLOSED: "This study is closed: its design stands.",
}
NO_REASON = "An amendment needs a reason: it is told with the results."
OF_PILOT = "They were a pilot: discard its sessions to change this."


class ChangeRefused(Exception):
    """The design cannot be changed so; `reasons` says why, a sentence each."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Version:
    """A frozen design, and what it changed of the one before it."""

    row: FrozenDesign
    changes: list[Change]


def lock_of(study: Study) -> str:
    """Return why the design of `study` cannot be changed now; empty if it can."""
    return LOCKED.get(study.state, "")


def is_amended(study: Study) -> bool:
    """Whether a change of the design is an amendment: the study was opened once."""
    return study.opened_at is not None


def standing(study: Study) -> set[str]:
    """Return the parts of the design that can no longer change: answers rest on them"""
    if not study.sessions.of_raters().exists():
        return set()
    return {part.name for part in PARTS if part.stands}


@transaction.atomic
def change(
    study: Study, save: Callable[[], object], *, at: datetime, reason: str = ""
) -> FrozenDesign | None:
    """Run `save`, which changes the design; return the amendment, if it is one.

    The study's row is locked meanwhile: of two clicks the second finds nothing to
    change, and then nothing is recorded. Previews are deleted, since they show what the
    study was before.

    Raises
    ------
    ChangeRefused
        If the study's state allows no change, if answers that were given would lose
        their meaning, or if an amendment has no reason. Nothing is changed then.
    """
    held = Study.objects.select_for_update().get(pk=study.pk)
    if told := lock_of(held):
        raise ChangeRefused([told])
    if is_amended(held):
        freeze(held, at=at)
    before = design_of(held)
    discard_previews(held)
    try:
        save()
    except ProtectedError:  # by a trial: somebody has heard the comparison
        raise ChangeRefused(_refusals(held, ["comparisons"])) from None
    changes = differences(before, design_of(Study.objects.get(pk=held.pk)))
    broken = [one.part.name for one in changes if one.breaks]
    if broken and held.sessions.of_raters().exists():
        raise ChangeRefused(_refusals(held, broken))
    if not changes or not is_amended(held):
        return None
    if not reason.strip():
        raise ChangeRefused([NO_REASON])
    return _store(held, at=at, reason=reason.strip())


def freeze(study: Study, *, at: datetime) -> FrozenDesign:
    """Keep the design as it stands; the first version stays what it is."""
    first = study.frozen_designs.filter(version=1).first()
    return first or _store(study, at=at)


def history(study: Study) -> list[Version]:
    """Return every version of the frozen design, oldest first."""
    versions: list[Version] = []
    before = None
    for row in study.frozen_designs.order_by("version"):
        now = row.design
        versions.append(Version(row, differences(before, now) if before else []))
        before = now
    return versions


def declared_late(study: Study) -> frozenset[str]:
    """Return the parts that are others than those declared before the first answer."""
    declared = study.frozen_designs.before_answers().newest()
    if declared is None:
        return frozenset()
    changes = differences(declared.design, design_of(study))
    return frozenset(one.part.name for one in changes)


def discard_previews(study: Study) -> None:
    """Delete the experimenter's own looks: they hold on to comparisons and mixtures."""
    erase(study.sessions.of_preview())


def _store(study: Study, *, at: datetime, reason: str = "") -> FrozenDesign:
    text = canonical(document_of(Study.objects.get(pk=study.pk)))
    newest = study.frozen_designs.newest()
    return FrozenDesign.objects.create(
        study=study,
        version=newest.version + 1 if newest else 1,
        created_at=at,
        created_by=study.owner.get_username(),
        reason=reason,
        answers=Trial.objects.filter(session__study=study).for_results().count(),
        json=text,
        sha256=sha256_of(text),
    )


def _refusals(study: Study, names: list[str]) -> list[str]:
    """Say why the parts called `names` stand, and whose answers rest on them."""
    reasons = dict.fromkeys(part.why for part in PARTS if part.name in names)
    live = study.sessions.of_raters().exclude(stage=Session.Stage.PILOT).exists()
    return [*reasons] if live else [*reasons, OF_PILOT]
