"""The report: one HTML file that holds figure, table and methods, and nothing else."""

from dataclasses import asdict
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from listening.analysis.results import Analysis
from listening.reporting import figures, wording
from listening.reporting.methods_paragraph import methods_paragraph

LABELS = {
    "rating": "Mean rating by SNR",
    "preference": "Preference by SNR",
    "raters": "Preference of each rater",
}


def report_of(analysis: Analysis, *, title: str) -> str:
    """Return the report as HTML; the figures are in it as SVG."""
    return render_to_string(
        "listening/report.html",
        context_of(analysis)
        | {"title": title, "figures": [inline(analysis, n) for n in names(analysis)]},
    )


def context_of(analysis: Analysis) -> dict[str, Any]:
    """Return what the results page and the report both show, as JSON could hold it."""
    return {
        "analysis": {
            "n": analysis.n,
            "simulated": analysis.simulated,
            "graded": analysis.graded,
            "ties": analysis.ties,
            "models": bool(analysis.models),
        },
        "figures": names(analysis),
        "findings": unbroken(wording.findings(analysis)),
        "notes": unbroken(wording.notes(analysis)),
        "lines": [
            asdict(line) | {"comparison": line.comparison}
            for line in wording.lines(analysis)
        ],
        "methods": methods_paragraph(analysis),
        # the page says on top that raters are simulated, and need not say it again
        "cautions": list(analysis.warnings[bool(analysis.simulated) :]),
        "partly_simulated": 0 < analysis.simulated < analysis.n,
    }


def unbroken(texts: list[str]) -> list[str]:
    """Return the texts with no line break between a number and its percent sign."""
    return [text.replace(" %", "\N{NO-BREAK SPACE}%") for text in texts]


def names(analysis: Analysis) -> list[str]:
    return figures.names_of(analysis) if analysis.n else []


def inline(analysis: Analysis, name: str) -> str:
    """Return the figure as an `svg` element that says what it is."""
    svg = figures.FIGURES[name](analysis, "svg").decode()
    element = svg[svg.index("<svg") :]
    # drawn by matplotlib, which escapes the names that it is given
    return mark_safe(
        element.replace("<svg", f'<svg role="img" aria-label="{LABELS[name]}"', 1)
    )
