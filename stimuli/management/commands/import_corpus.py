"""manage.py import_corpus NAME PATH --layout LAYOUT [--dry-run]"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from stimuli.importing import ImportRefused, Report, import_corpus
from stimuli.layouts import LAYOUTS

NOTES_SHOWN = 10


class Command(BaseCommand):
    help = "Import a folder of recordings as a corpus: all of it, or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        layouts = "; ".join(f"{slug}: {what}" for slug, (what, _) in LAYOUTS.items())
        parser.add_argument("name", help="slug of the corpus")
        parser.add_argument("path", type=Path, help="folder to import")
        parser.add_argument("--layout", required=True, help=layouts)
        parser.add_argument("--title", help="default: what corpus.json says, or NAME")
        parser.add_argument("--description", default="")
        parser.add_argument("--licence", default="")
        parser.add_argument(
            "--synthetic", action="store_true", help="a program made the voices"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done; do nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = ("layout", "title", "description", "licence", "synthetic", "dry_run")
        with tqdm(unit="file", leave=False, disable=None) as bar:
            try:
                report = import_corpus(
                    slug=options["name"],
                    path=options["path"],
                    **{name: options[name] for name in chosen},
                    on_progress=lambda done, total: advance(bar, done, total),
                )
            except ImportRefused as refused:
                raise CommandError(said_of(refused.problems)) from refused
        self.stdout.write("\n".join(lines_of(report)))
        if report.problems:
            raise CommandError(said_of(report.problems))


def advance(bar: "tqdm[Any]", done: int, total: int) -> None:
    bar.total = total
    bar.update(done - bar.n)


def said_of(problems: list[str]) -> str:
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
    return "\n  ".join([f"nothing was imported: {count}", *problems])


def lines_of(report: Report) -> list[str]:
    """Say what was done, a line an outcome, and the first of the notes."""
    would = "would be " if report.dry_run else ""
    outcomes = {
        f"{would}added": report.added,
        f"{would}changed": report.changed,
        "unchanged": report.unchanged,
    }
    lines = [f"{report.slug}: {report.seconds / 60:.1f} minutes of sound"]
    for outcome, counts in outcomes.items():
        if counts:
            kinds = ", ".join(f"{count} {kind}" for kind, count in counts.items())
            lines.append(f"  {outcome}: {kinds}")
    lines += [f"  note: {note}" for note in report.notes[:NOTES_SHOWN]]
    if (more := len(report.notes) - NOTES_SHOWN) > 0:
        lines.append(f"  and {more} more notes, kept with each recording")
    return lines
