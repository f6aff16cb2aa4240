"""The raters of a study with what their checks found, and how the rules decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from listening.analysis.checks import answers_of, evidence_of
from listening.analysis.screening import Decision, Evidence, decide, declared
from listening.leaving_out import by_rater
from listening.models import Rater, Study
from listening.statistics.binomial import BinomialTest
from listening.statistics.raters import GoldResult


@dataclass(frozen=True)
class KnownRater:
    rater: Rater
    known: Evidence | None  # None: nothing was answered
    decision: Decision | None  # None: no rules, or nothing to decide on
    by_hand: str  # why somebody left the rater out; "" if nobody did

    @property
    def gold(self) -> GoldResult | None:
        return self.known.gold if self.known else None

    @property
    def placebo(self) -> BinomialTest | None:
        placebos = self.known and self.known.placebos
        return placebos.exact if placebos else None

    @property
    def repeats(self) -> BinomialTest | None:
        repeats = self.known and self.known.repeats
        return repeats.exact if repeats else None

    @property
    def reasons(self) -> str:
        if not self.decision:
            return ""
        reasons = (*self.decision.not_used, *self.decision.not_paid)
        return " ".join(dict.fromkeys(reason.rule for reason in reasons))


def known_raters(study: Study) -> Iterator[KnownRater]:
    """Yield every rater who began the live study."""
    rules = declared(study.exclusion_rules)
    found = evidence_of(answers_of(study), min_listening_s=study.min_listening_s)
    by_hand = by_rater(study)
    by_code = {known.rater: known for known in found}
    sessions = study.sessions.for_results()
    for rater in Rater.objects.filter(sessions__in=sessions).distinct().order_by("pk"):
        known = by_code.get(rater.code)
        decision = decide(known, rules) if known and rules else None
        yield KnownRater(rater, known, decision, by_hand.get(rater.code, ""))
