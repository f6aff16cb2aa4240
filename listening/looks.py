"""Planned looks before the end, in words, as a table and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from listening.statistics.planned_looks import PlannedLooks
from listening.statistics.planning import RatersNeeded

NAMES = {"obrien-fleming": "O'Brien-Fleming", "pocock": "Pocock"}
NOTE = (
    "A look finds something if the p of the two-way clustered t over all SNRs (in the "
    "analysis as JSON: overall, cluster_robust, p) is at most the level of that look; "
    "then the study may stop. Other times, or more looks, need other boundaries: plan "
    "them anew. Write the looks into the hypotheses before the study opens: the first "
    "of them uncovers the outcome before its time, which is kept with the reason."
)


@dataclass(frozen=True)
class LookLine:
    """A row of the table; the last is the end of the study."""

    raters: str
    information: str
    t: str
    level: str
    found: str


def look_lines(planned: PlannedLooks) -> list[LookLine]:
    of = planned.boundaries
    rows = zip(
        planned.raters,
        of.information,
        planned.t,
        of.nominal,
        planned.found,
        strict=True,
    )
    return [
        LookLine(
            raters=str(raters),
            information=f"{100 * share:.0f}",
            t=f"{t:.2f}" if np.isfinite(t) else "none",
            level=f"{level:.4f}" if level >= 0.00005 else "< 0.0001",
            found=f"{100 * found:.0f}",
        )
        for raters, share, t, level, found in rows
    ]


def about_looks(planned: PlannedLooks, needed: RatersNeeded | None) -> list[str]:
    """Say what the looks bring and what they cost."""
    *looks, last = planned.raters.tolist()
    times = "look" if len(looks) == 1 else "looks"
    said = [
        f"With {len(looks)} {times} before the end ({NAMES[planned.kind]} boundaries), "
        f"{100 * planned.found[-1]:.0f} % of studies find something, against "
        f"{100 * planned.found_at_end_only:.0f} % that look at the end only; they hear "
        f"{planned.expected_raters:.0f} of {last} raters on average."
    ]
    more = f"{100 * (planned.inflation - 1):.1f} %"
    wanted = f"{100 * planned.power:.0f} %"
    if needed is None or needed.raters is None:
        return [
            *said,
            f"A power of {wanted} takes up to {more} more information than one look at "
            "the end, and so at least as many more raters.",
        ]
    most = needed.with_looks or f"more than {needed.most}"
    return [
        *said,
        f"A power of {wanted} takes up to {more} more information than one look at the "
        f"end: about {most} raters at most, where one look takes {needed.raters}.",
    ]


def looks_as_text(planned: PlannedLooks, needed: RatersNeeded | None) -> str:
    """Return the looks for a terminal."""
    form = "{:>8}{:>14}{:>8}{:>12}{:>18}"
    head = ("raters", "information %", "t", "level", "found by then %")
    rows = [
        form.format(x.raters, x.information, x.t, x.level, x.found)
        for x in look_lines(planned)
    ]
    return "\n".join(
        [form.format(*head), *rows, "", NOTE, "", *about_looks(planned, needed)]
    )


def looks_as_json(planned: PlannedLooks) -> dict[str, Any]:
    of = planned.boundaries
    columns = (
        planned.raters,
        of.information,
        of.z,
        planned.t,
        of.nominal,
        planned.found,
    )
    names = ("raters", "information", "z", "t", "level", "found")
    return {
        "boundaries": planned.kind,
        "alpha": planned.alpha,
        "looks": [
            dict(zip(names, map(finite, row), strict=True))
            for row in zip(*columns, strict=True)
        ],
        "found_at_end_only": planned.found_at_end_only,
        "expected_raters": planned.expected_raters,
        "replicates": planned.replicates,
        "inflation": planned.inflation,
        "inflation_for_power": planned.power,
    }


def finite(value: float) -> float | None:
    """Infinity has no place in JSON: a look that can find nothing has no boundary."""
    return float(value) if np.isfinite(value) else None
