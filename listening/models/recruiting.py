"""How raters come to a study, and how they are sent back to where they came from.

Who somebody is stands in `PanelIdentity` and `Invitation` and nowhere else: both are
deleted after the days that the study declares, and sessions stay as random codes.
"""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from listening.models.session import Session
from listening.models.study import Comparison, Study, new_code


class Outcome(models.TextChoices):
    """How a session can end for who sent the rater."""

    COMPLETE = "complete", "Complete"
    NO_CONSENT = "no-consent", "Did not agree"
    SCREENED_OUT = "screened-out", "Screened out"
    TECHNICAL = "technical", "Technical problem"


# state of a session that is over -> its outcome
OUTCOME_OF = {
    Session.State.COMPLETE: Outcome.COMPLETE,
    Session.State.DECLINED: Outcome.NO_CONSENT,
    Session.State.SCREENED_OUT: Outcome.SCREENED_OUT,
    Session.State.TECHNICAL: Outcome.TECHNICAL,
}


class CompletionPath(models.Model):
    """What raters of one outcome are given: a code, an address to go back to."""

    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="completion_paths"
    )
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    code = models.CharField(max_length=64, blank=True)
    url = models.CharField(
        max_length=500, blank=True, help_text="{code} stands for the code."
    )

    class Meta:
        ordering = ["study", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "outcome"], name="one_completion_path_per_outcome"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study}: {self.outcome}"


class ClosedCell(models.Model):
    """A comparison at an SNR that nobody new is asked about."""

    comparison = models.ForeignKey(
        Comparison, on_delete=models.CASCADE, related_name="closed_cells"
    )
    snr_db = models.FloatField()

    class Meta:
        ordering = ["comparison", "snr_db"]
        constraints = [
            models.UniqueConstraint(
                fields=["comparison", "snr_db"], name="a_cell_is_closed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.comparison} at {self.snr_db:g} dB"


class PanelIdentity(models.Model):
    """That a participant of a panel has this session. The panel's id is not stored:
    `pseudonym` is a keyed hash of it, by which a second visit is known again."""

    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="panel_identities"
    )
    panel = models.CharField(max_length=20)
    pseudonym = models.CharField(max_length=64)
    session = models.OneToOneField(
        Session, on_delete=models.CASCADE, related_name="panel_identity"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "panel identities"
        ordering = ["study", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "pseudonym"], name="one_session_per_panel_identity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.panel} {self.pseudonym[:8]}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def to_send(self) -> InvitationQuerySet:
        return self.filter(state=Invitation.State.WAITING)

    def failed(self) -> InvitationQuerySet:
        return self.filter(state=Invitation.State.FAILED)

    def with_sessions(self) -> InvitationQuerySet:
        return self.select_related("session").order_by("pk")


class Invitation(models.Model):
    """One person's own way into a study: to an address, or a code of the experimenter.

    Whoever holds `token` is the one invited.
    """

    class State(models.TextChoices):
        CODE = "code", "link to hand on"
        WAITING = "waiting", "waiting to be sent"
        SENT = "sent"
        FAILED = "failed", "could not be sent"

    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="invitations"
    )
    token = models.CharField(
        max_length=22, unique=True, default=new_code, editable=False
    )
    name = models.CharField(max_length=254, help_text="The address, or the code.")
    state = models.CharField(max_length=20, choices=State.choices)
    error = models.CharField(max_length=300, blank=True)
    session = models.OneToOneField(
        Session, null=True, on_delete=models.CASCADE, related_name="invitation"
    )
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["study", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "name"], name="nobody_is_invited_twice"
            ),
            models.CheckConstraint(
                condition=Q(state="failed") ^ Q(error=""),
                name="an_error_if_and_only_if_not_sent",
            ),
            models.CheckConstraint(
                condition=Q(state="sent") ^ Q(sent_at=None),
                name="sent_at_if_and_only_if_sent",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def progress(self) -> str:
        """How far it came, in words: that of the session once there is one."""
        if self.session is None:
            return self.get_state_display()
        return self.session.get_state_display()

    def claim(self, *, at: datetime) -> bool:
        """Take it for sending; False if somebody else has. The link goes out once."""
        waiting = Invitation.objects.to_send().filter(pk=self.pk)
        return waiting.update(state=self.State.SENT, sent_at=at) == 1

    def fail(self, error: str) -> None:
        self.state, self.sent_at, self.error = self.State.FAILED, None, error[:300]
        self.save(update_fields=["state", "sent_at", "error"])
