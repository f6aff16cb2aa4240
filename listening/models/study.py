"""A study: a stimulus set, a method, comparisons, texts and quotas."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import translation
from django.utils.timezone import localdate
from django.utils.translation import gettext, gettext_noop

from listening import headphones, methods
from listening.methods.method import PREFERENCE_INTRODUCTION, PREFERENCE_QUESTION
from listening.schedule import Checks, Pair
from stimuli.models import StimulusSet

DEFAULT_CONSENT = gettext_noop(
    "We store your answers, when you gave them and how long you listened, under a "
    "random code. We store no name and no address of your computer. You may stop at "
    "any time by closing this page. The answers are used for research and may be "
    "published without anything that tells who you are."
)


# As long as an experimenter leaves them as they are, raters read them in their language
DEFAULT_TEXTS = methods.words() | {DEFAULT_CONSENT}


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


@dataclass(frozen=True)
class Words:
    """What an experimenter tells raters, in the language in which they read it."""

    question: str
    introduction: str
    consent: str


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
    language = models.CharField(
        max_length=10,
        blank=True,
        help_text="Raters are spoken to in it; empty: in that of their browser.",
    )
    question = models.CharField(max_length=200, default=PREFERENCE_QUESTION)
    introduction = models.TextField(default=PREFERENCE_INTRODUCTION)
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
    # not slugs: some systems have a dot in their names
    gold_system = models.CharField(max_length=50, default="clean")
    gold_reference = models.CharField(max_length=50, default="lowpass-3.5k")
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
    ends_on = models.DateField(
        null=True,
        blank=True,
        help_text="The last day on which anybody may begin, however few came.",
    )
    hypotheses = models.TextField(
        blank=True, help_text="What is expected, and which of it is confirmatory."
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

    def has_ended(self, at: datetime) -> bool:
        """Whether its last day is over, by the clock of this site."""
        return self.ends_on is not None and localdate(at) > self.ends_on

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

    @property
    def words(self) -> Words:
        """The texts in the study's language, else in that of the page."""
        return self.words_in(self.language or translation.get_language() or "")

    def words_in(self, language: str) -> Words:
        with translation.override(language or settings.LANGUAGE_CODE):
            return Words(
                _translated(self.question),
                _translated(self.introduction),
                _translated(self.consent_text),
            )

    def keep_consent_text(self, *, language: str) -> ConsentText:
        """Keep the present version as it reads in `language`, and return it."""
        words = self.words_in(language)
        return self.consent_texts.get_or_create(
            version=self.consent_version,
            language=language,
            defaults={"introduction": words.introduction, "text": words.consent},
        )[0]


def _translated(text: str) -> str:
    """Return a default text in the active language; any other as it was written."""
    return gettext(text) if text in DEFAULT_TEXTS else text


class ConsentText(models.Model):
    """The words that raters agreed to, kept when the first one agrees to them."""

    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="consent_texts"
    )
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=10)
    introduction = models.TextField()
    text = models.TextField()

    class Meta:
        ordering = ["study", "version", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "version", "language"],
                name="one_consent_text_per_version_and_language",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study}: consent, version {self.version} ({self.language})"


class Comparison(models.Model):
    """What trials of a study are about: is `system` preferred to `reference`?

    Where sounds are scored one at a time there is no reference, and the comparison is
    a system by itself. It still is the unit of which every session has equally many
    trials, and a cell still is one of them at an SNR; so schedule, quotas and board
    know of no difference.
    """

    study = models.ForeignKey(
        Study, on_delete=models.CASCADE, related_name="comparisons"
    )
    system = models.SlugField()
    reference = models.SlugField(
        default="unprocessed",
        blank=True,
        help_text="Empty: the system is heard by itself.",
    )

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
        return (
            f"{self.system} against {self.reference}" if self.reference else self.system
        )

    @property
    def pair(self) -> Pair:
        return self.system, self.reference

    @property
    def systems(self) -> set[str]:
        """The systems that are heard: two, or one by itself."""
        return {self.system, self.reference} - {""}
