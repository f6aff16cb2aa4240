"""One question of a session, drawn and stored before it is shown, and its answer."""

from __future__ import annotations

from django.db import models
from django.db.models import Count, F, Min, OuterRef, Q, Subquery

from listening import schedule
from listening.methods.method import BASIC, OVERALL, REACH
from listening.methods.mushra import REFERENCE
from listening.models.session import Session
from listening.models.study import Comparison, new_code
from stimuli.models import Mixture, Stimulus

# Names of the sounds of a trial that has many, by their places: A is the reference
LETTERS = "abcdefghijklm"


class TrialQuerySet(models.QuerySet["Trial"]):
    def unanswered(self) -> TrialQuerySet:
        return self.filter(response=None)

    def answered(self) -> TrialQuerySet:
        return self.exclude(response=None)

    def with_answers(self) -> TrialQuerySet:
        return self.select_related("response").order_by("position")

    def of_token(self, token: str) -> TrialQuerySet:
        """Return the trial of which `token` is a member, with its session and study."""
        member = Q(token_a=token) | Q(token_b=token) | Q(token_x=token)
        # asked apart, so that every part of the question has its index
        one_of_many = Q(pk__in=TrialSound.objects.filter(token=token).values("trial"))
        trials = self.filter(member | one_of_many)
        return trials.select_related("comparison", "session__study")

    def one_a_sound(self) -> TrialQuerySet:
        """Return one trial of each sound that is scored on several scales."""
        return self.filter(scale__in=("", OVERALL, BASIC))

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

    def with_many(self) -> TrialQuerySet:
        """Annotate what is known of trials with many sounds, null of all others.

        `many` is how many are scored; `many_least_s` is how long the least heard of
        them was audible; `hidden` is what the hidden reference got.
        """
        sounds = TrialSound.objects.filter(trial=OuterRef("pk")).order_by()
        hidden = sounds.filter(system=REFERENCE)
        of_trial = sounds.values("trial")
        return self.annotate(
            many=Subquery(of_trial.annotate(n=Count("pk")).values("n")),
            many_least_s=Subquery(of_trial.annotate(s=Min("listened_s")).values("s")),
            hidden=Subquery(hidden.values("score")[:1]),
        )

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
        help_text="None of a gold trial, of which the study says what it is about, and "
        "where all systems are heard together.",
    )
    mixture = models.ForeignKey(Mixture, on_delete=models.PROTECT)
    enhanced_first = models.BooleanField(
        help_text="Member A is the comparison's system, B its reference. "
        "Of a placebo: whose sound both are. One sound is A."
    )
    repeats = models.PositiveIntegerField(
        null=True, blank=True, help_text="position of the trial that comes again"
    )
    token_a = models.CharField(
        max_length=22,
        unique=True,
        default=new_code,
        help_text="Where there are many sounds that of the open reference.",
    )
    token_b = models.CharField(
        max_length=22,
        unique=True,
        null=True,
        blank=True,
        default=new_code,
        help_text="Null: there is one sound, or there are many.",
    )
    token_x = models.CharField(
        max_length=22,
        unique=True,
        null=True,
        blank=True,
        help_text="Null: there is no X.",
    )
    x_first = models.BooleanField(null=True, help_text="X is A; null: there is no X.")
    scale = models.CharField(
        max_length=20,
        blank=True,
        help_text="On what the sound is scored; empty: sounds are compared.",
    )
    shown_at = models.DateTimeField(null=True)

    # Which of many sounds a row of an export is about
    told: TrialSound | None = None

    objects = TrialQuerySet.as_manager()

    class Meta:
        ordering = ["session", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "position"], name="one_trial_per_position"
            ),
            models.CheckConstraint(
                condition=(Q(kind="gold") | Q(scale=BASIC))
                ^ Q(comparison__isnull=False),
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
            models.CheckConstraint(
                condition=Q(token_x=None) ^ Q(x_first__isnull=False),
                name="x_has_a_token_if_and_only_if_there_is_one",
            ),
            models.CheckConstraint(
                condition=Q(scale="") ^ Q(token_b=None),
                name="one_sound_if_and_only_if_it_is_scored",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session} {self.position}"

    def renew_tokens(self) -> None:
        """Give each sound of the trial a fresh token: all that a page tells of it."""
        self.token_a = new_code()
        self.token_b = None if self.scale else new_code()
        self.token_x = None if self.x_first is None else new_code()

    @property
    def is_together(self) -> bool:
        """Whether all systems of the study are heard in it, beside a reference."""
        return self.scale == BASIC

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
        """Return the system whose sound `token`, one of the members, stands for."""
        if self.is_together:
            held = self.sounds.filter(token=token).first()
            return held.system if held else REFERENCE
        a, b = self.members
        is_first = {self.token_a: True, self.token_b: False, self.token_x: self.x_first}
        return a if is_first[token] else b

    @property
    def tokens(self) -> dict[str, str]:
        """The token of each member, in the order in which they are on the page."""
        if self.is_together:
            held = {sound.letter: sound.token for sound in self.sounds.all()}
            return {"a": self.token_a, **held}
        named = {"a": self.token_a, "b": self.token_b, "x": self.token_x}
        return {letter: token for letter, token in named.items() if token}

    @property
    def is_training(self) -> bool:
        """The only thing about its kind that a rater may know."""
        return self.kind == self.Kind.TRAINING

    @property
    def is_audible(self) -> bool:
        """Whether its sounds may be heard now: it is the current trial or the next."""
        near = self.session.trials.unanswered()[:2]
        return self.session.state == Session.State.TRIALS and self in near


class TrialSound(models.Model):
    """One of the many sounds of a trial that are held against an open reference."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="sounds")
    place = models.PositiveSmallIntegerField(
        help_text="Its number on the page, from 1."
    )
    # not a slug: some systems have a dot in their names
    system = models.CharField(max_length=50)
    token = models.CharField(max_length=22, unique=True, default=new_code)
    score = models.PositiveSmallIntegerField(
        null=True, help_text="0..100; null: not answered yet."
    )
    listened_s = models.FloatField(null=True, help_text="seconds it was audible")

    class Meta:
        ordering = ["trial", "place"]
        constraints = [
            models.UniqueConstraint(
                fields=["trial", "place"], name="one_sound_a_place"
            ),
            models.UniqueConstraint(
                fields=["trial", "system"],
                name="a_system_is_scored_once_a_trial",
            ),
            models.CheckConstraint(
                condition=Q(place__range=(1, len(LETTERS) - 1)),
                name="at_most_twelve_sounds_are_scored",
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__range=REACH[BASIC]),
                name="score_from_0_to_100",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trial} {self.place}: {self.system}"

    @property
    def letter(self) -> str:
        """What it is called in events and in the page: b to m; a is the reference."""
        return LETTERS[self.place]


class Response(models.Model):
    """The answer: at most one a trial, and one for each key that a browser made up."""

    trial = models.OneToOneField(
        Trial, on_delete=models.PROTECT, related_name="response"
    )
    key = models.UUIDField(unique=True, help_text="made by the browser, once an answer")
    value = models.SmallIntegerField(
        null=True,
        help_text="as given: -3..3, negative for A, positive for B, 0 for no "
        "preference; of a score 1..5; null: every sound has a score of its own",
    )
    answered_at = models.DateTimeField()
    listened_a_s = models.FloatField(null=True, help_text="seconds A was audible")
    listened_b_s = models.FloatField(null=True)
    listened_x_s = models.FloatField(null=True)
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
                condition=Q(value__range=(-3, 5)), name="value_from_minus_3_to_5"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trial}: {self.value}"

    @property
    def towards_enhanced(self) -> int:
        """The answer turned so that positive prefers the comparison's system."""
        assert self.value is not None  # nothing is preferred where sounds are scored
        return -self.value if self.trial.enhanced_first else self.value

    @property
    def correct(self) -> bool | None:
        """Whether X was found; None where there is no X."""
        if self.trial.x_first is None or self.value is None:
            return None
        return (self.value < 0) == self.trial.x_first
