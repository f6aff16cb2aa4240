"""What is kept of a rater, in words for them: every column, and nothing that is not.

The page reads this table, and a test holds it against the models: a column that is
added and not told of fails.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop


@dataclass(frozen=True)
class Kept:
    """One thing that is kept: the columns behind it, and the words for raters."""

    words: str
    columns: frozenset[str]  # model.column


def kept(words: str, *columns: str) -> Kept:
    return Kept(words, frozenset(columns))


KEPT = [
    kept(
        gettext_noop(
            "A random code that stands for you, and random codes of your session: for "
            "its address, for its completion and for its withdrawal."
        ),
        "rater.code",
        "rater.simulated",
        "session.code",
        "session.completion_code",
        "session.withdrawal_code",
    ),
    kept(
        gettext_noop(
            "When you came, agreed, set your volume, were last here and finished, how "
            "far you came, and which version of the consent you agreed to, in which "
            "language."
        ),
        "rater.created_at",
        "session.started_at",
        "session.consented_at",
        "session.consent_version",
        "session.language",
        "session.sound_checked_at",
        "session.sound_due",
        "session.last_seen_at",
        "session.completed_at",
        "session.state",
        "session.stage",
    ),
    kept(
        gettext_noop(
            "Which recordings were drawn for you, by which random number and in which "
            "order, and when each was shown."
        ),
        "session.seed",
        "session.schedule_version",
        "session.design_version",
        "trial.position",
        "trial.kind",
        "trial.comparison",
        "trial.mixture",
        "trial.enhanced_first",
        "trial.repeats",
        "trial.token_a",
        "trial.token_b",
        "trial.token_x",
        "trial.x_first",
        "trial.scale",
        "trial.shown_at",
        "trialsound.trial",
        "trialsound.place",
        "trialsound.system",
        "trialsound.token",
    ),
    kept(
        gettext_noop("Your answers, when you gave them and how long they took."),
        "response.key",
        "response.value",
        "trialsound.score",
        "response.answered_at",
        "response.response_time_s",
    ),
    kept(
        gettext_noop(
            "How you listened: for how long to each recording, how often you played, "
            "switched and moved about, whether you left the page or changed your "
            "headphones, at which sample rate your device played and whether it "
            "faltered; with the moments at which these things happened."
        ),
        "response.listened_a_s",
        "response.listened_b_s",
        "response.listened_x_s",
        "trialsound.listened_s",
        "response.switches",
        "response.plays",
        "response.seeks",
        "response.absences",
        "response.device_changes",
        "response.underruns",
        "response.context_rate_hz",
        "event.trial",
        "event.page",
        "event.number",
        "event.kind",
        "event.at_s",
        "event.audio_s",
        "event.position_s",
        "event.member",
        "event.received_at",
    ),
    kept(
        gettext_noop(
            "If the study checks whether you wear headphones: which sounds were drawn "
            "for that, what you answered and when, and how many of the answers were "
            "right."
        ),
        "headphonetrial.round",
        "headphonetrial.attempt",
        "headphonetrial.position",
        "headphonetrial.kind",
        "headphonetrial.odd",
        "headphonetrial.seed",
        "headphonetrial.token",
        "headphonetrial.answer",
        "headphonetrial.answered_at",
        "session.headphones_due",
        "session.headphones_right",
        "session.headphones_checked_at",
    ),
    kept(
        gettext_noop(
            "Which kind of browser you have and on which kind of system, as Firefox on "
            "Android, when you agreed."
        ),
        "session.browser",
        "session.platform",
    ),
    kept(
        gettext_noop("What you write to us at the end, if anything."), "session.comment"
    ),
    kept(
        gettext_noop(
            "If the researchers leave your answers out: when, who decided it and why; "
            "the same if they take that back."
        ),
        "exclusion.at",
        "exclusion.by",
        "exclusion.reason",
        "exclusion.undone_at",
        "exclusion.undone_by",
        "exclusion.undone_reason",
    ),
]
# Kept apart from the answers, for a while
IDENTITIES = [
    kept(
        gettext_noop(
            "If a panel sent you: the panel's name and a scrambled form of your id "
            "there, by which you are known again if you come back. The id itself is "
            "not stored."
        ),
        "panelidentity.panel",
        "panelidentity.pseudonym",
        "panelidentity.created_at",
    ),
    kept(
        gettext_noop(
            "If you were invited: the address or the code to which the invitation was "
            "sent, when, and whether it arrived."
        ),
        "invitation.token",
        "invitation.name",
        "invitation.state",
        "invitation.error",
        "invitation.created_at",
        "invitation.sent_at",
    ),
]
NOT_KEPT = [
    gettext_noop("Your name."),
    gettext_noop("The address of your computer."),
    gettext_noop("Which version of a browser or which device you have."),
    gettext_noop("Anything from your microphone: it is never used."),
]
