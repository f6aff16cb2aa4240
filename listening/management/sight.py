"""What commands that show an outcome ask first."""

from argparse import ArgumentParser

from django.core.management.base import CommandError
from django.utils.timezone import now

from listening.blinding import is_blind, unblind
from listening.models import Study

BY = "the command line"


def add_unblind(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--unblind",
        metavar="REASON",
        default="",
        help="of a study that is under way: show the outcome all the same. Reason and "
        "time are kept, shown with the results and exported",
    )


def require_sight(study: Study, *, reason: str) -> None:
    """Raise CommandError if the outcome is hidden and there is no `reason` to look."""
    if not is_blind(study):
        return
    if not reason.strip():
        raise CommandError(
            f"{study.slug}: the outcome is hidden until {study.rater_quota} raters "
            "have finished or the study is closed; to look before, and have that on "
            "record, give a reason with --unblind"
        )
    unblind(study, by=BY, reason=reason.strip(), at=now())
