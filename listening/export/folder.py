"""The folder: which files an export has, and how each is made."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from listening.analysis import Analysis, analyse_study
from listening.export import columns, conduct
from listening.export.design import design_of
from listening.export.equivalence import EQUIVALENCE, equivalence_csv
from listening.export.table import Table
from listening.export.writing import (
    as_csv,
    as_parquet,
    dictionary_as_markdown,
    dictionary_rows,
    rows_of,
)
from listening.files import write_whole
from listening.models import Study
from listening.reporting import figures, reports, wording

TABLES = (*columns.TABLES, conduct.EXCLUSIONS, conduct.UNBLINDINGS)
REPRODUCE = Path(__file__).with_name("reproduce.R")


@dataclass(frozen=True)
class Export:
    """One export of a study, its tables read once."""

    study: Study

    @cached_property
    def analysis(self) -> Analysis:
        return analyse_study(self.study)

    @cached_property
    def rows(self) -> dict[str, list[list[object]]]:
        return {table.name: rows_of(table, table.rows(self.study)) for table in TABLES}

    def csv(self, table: Table) -> str:
        return as_csv([c.name for c in table.columns], self.rows[table.name])

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield name and content of every file."""
        for name, make in FILES.items():
            content = make(self)
            yield name, content.encode() if isinstance(content, str) else content
        for design in self.study.frozen_designs.all():
            yield design.file_name, design.json.encode()
        for folder, analysis in self.drawn.items():
            for name in figures.names_of(analysis):
                for fmt in figures.FORMATS:
                    content = figures.FIGURES[name](analysis, fmt)
                    yield f"{folder}{name}.{fmt}", content

    @property
    def drawn(self) -> dict[str, Analysis]:
        """What figures are made of, by the beginning of their names."""
        exclusions = self.analysis.exclusions
        if not exclusions or not exclusions.out or not exclusions.without.n:
            return {"": self.analysis}
        return {"": self.analysis, "without-": exclusions.without}


def csv_of(table: Table) -> Callable[[Export], str]:
    return lambda export: export.csv(table)


def parquet_of(table: Table) -> Callable[[Export], bytes]:
    header = [column.name for column in table.columns]
    return lambda export: as_parquet(header, export.rows[table.name])


def analysis_json(export: Export) -> str:
    return json.dumps(export.analysis.as_json(), indent=2, allow_nan=False) + "\n"


def report(export: Export) -> str:
    return reports.report_of(export.analysis, title=export.study.title)


def readme(export: Export) -> str:
    analysis = export.analysis
    findings = "\n".join(wording.findings(analysis)) or "There are no answers yet."
    notes = "\n".join(f"Note: {warning}" for warning in analysis.warnings)
    described = "\n".join(f"  {t.name}.csv: {t.description}." for t in TABLES)
    return README.format(
        title=export.study.title,
        slug=export.study.slug,
        findings=findings,
        notes=notes,
        tables=described,
    )


README = """\
{title}
Export of the study `{slug}` by Earshot.

{findings}
{notes}

Tables (UTF-8, commas; text that a spreadsheet would run as a formula has a ' in front):
{tables}
  trials.parquet: the same trials with their types, without that '.
  data_dictionary.csv, .md: what every column means.

design.json: the study, its texts, comparisons, seeds, stimulus set, and versions.
design-1.json and on: the design as it was frozen when the study opened, and after every
amendment; design.json has their SHA-256, reasons and changes.
analysis.json: every number of the analysis; report.html shows them.
equivalence.csv: the tests of equivalence, if the study declared a margin.
preference.*, correct.*, rating.*, raters.*, overall.*, signal.*, background.*,
basic.*: the figures that the method has; without-*: of the answers that are left when
raters are left out by declared rules or by hand, where there are any.
reproduce.R: counts, exact tests, clustered intervals from trials.csv in plain R, and
the mixed models with lme4 and ordinal where these are installed:
  Rscript reproduce.R
"""

# File -> how it is made. The figures come on top, one of each format.
FILES: dict[str, Callable[[Export], str | bytes]] = {
    "README.txt": readme,
    **{f"{table.name}.csv": csv_of(table) for table in TABLES},
    "trials.parquet": parquet_of(TABLES[0]),
    "data_dictionary.csv": lambda export: as_csv(
        ["file", "column", "description"], dictionary_rows((*TABLES, EQUIVALENCE))
    ),
    "data_dictionary.md": lambda export: dictionary_as_markdown((*TABLES, EQUIVALENCE)),
    "design.json": lambda export: design_of(export.study),
    "analysis.json": analysis_json,
    "equivalence.csv": lambda export: equivalence_csv(export.analysis),
    "report.html": report,
    "reproduce.R": lambda export: REPRODUCE.read_text(),
}


def export_study(study: Study, folder: Path) -> list[Path]:
    """Write everything of `study` into `folder`, made if need be; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in Export(study).files():
        write_whole(folder / name, content)
        written.append(folder / name)
    return written


def zipped(study: Study) -> bytes:
    """Return the same folder as a ZIP archive, below a folder named for the study."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in Export(study).files():
            archive.writestr(f"{study.slug}/{name}", content)
    return file.getvalue()
