"""Panels that send raters, and what their links claim about who comes.

A parameter in a link is a claim and never a proof: it decides which session is gone on
with, and opens nothing that belongs to somebody else's study. The id itself is not
stored. What is kept is a keyed hash of it, from which nobody without the installation's
secret key can find the id again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from listening.models import Session, Study

FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,63}")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")
# What a panel writes before somebody has taken the task on
NOT_YET = frozenset({"ASSIGNMENT_ID_NOT_AVAILABLE"})


class BadClaim(ValueError):
    """The link's parameters make no sense; the text says which and what to do."""


@dataclass(frozen=True)
class Panel:
    """`parameters` are names in the link, that of the participant first."""

    label: str
    parameters: tuple[str, ...] = ()
    link: str = ""  # what is appended to the study's link, in the panel's own words
    url: str = ""  # where raters go back to with a {code}
    default: bool = False  # recognised in studies that are open to everybody


PANELS = {
    "prolific": Panel(
        "Prolific",
        ("PROLIFIC_PID", "STUDY_ID", "SESSION_ID"),
        link="?PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}"
        "&SESSION_ID={{%SESSION_ID%}}",
        url="https://app.prolific.com/submissions/complete?cc={code}",
        default=True,
    ),
    "mturk": Panel(
        "Amazon Mechanical Turk",
        ("workerId", "assignmentId", "hitId"),
        link="?workerId=${workerId}&assignmentId=${assignmentId}&hitId=${hitId}",
        default=True,
    ),
    "other": Panel(gettext_noop("another panel")),
}


@dataclass(frozen=True)
class Claim:
    """Who somebody says to be: a panel, and the keyed hash of their id there."""

    panel: str
    pseudonym: str


def panel_choices() -> list[tuple[str, str]]:
    everybody = [("", "Everybody who has the link")]
    only = [(slug, f"Participants of {p.label}") for slug, p in PANELS.items()]
    return everybody + only


def names_of(study: Study, panel: str) -> tuple[str, ...]:
    """Return the parameters of `panel`; of another panel those that the study names."""
    own = tuple(name.strip() for name in study.panel_parameters.split(",") if name)
    return PANELS[panel].parameters or own


def panels_of(study: Study) -> Iterator[str]:
    """Yield the panels whose parameters count in the links of `study`."""
    if study.panel:
        yield study.panel
        return
    yield from (slug for slug, panel in PANELS.items() if panel.default)


def claim_of(study: Study, query: QueryDict) -> Claim | None:
    """Return who the link says has come; None for nobody in particular.

    Raises
    ------
    BadClaim
        If the id of a participant is missing though the study is for a panel's
        participants, or if a parameter is garbled, too long or there twice.
    """
    for panel in panels_of(study):
        names = names_of(study, panel)
        values = {name: _value(query, name) for name in names if name in query}
        if names[0] in values:
            return Claim(panel, pseudonym_of(study, panel, values[names[0]]))
    if study.panel:
        panel = PANELS[study.panel].label
        raise BadClaim(
            _(
                "This study is for participants of %(panel)s, and the link lacks "
                "%(name)s. Please follow the link there again."
            )
            % {"panel": _(panel), "name": names_of(study, study.panel)[0]}
        )
    return None


def pseudonym_of(study: Study, panel: str, participant: str) -> str:
    """Return the keyed hash by which `participant` is known in `study` alone."""
    salt = f"listening.panels:{study.pk}:{panel}"
    return salted_hmac(salt, participant, algorithm="sha256").hexdigest()


def session_of(study: Study, panel: str, participant: str) -> Session | None:
    """Return the session of a panel's participant, as long as they are known."""
    pseudonym = pseudonym_of(study, panel, participant)
    return study.sessions.filter(panel_identity__pseudonym=pseudonym).first()


def _value(query: QueryDict, name: str) -> str:
    values = query.getlist(name)
    if len(values) > 1:
        raise BadClaim(
            _("The link has %(name)s twice. Please follow it from its source.")
            % {"name": name}
        )
    if values[0] in NOT_YET:
        raise BadClaim(_("Please accept the task first, then follow its link."))
    if not FORM.fullmatch(values[0]):
        raise BadClaim(
            _(
                "The link was garbled: %(name)s is not an id. Please follow it again "
                "from where you found it, and change nothing in it."
            )
            % {"name": name}
        )
    return values[0]
