"""Results with and without the raters whom declared rules, or somebody, leave out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from listening.analysis.screening import PAY, USE, Decision, Rule

if TYPE_CHECKING:
    from listening.analysis.results import Analysis


@dataclass(frozen=True)
class Applied:
    """A rule, and how many raters are beyond its limits; some are beyond several."""

    rule: Rule
    not_paid: int
    not_used: int


@dataclass(frozen=True)
class Exclusions:
    rules: tuple[Rule, ...]  # as declared
    decisions: tuple[Decision, ...]  # on all raters
    without: Analysis  # of the answers of those who are used
    on_time: bool = True  # the rules were declared before the first answer

    @property
    def out(self) -> tuple[Decision, ...]:
        return tuple(one for one in self.decisions if not one.used)

    @property
    def by_rules(self) -> tuple[Decision, ...]:
        return tuple(one for one in self.decisions if one.not_used)

    @property
    def by_hand(self) -> tuple[Decision, ...]:
        return tuple(one for one in self.decisions if one.by_hand)

    @property
    def unpaid(self) -> tuple[Decision, ...]:
        return tuple(one for one in self.decisions if not one.paid)

    @property
    def applied(self) -> tuple[Applied, ...]:
        unpaid = [r.rule for one in self.decisions for r in one.not_paid]
        unused = [r.rule for one in self.decisions for r in one.not_used]
        return tuple(
            Applied(rule, unpaid.count(rule.key), unused.count(rule.key))
            for rule in self.rules
        )

    def as_json(self) -> dict[str, Any]:
        """Return rules, counts, reasons, and the whole analysis without those out."""
        return {
            "raters": len(self.decisions),
            "not_used": len(self.out),
            "by_hand": len(self.by_hand),
            "not_paid": len(self.unpaid),
            "declared_before_answers": self.on_time,
            "rules": [
                {
                    "rule": one.rule.key,
                    "what": one.rule.title,
                    "beyond": "below" if one.rule.too_low else "above",
                    PAY: one.rule.pay,
                    USE: one.rule.use,
                    "not_paid": one.not_paid,
                    "not_used": one.not_used,
                }
                for one in self.applied
            ],
            "decisions": [
                {
                    "rater": one.rater,
                    "not_paid": [asdict(reason) for reason in one.not_paid],
                    "not_used": [asdict(reason) for reason in one.not_used],
                    "by_hand": one.by_hand,
                }
                for one in self.decisions
                if not (one.paid and one.used)
            ],
            "analysis": self.without.as_json(),
        }
