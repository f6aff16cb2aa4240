"""One question of a session, drawn and stored before it is shown, and its answer."""

from __future__ import annotations

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

from listening import schedule
from listening.models.session import Session
from listening.models.study import Comparison, new_code
from stimuli.models import Mixture, Stimulus


class TrialQuerySet(models.QuerySet["Trial"]):
    def unanswered(self) -> TrialQuerySet:
        return self.filter(response=None)

    def answered(self) -> TrialQuerySet:
        return self.exclude(response=None)

    def with_answers(self) -> TrialQuerySet:
        return self.select_related("response").order_by("position")

    def of_token(self, token: str) -> TrialQuerySet:
        """Return the trial of which `token` is a member, with its session and study."""
        return self.filter(Q(token_a=token) | Q(token_b=token)).select_related(
            "comparison", "session__study"
        )

    def live(self) -> TrialQuerySet:
        return self.filter(session__stage=Session.Stage.LIVE)

    def by_people(self) -> TrialQuerySet:
        return self.filter(session__rater__simulated=False)

    def for_results(self) -> TrialQuerySet:
        """Return the answered test trials of the real study, raters of all kinds."""
        return self.answered().live().filter(kind=Trial.Kind.TEST)

    def for_checks(self) -> TrialQuerySet:
        """Return all trials of the real study but training, answered or not.

        They tell how raters answered; only those `for_results` tell what they prefer.
        """
        return self.live().exclude(kind=Trial.Kind.TRAINING)

    def beside_results(self) -> TrialQuerySet:
        """Return the answered trials of the real study that are not analysed."""
        return self.answered().live().exclude(kind=Trial.Kind.TEST)

    def with_frames(self) -> TrialQuerySet:
        """Annotate `frames`, at 48 kHz: all members of a mixture have as many."""
        sounds = Stimulus.objects.rendered().filter(mixture=OuterRef("mixture"))
        return self.annotate(frames=Subquery(sounds.values("frames")[:1]))


class Trial(models.Model):
    Kind = schedule.Kind

    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="trials"
    )
    position = models.PositiveIntegerField(help_text="1 for the trial heard first")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.TEST)
    comparison = models.ForeignKey(
        Comparison,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        help_text="None of a gold trial: the study says what it is about.",
    )
    mixture = models.ForeignKey(Mixture, on_delete=models.PROTECT)
    enhanced_first = models.BooleanField(
        help_text="Member A is the comparison's system, B its reference. "
        "Of a placebo: whose sound both are."
    )
    repeats = models.PositiveIntegerField(
        null=True, blank=True, help_text="position of the trial that comes again"
    )
    token_a = models.CharField(max_length=22, unique=True, default=new_code)
    token_b = models.CharField(max_length=22, unique=True, default=new_code)
    shown_at = models.DateTimeField(null=True)

    objects = TrialQuerySet.as_manager()

    class Meta:
        ordering = ["session", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "position"], name="one_trial_per_position"
            ),
            models.CheckConstraint(
                condition=Q(kind="gold") ^ Q(comparison__isnull=False),
                name="a_comparison_unless_the_answer_is_known",
            ),
            models.CheckConstraint(
                # NULL is neither less nor not less: a check lets it pass
                condition=Q(
                    kind="repeat", repeats__isnull=False, repeats__lt=F("position")
                )
                | (~Q(kind="repeat") & Q(repeats=None)),
                name="a_repeat_names_an_earlier_trial",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session} {self.position}"

    @property
    def pair(self) -> schedule.Pair:
        """The systems whose preference is asked, and over which."""
        return self.comparison.pair if self.comparison else self.session.study.gold_pair

    @property
    def members(self) -> schedule.Pair:
        """The systems whose sounds are A and B."""
        return schedule.members(
            self.kind,
            self.comparison.pair if self.comparison else None,
            gold=self.session.study.gold_pair,
            enhanced_first=self.enhanced_first,
        )

    def system_of(self, token: str) -> str:
        """Return the system whose sound `token`, one of the two members, stands for."""
        a, b = self.members
        return a if token == self.token_a else b

    @property
    def is_training(self) -> bool:
        """The only thing about its kind that a rater may know."""
        return self.kind == self.Kind.TRAINING

    @property
    def is_audible(self) -> bool:
        """Whether its sounds may be heard now: it is the current trial or the next."""
        near = self.session.trials.unanswered()[:2]
        return self.session.state == Session.State.TRIALS and self in near


class Response(models.Model):
    """The answer: at most one a trial, and one for each key that a browser made up."""

    trial = models.OneToOneField(
        Trial, on_delete=models.PROTECT, related_name="response"
    )
    key = models.UUIDField(unique=True, help_text="made by the browser, once an answer")
    value = models.SmallIntegerField(
        help_text="as given: -3..3, negative for A, positive for B, 0 for no preference"
    )
    answered_at = models.DateTimeField()
    listened_a_s = models.FloatField(null=True, help_text="seconds A was audible")
    listened_b_s = models.FloatField(null=True)
    switches = models.PositiveIntegerField(null=True)
    plays = models.PositiveIntegerField(null=True)
    seeks = models.PositiveIntegerField(null=True)
    absences = models.PositiveIntegerField(
        null=True, help_text="times the page was hidden or lost the focus"
    )
    device_changes = models.PositiveIntegerField(null=True)
    underruns = models.PositiveIntegerField(
        null=True, help_text="times the sound faltered"
    )
    context_rate_hz = models.FloatField(
        null=True, help_text="sample rate at which the browser played"
    )
    response_time_s = models.FloatField(
        null=True, help_text="from the page's arrival to the answer, by the browser"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(value__range=(-3, 3)), name="value_from_minus_3_to_3"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trial}: {self.value}"

    @property
    def towards_enhanced(self) -> int:
        """The answer turned so that positive prefers the comparison's system."""
        return -self.value if self.trial.enhanced_first else self.value
