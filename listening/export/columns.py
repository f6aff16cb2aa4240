"""The tables that leave the house: header, lines and data dictionary come from them.

A new column is one row here. `TRIALS` begins with the columns that `analyze` reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy

from django.db.models import Window
from django.db.models.functions import DenseRank

from listening.export.raters import known_raters
from listening.export.table import Column, Table
from listening.export.trial_columns import OF_TRIALS
from listening.models import Event, HeadphoneTrial, Study, Trial
from listening.models.trial import TrialQuerySet
from stimuli.models import Stimulus


def answered(study: Study) -> Iterable[Trial]:
    return in_full(Trial.objects.for_results().filter(session__study=study))


def beside(study: Study) -> Iterable[Trial]:
    return in_full(Trial.objects.beside_results().filter(session__study=study))


def in_full(trials: TrialQuerySet) -> Iterator[Trial]:
    """Yield trials with all that a row tells; one of many sounds once for each."""
    for trial in with_all(trials):
        yield from sound_by_sound(trial) if trial.is_together else [trial]


def sound_by_sound(trial: Trial) -> Iterator[Trial]:
    for sound in trial.sounds.all():
        one = copy(trial)
        one.told = sound
        yield one


def with_all(trials: TrialQuerySet) -> TrialQuerySet:
    full = trials.select_related(
        "session__study",
        "session__rater",
        "comparison",
        "mixture__utterance",
        "mixture__noise",
        "response",
    )
    return full.prefetch_related("sounds").order_by("session", "position")


TRIALS = Table(
    "trials",
    "One row for each answered test trial of the live study; where many sounds are "
    "scored in a trial, for each of them",
    OF_TRIALS,
    answered,
)

CHECKS = Table(
    "checks",
    "One row for each answered trial of the live study that is not analysed: training, "
    "gold (clean against degraded speech), placebo (one sound twice), repeat (a test "
    "trial again, A and B swapped); the columns are those of trials",
    OF_TRIALS,
    beside,
)

RATERS = Table(
    "raters",
    "One row for each rater who began the live study",
    (
        Column("rater", "random code, as in trials", lambda r: r.rater.code),
        Column("simulated", "1 for a program", lambda r: int(r.rater.simulated)),
        Column("created_at", "when they came, UTC", lambda r: r.rater.created_at),
        Column(
            "gold_trials", "gold trials answered", lambda r: r.gold and r.gold.trials
        ),
        Column("gold_failed", "of these failed", lambda r: r.gold and r.gold.failed),
        Column(
            "placebo_trials",
            "placebos answered with A or B",
            lambda r: r.placebo and r.placebo.trials,
        ),
        Column(
            "placebo_a",
            "of these answered with A",
            lambda r: r.placebo and r.placebo.successes,
        ),
        Column(
            "repeat_trials",
            "repeats answered, their first times too",
            lambda r: r.repeats and r.repeats.trials,
        ),
        Column(
            "repeat_same",
            "of these answered as before",
            lambda r: r.repeats and r.repeats.successes,
        ),
        Column(
            "used",
            "1 if the declared rules leave the rater in; empty without rules",
            lambda r: r.decision and int(r.decision.used),
        ),
        Column(
            "paid",
            "1 if by the declared rules the rater did what was agreed",
            lambda r: r.decision and int(r.decision.paid),
        ),
        Column(
            "reasons", "rules whose limits the rater is beyond", lambda r: r.reasons
        ),
        Column("left_out_by_hand", "why, if somebody did that", lambda r: r.by_hand),
    ),
    known_raters,
)

SESSIONS: Table[Study] = Table(
    "sessions",
    "One row for each session of the live study, complete or not",
    (
        Column("session", "number, as in trials", lambda s: s.pk),
        Column("rater", "random code of the rater", lambda s: s.rater.code),
        Column("simulated", "1 for a program", lambda s: int(s.rater.simulated)),
        Column("state", "how far it came", lambda s: s.state),
        Column("seed", "from which its trials were drawn", lambda s: s.seed),
        Column(
            "schedule_version",
            "of the algorithm that drew them",
            lambda s: s.schedule_version,
        ),
        Column(
            "design_version",
            "of the frozen design under which it was drawn",
            lambda s: s.design_version,
        ),
        Column("started_at", "UTC", lambda s: s.started_at),
        Column(
            "consent_version",
            "of the text that was agreed to",
            lambda s: s.consent_version,
        ),
        Column("language", "in which it was read", lambda s: s.language),
        Column("consented_at", "UTC", lambda s: s.consented_at),
        Column("browser", "kind of browser, at consent", lambda s: s.browser),
        Column("platform", "kind of system below it", lambda s: s.platform),
        Column(
            "sound_checked_at",
            "volume was last set, UTC",
            lambda s: s.sound_checked_at,
        ),
        Column(
            "headphones_right",
            "headphone check: right answers of six, of the kind of sound that went "
            "worse, in the better attempt; of several rounds, of the worst",
            lambda s: s.headphones_right,
        ),
        Column(
            "headphones_passed",
            "1 if that is the study's mark or more, 0 if not, empty without a check",
            lambda s: None if s.passed_headphones is None else int(s.passed_headphones),
        ),
        Column("last_seen_at", "UTC", lambda s: s.last_seen_at),
        Column("completed_at", "UTC", lambda s: s.completed_at),
        Column("comment", "what the rater had to say", lambda s: s.comment),
    ),
    lambda study: (
        study.sessions.for_results().select_related("rater", "study").order_by("pk")
    ),
)

STIMULI: Table[Study] = Table(
    "stimuli",
    "One row for each stimulus of the set: what made it, and what it is",
    (
        Column("mixture", "number, as in trials", lambda s: s.mixture.index),
        Column("system", "what processed it", lambda s: s.system),
        Column("status", "how rendering ended", lambda s: s.status),
        Column("utterance", "what was spoken", lambda s: s.mixture.utterance.name),
        Column("speaker", "who spoke", lambda s: s.mixture.utterance.speaker),
        Column("text", "the words", lambda s: s.mixture.utterance.text),
        Column(
            "noise",
            "noise recording",
            lambda s: s.mixture.noise.name if s.mixture.noise else "",
        ),
        Column(
            "noise_offset",
            "sample of the noise, at 16 kHz, where the mixture begins",
            lambda s: s.mixture.noise_offset,
        ),
        Column(
            "room", "impulse response", lambda s: s.mixture.room and s.mixture.room.name
        ),
        Column("snr_db", "nominal SNR, dB", lambda s: s.mixture.snr_db),
        Column(
            "measured_snr_db",
            "SNR as measured, dB",
            lambda s: s.mixture.measured_snr_db,
        ),
        Column("version", "of the system", lambda s: s.version),
        Column("weights_sha256", "hash of its weights", lambda s: s.weights_sha256),
        Column("parameters", "of the system, JSON", lambda s: s.parameters),
        Column("software", "versions that rendered it, JSON", lambda s: s.software),
        Column(
            "delay_samples",
            "delay taken out, samples at 16 kHz",
            lambda s: s.delay_samples,
        ),
        Column("level_gain_db", "gain of the level policy", lambda s: s.level_gain_db),
        Column(
            "safety_gain_db",
            "gain that keeps the peak, one per mixture",
            lambda s: s.safety_gain_db,
        ),
        Column("sha256", "hash of the file", lambda s: s.sha256),
        Column("bytes", "size of the file", lambda s: s.bytes),
        Column("frames", "samples at 48 kHz", lambda s: s.frames),
        Column(
            "speech_level_dbov",
            "level of its speech, dBov",
            lambda s: s.speech_level_dbov,
        ),
        Column("loudness_lufs", "BS.1770 loudness", lambda s: s.loudness_lufs),
        Column("true_peak_dbtp", "BS.1770 true peak", lambda s: s.true_peak_dbtp),
        Column("si_sdr_db", "SI-SDR against the clean speech", lambda s: s.si_sdr_db),
        Column("sdr_db", "SDR against the clean speech", lambda s: s.sdr_db),
        Column("stoi", "STOI", lambda s: s.stoi),
        Column("estoi", "extended STOI", lambda s: s.estoi),
        Column("pesq_wb", "wide-band PESQ, where installed", lambda s: s.pesq_wb),
        Column("rendered_at", "UTC", lambda s: s.rendered_at),
    ),
    lambda study: (
        Stimulus.objects.of_set(study.stimulus_set)
        .select_related("mixture__utterance", "mixture__noise", "mixture__room")
        .order_by("mixture__index", "system")
    ),
)

EVENTS: Table[Study] = Table(
    "events",
    "One row for each thing that happened in a rater's browser during a trial",
    (
        Column("session", "number, as in trials", lambda e: e.session_id),
        Column("rater", "random code of the rater", lambda e: e.session.rater.code),
        Column("position", "of the trial in the session", lambda e: e.trial.position),
        Column("page", "number of the page among the session's", lambda e: e.page_rank),
        Column("number", "among the events of the page", lambda e: e.number),
        Column(
            "kind",
            "; ".join(f"{kind.value}: {kind.label}" for kind in Event.Kind),
            lambda e: e.kind,
        ),
        Column(
            "at_s", "seconds since the trial came, browser's clock", lambda e: e.at_s
        ),
        Column("audio_s", "seconds on the page's audio clock", lambda e: e.audio_s),
        Column("position_s", "place in the sound, seconds", lambda e: e.position_s),
        Column("member", "the one heard: a, b, x, or empty", lambda e: e.member),
        Column("received_at", "when the server had it, UTC", lambda e: e.received_at),
    ),
    lambda study: (
        Event.objects.filter(session__in=study.sessions.for_results())
        .select_related("session__rater", "trial")
        .annotate(
            page_rank=Window(DenseRank(), partition_by="session", order_by=["page"])
        )
        .order_by("session", "trial__position", "page", "number")
    ),
)

HEADPHONES: Table[Study] = Table(
    "headphones",
    "One row for each answered sound of the headphone check, passed or not; it comes "
    "before the trials, and again whenever half an hour has passed",
    (
        Column("session", "number, as in trials", lambda h: h.session_id),
        Column("rater", "random code of the rater", lambda h: h.session.rater.code),
        Column("round", "1 for the check before the trials", lambda h: h.round),
        Column("attempt", "of the round, 1 for the first", lambda h: h.attempt),
        Column("position", "in the attempt, from 1", lambda h: h.position),
        Column(
            "kind",
            "; ".join(f"{kind.value}: {kind.label}" for kind in HeadphoneTrial.Kind),
            lambda h: h.kind,
        ),
        Column(
            "odd", "right answer, 1 to 3; of side: left, right, both", lambda h: h.odd
        ),
        Column("answer", "what was answered", lambda h: h.answer),
        Column("right", "1 if that is the same", lambda h: int(h.is_right)),
        Column("seed", "from which the sound was made", lambda h: h.seed),
        Column("answered_at", "UTC", lambda h: h.answered_at),
    ),
    lambda study: (
        HeadphoneTrial.objects.for_results()
        .filter(session__study=study)
        .select_related("session__rater")
    ),
)

TABLES = (TRIALS, CHECKS, RATERS, SESSIONS, HEADPHONES, STIMULI, EVENTS)
