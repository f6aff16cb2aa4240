"""What a study laid down of its sessions before it opened; the methods tell of it."""

from __future__ import annotations

from dataclasses import dataclass

from listening import methods
from listening.models import Study
from listening.schedule import Checks


@dataclass(frozen=True)
class HeadphoneCheck:
    kinds: tuple[str, ...]  # in the words of `headphones`
    mark: int  # right answers of each kind that pass
    policy: str  # what becomes of those who fail, of `HeadphonePolicy`


@dataclass(frozen=True)
class Procedure:
    min_listening_s: float  # of each member, before an answer is taken
    training: int  # trials of a session
    checks: Checks
    gold_pair: tuple[str, str]  # the better and the worse system of gold trials
    headphones: HeadphoneCheck | None
    alone: bool = False  # trials have one sound

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
        )
