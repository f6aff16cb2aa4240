"""How a session ended for whoever sent the rater: a code, and an address to go to.

There is no outcome, and so neither code nor address, before the session is over; it is
complete only once the server holds every answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext

from listening.models import Outcome, Session, Study
from listening.models.recruiting import OUTCOME_OF
from listening.panels import PANELS

CODE = re.compile(r"\A[A-Za-z0-9._-]{0,64}\Z")


@dataclass(frozen=True)
class WayBack:
    code: str = ""
    url: str = ""
    panel: str = ""  # its name, if the study is for one


def outcome_of(session: Session) -> Outcome | None:
    """Return how `session` ended; None while it is under way."""
    return OUTCOME_OF.get(Session.State(session.state))


def way_back(session: Session) -> WayBack:
    """Return what the rater is given at the end; nothing before it.

    A complete session has a code of its own where the study declares none.
    """
    outcome = outcome_of(session)
    if outcome is None:
        return WayBack()
    study = session.study
    declared = study.completion_paths.filter(outcome=outcome).first()
    code = (declared and declared.code) or session.completion_code
    panel = PANELS.get(study.panel)
    url = (declared and declared.url) or (panel.url if panel and code else "")
    return WayBack(
        code=code,
        url=url.replace("{code}", quote(code, safe="")),
        panel=gettext(panel.label) if panel else "",
    )


def problem_of_url(url: str) -> str:
    """Return what is wrong with an address to send raters to; empty if nothing is."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "This is not an address."
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "An address begins with https:// and the name of a site."
    if re.search(r"\s|\{(?!code\})", url):
        return "An address has no spaces, and {code} is all that is filled in."
    return ""


def problem_of(study: Study) -> str:
    """Return what a study for a panel's participants lacks to send them back."""
    if not study.panel or not PANELS[study.panel].url:
        return ""
    complete = study.completion_paths.filter(outcome=Outcome.COMPLETE).first()
    if complete and complete.code:
        return ""
    return (
        f"{PANELS[study.panel].label} needs the completion code that it gave you: "
        f"enter it under Recruiting."
    )
