"""A plan in words, as a table and as JSON: what the command and the page show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from listening.looks import (
    NOTE,
    LookLine,
    about_looks,
    look_lines,
    looks_as_json,
    looks_as_text,
)
from listening.statistics.planned_looks import PlannedLooks
from listening.statistics.planning import Plan, Power, RatersNeeded
from listening.statistics.simulated import Floats, ImpossibleStudy, StudyDesign


@dataclass(frozen=True)
class Planned:
    """What was computed of a design."""

    plan: Plan
    needed: RatersNeeded | None = None  # None: not asked for, or nothing to find
    looks: PlannedLooks | None = None  # None: at the end only

    @property
    def lines(self) -> list[Line]:
        return lines(self.plan)

    @property
    def summary(self) -> list[str]:
        return summary(self.plan, self.needed)

    @property
    def look_lines(self) -> list[LookLine]:
        return look_lines(self.looks) if self.looks else []

    @property
    def look_summary(self) -> list[str]:
        return about_looks(self.looks, self.needed) if self.looks else []

    @property
    def look_note(self) -> str:
        return NOTE


@dataclass(frozen=True)
class Line:
    """A row of the table: one system at one SNR, or its mean over all."""

    system: int
    snr: str
    expected: str
    power: str  # of the mixed model
    power_clustered: str
    half_width: str  # of the mixed model's interval, in points
    half_width_clustered: str
    mean: bool


def preferences(
    effects: Sequence[Sequence[float]], *, systems: int, snrs: int
) -> Floats:
    """Return expected preferences, shape (systems, snrs), from what was typed.

    `effects`: a list for each system, or one for all of them; in it a number for each
    SNR, or one for all of them.
    """
    if len(effects) not in (1, systems):
        raise ImpossibleStudy(
            f"{len(effects)} systems have an expected preference; there are {systems}"
        )
    for row in effects:
        if len(row) not in (1, snrs):
            raise ImpossibleStudy(
                f"{len(row)} expected preferences for {snrs} SNRs: give one for each, "
                f"or one for all"
            )
    rows = [np.broadcast_to(np.asarray(row, dtype=float), snrs) for row in effects]
    return np.array(np.broadcast_to(np.array(rows), (systems, snrs)))


def nearest_to_half(design: StudyDesign) -> int:
    """Return the system whose mean preference is nearest to one half."""
    return int(np.abs(design.preference.mean(axis=1) - 0.5).argmin())


def weakest(design: StudyDesign) -> int:
    """Return the system whose mean preference is nearest to one half.

    Raises ImpossibleStudy where that is one half: there is nothing to be found.
    """
    system = nearest_to_half(design)
    if abs(design.preference[system].mean() - 0.5) < 1e-6:
        raise ImpossibleStudy(
            "an expected preference of one half is nothing to find: no number of "
            "raters is enough"
        )
    return system


def lines(plan: Plan) -> list[Line]:
    """Return the table: system by system, its mean first."""
    K = plan.design.snrs
    order = [K, *range(K)] if K > 1 else [K]
    return [_line(plan, s, k) for s in range(plan.design.systems) for k in order]


def summary(plan: Plan, needed: RatersNeeded | None) -> list[str]:
    """Return what the plan says, in sentences."""
    d, test = plan.design, plan.mixed or plan.clustered
    system = nearest_to_half(d)
    which = f" of system {system + 1}" if d.systems > 1 else ""
    said = [
        f"With {d.raters} raters of {d.trials} trials each, the mean preference{which} "
        f"is told from 50 % in {_share(test, system, d.snrs)} of studies, and known to "
        f"about ±{_half(test, system, d.snrs)} points."
    ]
    if needed is not None:
        said.append(_needed(needed))
    return said


def as_text(planned: Planned) -> str:
    """Return the plan for a terminal."""
    plan, needed = planned.plan, planned.needed
    head = ("system", "SNR", "expected %", "power %", "±", "power % 2-way", "±")
    form = "{:<8}{:>6}{:>12}{:>18}{:>8}{:>18}{:>8}"
    rows = [
        form.format(
            x.system,
            x.snr,
            x.expected,
            x.power,
            x.half_width,
            x.power_clustered,
            x.half_width_clustered,
        )
        for x in lines(plan)
    ]
    notes = [
        f"power: mixed model, {plan.mixed.replicates if plan.mixed else 0} simulated "
        f"studies; 2-way: two-way cluster-robust t, "
        f"{plan.clustered.replicates:,} studies.",
        "In brackets: how well the simulation knows it (95 %). "
        "±: half the 95 % interval, in points.",
        "Power at one SNR is that of looking at this SNR alone, without Holm.",
    ]
    parts = [form.format(*head), *rows, "", *notes, "", *summary(plan, needed)]
    if planned.looks:
        parts += ["", looks_as_text(planned.looks, needed)]
    return "\n".join(parts)


def as_json(planned: Planned) -> dict[str, Any]:
    """Return the plan as one object; preferences, powers and widths are shares."""
    plan, needed = planned.plan, planned.needed
    d = plan.design
    targets = [
        {
            "system": s + 1,
            "snr_db": None if k == d.snrs else d.snrs_db[k],
            "preference": _expected(d, s, k),
            "clustered": _numbers(plan.clustered, s, k),
            "mixed": plan.mixed and _numbers(plan.mixed, s, k),
        }
        for s in range(d.systems)
        for k in range(d.snrs + 1)
    ]
    return {
        "design": {
            "raters": d.raters,
            "trials": d.trials,
            "utterances": d.utterances,
            "snrs_db": list(d.snrs_db),
            "systems": d.systems,
            "preference": d.preference.tolist(),
            "rater_sd": d.rater_sd,
            "utterance_sd": d.utterance_sd,
            "slope_sd": d.slope_sd,
            "position": d.position,
        },
        "alpha": plan.alpha,
        "targets": targets,
        "raters_needed": needed and _needed_numbers(needed),
        "looks": planned.looks and looks_as_json(planned.looks),
    }


def _line(plan: Plan, system: int, k: int) -> Line:
    d = plan.design
    return Line(
        system=system + 1,
        snr="all" if k == d.snrs else f"{d.snrs_db[k]:g}",
        expected=f"{100 * _expected(d, system, k):.4g}",
        power=_with_error(plan.mixed, system, k),
        power_clustered=_with_error(plan.clustered, system, k),
        half_width=_half(plan.mixed, system, k),
        half_width_clustered=_half(plan.clustered, system, k),
        mean=k == d.snrs,
    )


def _expected(design: StudyDesign, system: int, k: int) -> float:
    row = design.preference[system]
    return float(row.mean() if k == design.snrs else row[k])


def _share(of: Power, system: int, k: int) -> str:
    return f"{100 * of.power[system, k]:.0f} %"


def _with_error(of: Power | None, system: int, k: int) -> str:
    if of is None:
        return "-"
    low, high = of.low[system, k], of.high[system, k]
    power = 100 * of.power[system, k]
    return f"{power:.0f} ({100 * low:.0f} to {100 * high:.0f})"


def _half(of: Power | None, system: int, k: int) -> str:
    if of is None or np.isnan(of.width[system, k]):
        return "-"
    return f"{50 * of.width[system, k]:.1f}"


def _needed(needed: RatersNeeded) -> str:
    wanted = f"{100 * needed.wanted:.0f} %"
    if needed.raters is not None:
        most = f"more than {needed.most}" if needed.high is None else f"{needed.high}"
        return (
            f"A power of {wanted} takes about {needed.raters} raters "
            f"({needed.low} to {most} by the precision of the simulation)."
        )
    if needed.reachable < needed.wanted:
        return (
            f"With so few utterances no number of raters has a power of {wanted}: "
            f"endlessly many would have about {100 * needed.reachable:.0f} %. "
            f"Use more utterances."
        )
    return f"A power of {wanted} takes more than {needed.most} raters."


def _numbers(of: Power, system: int, k: int) -> dict[str, Any]:
    return {
        "test": of.test,
        "replicates": of.replicates,
        "failed": int(of.failed[system, k]),
        "power": _number(of.power[system, k]),
        "power_low": _number(of.low[system, k]),
        "power_high": _number(of.high[system, k]),
        "width": _number(of.width[system, k]),
        "width_error": _number(of.width_error[system, k]),
    }


def _needed_numbers(needed: RatersNeeded) -> dict[str, Any]:
    return {
        "power": needed.wanted,
        "raters": needed.raters,
        "raters_with_looks": needed.with_looks,
        "low": needed.low,
        "high": needed.high,
        "most_tried": needed.most,
        "power_of_endlessly_many": needed.reachable,
        "tried": [
            {"raters": int(n), "power": float(p), "smooth": float(s)}
            for n, p, s in zip(needed.tried, needed.power, needed.smooth, strict=True)
        ],
    }


def _number(value: float) -> float | None:
    """NaN has no place in JSON."""
    return float(value) if np.isfinite(value) else None
