"""The report: one HTML file that holds figure, table and methods, and nothing else."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from listening.analysis.results import Analysis
from listening.reporting import design_wording, figures, wording
from listening.reporting.exclusion_wording import exclusions_as_context
from listening.reporting.methods_paragraph import methods_paragraph
from listening.reporting.procedure_wording import about_early_look
from listening.reporting.score_tables import score_tables_of
from listening.reporting.score_wording import NAMES, mean_on
from listening.reporting.tables import RULES, filled, tables_of

LABELS = {
    "rating": "Mean rating by SNR",
    "correct": "Correct answers by SNR",
    "preference": "Preference by SNR",
    "raters": "Preference of each rater",
    **{
        scale: f"{mean_on(scale).capitalize()} of {name} by SNR"
        for scale, name in NAMES.items()
    },
}


def report_of(analysis: Analysis, *, title: str) -> str:
    """Return the report as HTML; the figures are in it as SVG."""
    context = context_of(analysis) | {
        "title": title,
        "figures": drawn(analysis),
        "early_look": about_early_look(analysis.procedure),
    }
    exclusions = analysis.exclusions
    if exclusions and exclusions.out:
        context["without"] |= {"figures": drawn(exclusions.without)}
    return render_to_string("listening/report.html", context)


def context_of(analysis: Analysis) -> dict[str, Any]:
    """Return what the results page and the report both show, as JSON could hold it.

    Where rules were declared, `without` is the same without those whom they leave out.
    """
    context = {
        "analysis": {
            "n": analysis.n,
            "simulated": analysis.simulated,
            "raters": len(analysis.raters),
            "equivalences": len(analysis.equivalences),
        },
        "figures": names(analysis),
        "plots": [{"name": n, "label": LABELS[n]} for n in names(analysis)],
        "findings": unbroken(wording.findings(analysis)),
        "notes": unbroken(wording.notes(analysis)),
        "tables": (score_tables_of if analysis.scales else tables_of)(analysis),
        "methods": methods_paragraph(analysis),
        # the page says on top that raters are simulated, and need not say it again
        "cautions": [
            *design_wording.cautions(analysis.designs),
            *analysis.warnings[bool(analysis.simulated) :],
        ],
        "partly_simulated": 0 < analysis.simulated < analysis.n,
    }
    if analysis.exclusions:
        context["exclusions"] = {
            **exclusions_as_context(analysis.exclusions),
            "table": filled(RULES, analysis),
        }
        context["without"] = context_of(analysis.exclusions.without)
    return context


def drawn(analysis: Analysis) -> list[str]:
    return [inline(analysis, name) for name in names(analysis)]


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
