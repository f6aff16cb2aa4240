"""Personal invitations: read from a CSV row by row, sent by mail, or handed on."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPException

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from listening.models import Invitation, Study
from listening.panels import FORM
from listening.progress import minutes

HEADERS = ("address", "email", "code")  # of the column that is read, in any case
MOST = 5000
TOLD = 10  # problems that are told at once
State = Invitation.State


class BadList(ValueError):
    """The list cannot be taken; `problems` name the rows."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Added:
    new: int
    known: int  # who had been invited before


def names_in(content: bytes) -> list[str]:
    """Return the addresses and codes of a CSV, a row each.

    The column is the one called address, email or code; without such a header the
    first one. Other columns are not looked at. Raises `BadList` with every row that is
    neither an address nor a code, or comes twice.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        told = f"Row {line} is not in UTF-8: save the list as CSV UTF-8."
        raise BadList([told]) from error
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise BadList([f"The list is no CSV: {error}."]) from error
    column, first = _column(rows)
    found: dict[str, int] = {}
    problems = []
    for number, row in enumerate(rows[first:], start=first + 1):
        name = row[column].strip() if len(row) > column else ""
        problem = _problem(name, row, found) if any(row) else ""
        if problem:
            problems.append(f"Row {number}: {problem}")
        elif name:
            found[name] = number
    if not found and not problems:
        problems = ["The list is empty."]
    if len(found) > MOST:
        problems = [f"The list has {len(found)} rows: {MOST} at most."]
    if problems:
        raise BadList(_shortened(problems))
    return list(found)


def _column(rows: list[list[str]]) -> tuple[int, int]:
    """Return the column that is read, and the first row below the header."""
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    for name in HEADERS:
        if name in header:
            return header.index(name), 1
    return 0, 0


def _problem(name: str, row: list[str], found: dict[str, int]) -> str:
    if not name:
        return "there is neither an address nor a code."
    if name in found:
        return f"“{name[:80]}” was in row {found[name]} already."
    if "@" not in name:
        return "" if FORM.fullmatch(name) else f"“{name[:80]}” cannot be a code."
    try:
        validate_email(name)
    except ValidationError:
        return f"“{name[:80]}” is not an address."
    return "" if len(name) <= 254 else f"“{name[:80]}…” is too long."


def _shortened(problems: list[str]) -> list[str]:
    more = len(problems) - TOLD
    return problems[:TOLD] + ([f"And {more} more rows."] if more > 0 else [])


@transaction.atomic
def invite(study: Study, names: Iterable[str], *, at: datetime) -> Added:
    """Invite everybody of `names` who was not yet; addresses wait to be sent to."""
    known = set(study.invitations.values_list("name", flat=True))
    wanted = list(names)
    new = [
        Invitation(
            study=study,
            name=name,
            state=State.WAITING if "@" in name else State.CODE,
            created_at=at,
        )
        for name in wanted
        if name not in known
    ]
    Invitation.objects.bulk_create(new)
    return Added(new=len(new), known=len(wanted) - len(new))


def retry(study: Study) -> int:
    """Let those that could not be sent wait again; return how many they are."""
    return study.invitations.failed().update(state=State.WAITING, error="")


def send_waiting(study: Study, *, site: str, at: datetime) -> int:
    """Send every invitation of `study` that waits; return how many could be.

    `site` is the address of the installation, such as https://listen.example. Each is
    taken by one sender; a mail that the server refuses is marked with the reason.
    """
    sent = 0
    for invitation in study.invitations.to_send().order_by("pk"):
        if invitation.claim(at=at):
            sent += _send(study, invitation, site=site)
    return sent


def _send(study: Study, invitation: Invitation, *, site: str) -> bool:
    link = site + reverse("invited", args=[invitation.token])
    context = {"study": study, "link": link, "minutes": minutes(study)}
    with translation.override(study.language or settings.LANGUAGE_CODE):
        text = render_to_string("listening/mail/invitation.txt", context)
        subject = _("Invitation: %(title)s") % {"title": study.title}
    subject = " ".join(subject.split())
    try:
        send_mail(subject, text, None, [invitation.name])
    except (SMTPException, OSError) as error:
        invitation.fail(str(error) or type(error).__name__)
        return False
    return True
