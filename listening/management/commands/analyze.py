"""The analysis of a study or of anybody's table of trials."""

import json
from argparse import ArgumentParser, BooleanOptionalAction
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from listening.analysis import Analysis, Margins, analyse, analyse_study
from listening.analysis.tables import READERS, TableError, read_table
from listening.files import write_whole
from listening.management.sight import add_unblind, require_sight
from listening.models import Study
from listening.reporting import figures, reports, wording


class Command(BaseCommand):
    help = (
        "Analyse a study, or a CSV or Parquet table of trials with the columns rater, "
        "utterance, system, snr_db, preferred (1, 0 or empty) or rating (-3..3), and "
        "perhaps reference and enhanced_first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", metavar="STUDY_OR_TABLE", help="slug, or a file")
        parser.add_argument(
            "--position",
            action="store_true",
            help="add the term position to the mixed models, where enhanced_first is "
            "known (the results page of a study has it)",
        )
        parser.add_argument(
            "--margin",
            type=float,
            metavar="M",
            help="test equivalence: preferences that differ by less than this share "
            "(0.05 for 45 to 55 %%) count as equally good; a study declares its own",
        )
        parser.add_argument(
            "--rating-margin",
            type=float,
            metavar="R",
            help="the same of mean ratings (-3 to 3), in points, as 0.25",
        )
        parser.add_argument(
            "--slopes",
            action=BooleanOptionalAction,
            help="let raters differ in the effect of the SNR, in the mixed models; a "
            "study declares this as well",
        )
        parser.add_argument("--json", metavar="F", help="write JSON; - for the screen")
        parser.add_argument(
            "--figure", type=Path, metavar="F", help="write .svg, .pdf or .png"
        )
        parser.add_argument("--report", type=Path, metavar="F", help="write HTML")
        add_unblind(parser)

    def handle(self, *args: object, **options: Any) -> None:
        figure = options["figure"]
        if figure and figure.suffix[1:].lower() not in figures.FORMATS:
            raise CommandError(f"{figure}: a figure is .svg, .pdf or .png")
        try:
            analysis = analysed(
                options["source"],
                position=options["position"],
                margins=checked_margins(options["margin"], options["rating_margin"]),
                slopes=options["slopes"],
                unblind=options["unblind"],
            )
            self.tell(analysis, options)
        except TableError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            path = str(error.filename).removesuffix(".part")
            raise CommandError(f"{path}: {error.strerror}") from error

    def tell(self, analysis: Analysis, options: dict[str, Any]) -> None:
        text = json.dumps(analysis.as_json(), indent=2, allow_nan=False) + "\n"
        if options["json"] == "-":
            self.stdout.write(text, ending="")
        else:
            self.stdout.write(wording.as_text(analysis))
            if options["json"]:
                write_whole(Path(options["json"]), text)
        if path := options["figure"]:
            fmt = path.suffix[1:].lower()
            write_whole(path, figures.headline_figure(analysis, fmt))
        if path := options["report"]:
            title = f"Results: {Path(options['source']).stem}"
            write_whole(path, reports.report_of(analysis, title=title))


def checked_margins(share: float | None, rating: float | None) -> Margins:
    if share is not None and not 0 < share < 0.5:
        raise CommandError(f"--margin {share:g}: a share between 0 and 0.5")
    if rating is not None and not 0 < rating < 3:
        raise CommandError(f"--rating-margin {rating:g}: points between 0 and 3")
    return Margins(share, rating)


def analysed(
    source: str,
    *,
    position: bool,
    margins: Margins,
    slopes: bool | None,
    unblind: str,
) -> Analysis:
    """Return the analysis of the file or study `source`."""
    path = Path(source)
    if path.suffix.lower() in READERS or path.is_file():
        return analyse(
            read_table(path), position=position, margins=margins, slopes=bool(slopes)
        )
    study = Study.objects.filter(slug=source).first()
    if study is None:
        raise TableError(f"{source}: there is neither such a study nor such a file")
    require_sight(study, reason=unblind)
    try:
        analysis = analyse_study(
            study, position=position, margins=margins, slopes=slopes
        )
    except ValueError as error:
        raise TableError(f"{source}: exclusion rules: {error}") from error
    if not analysis.n:
        raise TableError(f"{source}: the study has no answers yet")
    return analysis
