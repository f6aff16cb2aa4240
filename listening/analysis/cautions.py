"""What a reader of the numbers must know before believing them, in words."""

from __future__ import annotations

import pandas as pd

from listening.analysis.results import Analysis, Cell

FEW = 6  # raters or utterances, below which an interval rests on very little
EXTREME = 0.1  # a share nearer to 0 or 1 than this is not spread as Student's t has it


def warnings_of(analysis: Analysis, table: pd.DataFrame) -> list[str]:
    """Say in words what a reader of the numbers must know."""
    return [
        text
        for text in (
            about_simulation(analysis),
            *about_intervals(analysis),
            about_few(analysis),
            about_extremes(analysis),
            about_position(analysis),
            about_repeats(table),
            about_margin(analysis),
            about_rating_margin(analysis),
        )
        if text
    ]


def about_simulation(analysis: Analysis) -> str:
    if not analysis.simulated:
        return ""
    which = "All" if analysis.simulated == analysis.n else f"{analysis.simulated:,}"
    return (
        f"{which} of the {analysis.n:,} answers were simulated by a program. "
        "They say nothing about what people prefer."
    )


def about_intervals(analysis: Analysis) -> list[str]:
    """Name the cells without an interval or with a fallback, gathered by reason."""
    cells: dict[str, list[str]] = {}
    for cell in (*analysis.cells, *analysis.overall):
        fallback = cell.clustered.fallback if cell.clustered else ""
        for reason in filter(None, (cell.why_none, fallback)):
            cells.setdefault(reason, []).append(name_of(cell))
    return [f"{listed(names)}: {reason}." for reason, names in cells.items()]


def name_of(cell: Cell) -> str:
    where = "all SNRs" if cell.snr_db is None else f"{cell.snr_db:g} dB"
    against = f" against {cell.reference}" if cell.reference else ""
    on = f" ({cell.scale})" if cell.scale else ""
    return f"{cell.system}{against}{on} at {where}"


def listed(names: list[str], most: int = 3) -> str:
    more = len(names) - most
    return "; ".join(names[:most]) + (f"; and {more} more" if more > 0 else "")


def about_few(analysis: Analysis) -> str:
    smallest = {
        name: min(getattr(c.interval, name) for c in analysis.cells if c.interval)
        for name in ("raters", "utterances")
        if any(cell.interval for cell in analysis.cells)
    }
    few = [f"{n} {name}" for name, n in smallest.items() if n < FEW]
    if not few:
        return ""
    return (
        f"Some cells have only {' and '.join(few)}: their intervals are wide because "
        "so few can hardly speak for others."
    )


def about_extremes(analysis: Analysis) -> str:
    extreme = [
        name_of(cell)
        for cell in analysis.cells
        if cell.clustered
        and not cell.clustered.fallback
        and not EXTREME <= cell.clustered.estimate <= 1 - EXTREME
    ]
    if not extreme:
        return ""
    return (
        f"{listed(extreme)}: so near to 0 or 100 % the clustered interval is rough "
        "and its p too small; read the exact interval beside it."
    )


def about_position(analysis: Analysis) -> str:
    position = analysis.position
    if position is None or 0.45 <= position.enhanced_first <= 0.55:
        return ""
    who, what = (
        ("X", "being right")
        if analysis.identified
        else ("The enhanced member", "preference")
    )
    return (
        f"{who} was A in {100 * position.enhanced_first:.0f} % of the trials, not in "
        f"half of them: {what} and position are mixed up."
    )


def about_repeats(table: pd.DataFrame) -> str:
    same = ["rater", "utterance", "system", "reference", "snr_db", "scale"]
    repeats = int(table.duplicated([name for name in same if name in table]).sum())
    if not repeats:
        return ""
    verb = "answer repeats" if repeats == 1 else "answers repeat"
    return (
        f"{repeats:,} {verb} an earlier trial of the same rater, utterance, "
        "comparison and SNR; they were all counted."
    )


def about_margin(analysis: Analysis) -> str:
    asked = not analysis.identified and not analysis.scales
    if analysis.margin is None or asked or not analysis.n:
        return ""
    return (
        "The margin of preferences was not used: raters did not say what they prefer."
    )


def about_rating_margin(analysis: Analysis) -> str:
    if analysis.rating_margin is None or analysis.graded or not analysis.n:
        return ""
    return "The margin of mean ratings was not used: the answers are not graded."
