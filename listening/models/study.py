"""A study: a stimulus set, a method, comparisons, texts and quotas."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from listening import headphones
from listening.schedule import Checks, Pair
from stimuli.models import StimulusSet

DEFAULT_INTRODUCTION = (
    "You will hear short recordings of people speaking in noisy rooms, two at a time. "
    "Tell us which of the two you would rather listen to. There are no right answers."
)
DEFAULT_CONSENT = (
    "We store your answers, when you gave them and how long you listened, under a "
    "random code. We store no name and no address of your computer. You may stop at "
    "any time by closing this page. The answers are used for research and may be "
    "published without anything that tells who you are."
)


def new_code() -> str:
    """Return a fresh 128-bit token that is safe in an address."""
    return secrets.token_urlsafe(16)


class HeadphoneCheck(models.TextChoices):
    """How raters show that they wear headphones."""

    NONE = "none", "none"
    HUGGINS = headphones.HUGGINS, "Huggins pitch"
    ANTIPHASE = headphones.ANTIPHASE, "antiphase tones"
    BOTH = "both", "Huggins pitch and antiphase tones"

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of sounds that count, in the order in which they are asked."""
        every = (headphones.HUGGINS, headphones.ANTIPHASE)
        return tuple(kind for kind in every if self.value in (kind, self.BOTH))


class HeadphonePolicy(models.TextChoices):
    """What becomes of raters who do not pass. The result is kept in any case."""

    FLAG = "flag", "goes on, and is told nothing"
    WARN = "warn", "is asked to put headphones on, and goes on"
    EXCLUDE = "exclude", "is screened out"


class StudyQuerySet(models.QuerySet["Study"]):
    def of(self, user: object) -> StudyQuerySet:
        """Return the studies that `user` owns: nobody sees another's."""
        return self.filter(owner=user)


class Study(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft"
        PILOT = "pilot"
        LIVE = "live"
        PAUSED = "paused"
        CLOSED = "closed"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="studies"
    )
    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=200)
    code = models.CharField(
        max_length=22, unique=True, default=new_code, editable=False
    )
    stimulus_set = models.ForeignKey(StimulusSet, on_delete=models.PROTECT)
    method = models.CharField(max_length=20)
    question = models.CharField(
        max_length=200, default="Which one would you rather listen to?"
    )
    introduction = models.TextField(default=DEFAULT_INTRODUCTION)
    consent_text = models.TextField(default=DEFAULT_CONSENT)
    consent_version = models.PositiveIntegerField(default=1)
    trials_per_session = models.PositiveIntegerField(default=12)
    training_trials = models.PositiveIntegerField(default=2)
    gold_trials = models.PositiveIntegerField(
        default=0, help_text="A session: nobody who listens can fail them."
    )
    placebo_trials = models.PositiveIntegerField(
        default=0, help_text="A session: both sounds are the same."
    )
    repeat_trials = models.PositiveIntegerField(
        default=0, help_text="A session: asked before, A and B swapped."
    )
    gold_system = models.SlugField(default="clean")
    gold_reference = models.SlugField(default="lowpass-3.5k")
    exclusion_rules = models.JSONField(
        default=dict,
        blank=True,
        help_text='Limits by rule and tier: {"gold": {"pay": 0.7, "use": 0.34}}.',
    )
    headphone_check = models.CharField(
        max_length=20, choices=HeadphoneCheck.choices, default=HeadphoneCheck.NONE
    )
    headphone_policy = models.CharField(
        max_length=20, choices=HeadphonePolicy.choices, default=HeadphonePolicy.FLAG
    )
    headphone_mark = models.PositiveSmallIntegerField(
        default=headphones.MARK,
        validators=[
            MinValueValidator(headphones.LOWEST_MARK),
            MaxValueValidator(headphones.TRIALS),
        ],
        help_text="Right answers of six, of each kind of sound, that pass.",
    )
    rater_quota = models.PositiveIntegerField(
        default=50, help_text="Complete sessions after which the study is full."
    )
    cell_quota = models.PositiveIntegerField(
        null=True,
        help_text="Answers after which a comparison at an SNR is asked no more.",
    )
    panel = models.CharField(
        max_length=20, blank=True, help_text="From where raters come, of PANELS."
    )
    panel_parameters = models.CharField(
        max_length=200,
        blank=True,
        help_text="Names that another panel's links carry, the participant's first.",
    )
    identity_days = models.PositiveIntegerField(
        default=90, help_text="Days after which identities are deleted."
    )
    contact = models.CharField(
        max_length=200, blank=True, help_text="Whom raters may write to."
    )
    withdrawals = models.PositiveIntegerField(
        default=0, editable=False, help_text="Sessions that were deleted on request."
    )
    min_listening_s = models.FloatField(
        default=1.0,
        help_text="Seconds for which each member must be audible before an answer.",
    )
    equivalence_margin = models.FloatField(
        null=True,
        blank=True,
        help_text="Declared before the study opens: a share, 0.05 for 45 to 55 %.",
    )
    rating_margin = models.FloatField(
        null=True,
        blank=True,
        help_text="Declared before the study opens: points of the mean rating.",
    )
    rater_slopes = models.BooleanField(
        default=False,
        help_text="Declared before the study opens: raters may differ in the effect "
        "of the SNR.",
    )
    seed = models.PositiveIntegerField(default=1)
    state = models.CharField(
        max_length=20, choices=State.choices, default=State.DRAFT, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)

    objects = StudyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "studies"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.PILOT, self.State.LIVE)

    @property
    def checks(self) -> Checks:
        """The trials of a session that are there to check on the rater."""
        return Checks(self.gold_trials, self.placebo_trials, self.repeat_trials)

    @property
    def headphone_kinds(self) -> tuple[str, ...]:
        """The kinds of sounds that tell headphones; empty without a check."""
        return HeadphoneCheck(self.headphone_check).kinds

    @property
    def gold_pair(self) -> Pair:
        """The better and the worse system of trials whose answer is known."""
        return self.gold_system, self.gold_reference

    def keep_consent_text(self) -> ConsentText:
        """Keep the words of the present version, and return them."""
        words = {"introduction": self.introduction, "text": self.consent_text}
        return self.consent_texts.get_or_create(
            version=self.consent_version, defaults=words
        )[0]


class ConsentText(models.Model):
    """The words that raters agreed to, kept when the first one agrees to them."""

    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="consent_texts"
    )
    version = models.PositiveIntegerField()
    introduction = models.TextField()
    text = models.TextField()

    class Meta:
        ordering = ["study", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "version"], name="one_consent_text_per_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study}: consent, version {self.version}"


class Comparison(models.Model):
    """An ordered pair of systems: is `system` preferred to `reference`?"""

    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="comparisons"
    )
    system = models.SlugField()
    reference = models.SlugField(default="unprocessed")

    class Meta:
        ordering = ["study", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "system", "reference"],
                name="one_comparison_of_two_systems_in_a_study",
            ),
            models.CheckConstraint(
                condition=~Q(system=F("reference")),
                name="a_system_is_not_compared_with_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system} against {self.reference}"

    @property
    def pair(self) -> Pair:
        return self.system, self.reference
