"""A rater, as we know them (a random code), and one pass of theirs through a study."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from listening.models.study import Study, new_code

# A session that was not heard of for this long no longer holds its place.
FRESH = timedelta(minutes=30)

# After so long the volume is set again and the headphones are checked again, as the
# set-up of ITU-T P.808 is repeated: hands and headphones move.
SOUND_HOLDS = timedelta(minutes=30)

# Read from a screen and typed again: nothing that looks alike, no vowels, no words.
ALPHABET = "23456789BCDFGHJKMNPQRTVWXYZ"
GROUPS, GROUP = 4, 4


def new_withdrawal_code() -> str:
    """Return a fresh code of 76 bits, like `7KQM-2F9X-TBHN-84WD`."""
    drawn = (
        "".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS)
    )
    return "-".join(drawn)


class Rater(models.Model):
    code = models.CharField(
        max_length=22, unique=True, default=new_code, editable=False
    )
    simulated = models.BooleanField(
        default=False, help_text="A program, not a person: marked wherever it appears."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.code


class SessionQuerySet(models.QuerySet["Session"]):
    def complete(self) -> SessionQuerySet:
        return self.filter(state=Session.State.COMPLETE)

    def of_withdrawal_code(self, typed: str) -> SessionQuerySet:
        """Return the session of the code as typed: case, spaces and dashes are free."""
        bare = "".join(sign for sign in typed.upper() if sign.isalnum())
        parts = (bare[n : n + GROUP] for n in range(0, len(bare), GROUP))
        return self.filter(withdrawal_code="-".join(parts))

    def left_out(self) -> SessionQuerySet:
        """Return those that an experimenter left out by hand."""
        return self.filter(_is_left_out())

    def counted(self) -> SessionQuerySet:
        """Return those that nobody left out by hand."""
        return self.filter(~_is_left_out())

    def holding_a_place(self, at: datetime) -> SessionQuerySet:
        """Return what counts in quotas: complete sessions, and fresh ones under way.

        The place of one that was left out by hand is free again.
        """
        under_way = Q(
            state__in=[Session.State.CONSENT, Session.State.TRIALS],
            last_seen_at__gte=at - FRESH,
        )
        return self.counted().filter(Q(state=Session.State.COMPLETE) | under_way)

    def for_list(self) -> SessionQuerySet:
        """Annotate how many trials there are and are answered, and who is left out."""
        return self.select_related("rater").annotate(
            asked=Count("trials"),
            answered=Count("trials__response"),
            is_left_out=_is_left_out(),
        )

    def of_raters(self) -> SessionQuerySet:
        """Return those that somebody began, in the pilot or later: no previews."""
        return self.exclude(stage=Session.Stage.PREVIEW)

    def of_pilot(self) -> SessionQuerySet:
        return self.filter(stage=Session.Stage.PILOT)

    def of_preview(self) -> SessionQuerySet:
        """Return what is never counted: the experimenter's looks, and dry runs."""
        return self.filter(stage=Session.Stage.PREVIEW)

    def of_dry_run(self) -> SessionQuerySet:
        return self.of_preview().filter(rater__simulated=True)

    def of_people(self) -> SessionQuerySet:
        return self.filter(rater__simulated=False)

    def for_results(self) -> SessionQuerySet:
        """Return those of the real study: neither pilot nor preview."""
        return self.filter(stage=Session.Stage.LIVE)


class Session(models.Model):
    class State(models.TextChoices):
        CONSENT = "consent", "asked for consent"
        DECLINED = "declined", "did not consent"
        TRIALS = "trials", "under way"
        COMPLETE = "complete"
        SCREENED_OUT = "screened-out", "did not meet the conditions"
        TECHNICAL = "technical", "stopped by a technical problem"

    class Stage(models.TextChoices):
        PREVIEW = "preview", "a look by the experimenter; never counted"
        PILOT = "pilot"
        LIVE = "live"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="sessions")
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="sessions")
    code = models.CharField(
        max_length=22, unique=True, default=new_code, editable=False
    )
    stage = models.CharField(max_length=20, choices=Stage.choices)
    state = models.CharField(
        max_length=20, choices=State.choices, default=State.CONSENT
    )
    seed = models.PositiveBigIntegerField(help_text="from which the trials were drawn")
    schedule_version = models.PositiveIntegerField(
        help_text="of the algorithm that drew them"
    )
    design_version = models.PositiveIntegerField(
        null=True,
        help_text="of the study's frozen design when it was drawn; None before one",
    )
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    consent_version = models.PositiveIntegerField(null=True)
    consented_at = models.DateTimeField(null=True)
    language = models.CharField(
        max_length=10, blank=True, help_text="in which consent was given"
    )
    sound_checked_at = models.DateTimeField(
        null=True, help_text="when the volume was last set"
    )
    sound_due = models.BooleanField(
        default=False, help_text="The volume is to be set again before the next trial."
    )
    headphones_due = models.BooleanField(
        default=False, help_text="The check is to be answered before the next trial."
    )
    headphones_right = models.PositiveSmallIntegerField(
        null=True,
        help_text="Right answers of six: the worse kind of sound, the better attempt, "
        "the worst round.",
    )
    headphones_checked_at = models.DateTimeField(
        null=True, help_text="when the check was last behind the rater, passed or not"
    )
    completed_at = models.DateTimeField(null=True)
    completion_code = models.CharField(max_length=22, blank=True)
    withdrawal_code = models.CharField(
        max_length=19, unique=True, default=new_withdrawal_code, editable=False
    )
    comment = models.TextField(blank=True, help_text="What the rater had to say.")
    browser = models.CharField(
        max_length=20, blank=True, help_text="its kind alone, when consent was given"
    )
    platform = models.CharField(
        max_length=20, blank=True, help_text="kind of system below it"
    )

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["study", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="complete") ^ Q(completion_code=""),
                name="a_completion_code_if_and_only_if_complete",
            ),
            models.CheckConstraint(
                condition=Q(state="complete") ^ Q(completed_at=None),
                name="completed_at_if_and_only_if_complete",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def step(self) -> str:
        """The name of the page that the rater is at."""
        if self.state == self.State.TRIALS:
            if self.sound_checked_at is None or self.sound_due:
                return "sound-check"
            if self.study.headphone_kinds and self.headphones_due:
                return "headphones"
        return STEPS[self.State(self.state)]

    def sound_is_old(self, at: datetime) -> bool:
        """Whether the volume was last set so long ago that it must be set again."""
        last = self.sound_checked_at
        return last is not None and at - last >= SOUND_HOLDS

    @property
    def passed_headphones(self) -> bool | None:
        """Whether every headphone check was passed; None if none was answered."""
        if self.headphones_right is None:
            return None
        return self.headphones_right >= self.study.headphone_mark

    @property
    def may_begin_anew(self) -> bool:
        """Whether the link leads to a new session: nobody gets more attempts so."""
        barred = self.state == self.State.SCREENED_OUT and (
            self.passed_headphones is False
        )
        return self.state in ENDED_EARLY and not barred

    @property
    def is_over(self) -> bool:
        return self.state not in (self.State.CONSENT, self.State.TRIALS)

    @property
    def is_preview(self) -> bool:
        return self.stage == self.Stage.PREVIEW


class ExclusionQuerySet(models.QuerySet["Exclusion"]):
    def standing(self) -> ExclusionQuerySet:
        return self.filter(undone_at=None)


class Exclusion(models.Model):
    """That somebody left a session out by hand, and perhaps took it back again.

    Rows are never changed but to take them back: they are the log.
    """

    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="exclusions"
    )
    at = models.DateTimeField()
    by = models.CharField(max_length=150, help_text="name of the user")
    reason = models.TextField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=150, blank=True)
    undone_reason = models.TextField(blank=True)

    objects = ExclusionQuerySet.as_manager()

    class Meta:
        ordering = ["session", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(undone_at=None),
                name="a_session_is_left_out_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="nobody_is_left_out_without_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None) ^ ~Q(undone_reason=""),
                name="taken_back_if_and_only_if_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.reason}"


def _is_left_out() -> Exists:
    """Return the condition on a session that somebody left it out by hand."""
    return Exists(Exclusion.objects.standing().filter(session=OuterRef("pk")))


# From these ends one may come back to the link
ENDED_EARLY = (
    Session.State.DECLINED,
    Session.State.SCREENED_OUT,
    Session.State.TECHNICAL,
)

# state -> name of the rater's page
STEPS = {
    Session.State.CONSENT: "consent",
    Session.State.DECLINED: "declined",
    Session.State.TRIALS: "trial",
    Session.State.COMPLETE: "done",
    Session.State.SCREENED_OUT: "ended",
    Session.State.TECHNICAL: "ended",
}
