"""What a study laid down of its sessions before it opened; the methods tell of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from listening import methods
from listening.models import Study, Unblinding
from listening.schedule import Checks


@dataclass(frozen=True)
class HeadphoneCheck:
    kinds: tuple[str, ...]  # in the words of `headphones`
    mark: int  # right answers of each kind that pass
    policy: str  # what becomes of those who fail, of `HeadphonePolicy`


@dataclass(frozen=True)
class EarlyLook:
    """That the outcome was seen before the stop rule was met."""

    at: datetime
    by: str
    reason: str
    raters: int  # people who had finished by then
    simulated: int
    answers: int

    @classmethod
    def of(cls, study: Study) -> EarlyLook | None:
        row = Unblinding.objects.filter(study=study).first()
        if row is None:
            return None
        return cls(row.at, row.by, row.reason, row.raters, row.simulated, row.answers)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"at": self.at.isoformat()}


@dataclass(frozen=True)
class Procedure:
    min_listening_s: float  # of each member, before an answer is taken
    training: int  # trials of a session
    checks: Checks
    gold_pair: tuple[str, str]  # the better and the worse system of gold trials
    headphones: HeadphoneCheck | None
    alone: bool = False  # trials have one sound
    early_look: EarlyLook | None = None

    @classmethod
    def of(cls, study: Study) -> Procedure:
        kinds = study.headphone_kinds
        check = HeadphoneCheck(kinds, study.headphone_mark, study.headphone_policy)
        return cls(
            study.min_listening_s,
            study.training_trials,
            study.checks,
            study.gold_pair,
            check if kinds else None,
            methods.load(study.method).is_alone,
            EarlyLook.of(study),
        )
