"""From a stimulus set's settings to the rows of its mixtures and stimuli.

Why a set cannot be generated is found here too, in words for the experimenter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db import transaction

from enhancement.systems import SYSTEMS
from stimuli.drawing import (
    Draw,
    Finished,
    Noise,
    Reverb,
    Voice,
    at_snr,
    draw_finished,
    draw_mixtures,
)
from stimuli.models import (
    Mixture,
    NoiseRecording,
    NoisyRecording,
    Room,
    Stimulus,
    StimulusSet,
    Utterance,
)


class CannotGenerate(Exception):
    """The set's settings do not allow it; the message says why."""


def problems(stimulus_set: StimulusSet) -> list[str]:
    """Return why the set cannot be generated; empty if it can."""
    return [told for check in CHECKS for told in check(stimulus_set)]


def prepare(stimulus_set: StimulusSet) -> None:
    """Draw the mixtures and stimuli of a set and store their rows.

    While nothing is rendered it can be done again: equal settings leave the rows as
    they are, others draw them anew. Once something is rendered nothing is changed.
    Raises `CannotGenerate` if the settings do not allow it.
    """
    if told := problems(stimulus_set):
        raise CannotGenerate(" ".join(told))
    drawn = [_mixture(stimulus_set, one) for one in draw(stimulus_set)]
    with transaction.atomic():
        StimulusSet.objects.select_for_update().get(pk=stimulus_set.pk)
        waiting = Mixture.Status.WAITING
        if stimulus_set.mixtures.exclude(status=waiting).exists():
            return
        if _is_stored(stimulus_set, drawn):
            return
        stimulus_set.mixtures.all().delete()
        Stimulus.objects.bulk_create(
            Stimulus(mixture=mixture, system=system)
            for mixture in Mixture.objects.bulk_create(drawn)
            for system in stimulus_set.systems
        )


def draw(stimulus_set: StimulusSet) -> list[Draw]:
    """Draw the set's mixtures from its seed."""
    snrs_db = [float(snr) for snr in stimulus_set.snrs_db]
    size, seed = stimulus_set.utterances_per_snr, stimulus_set.seed
    if stimulus_set.use_noisy_recordings:
        return draw_finished(
            finished=finished_of(stimulus_set),
            snrs_db=snrs_db,
            per_snr=size,
            seed=seed,
        )
    rooms = Room.objects.filter(corpus=stimulus_set.corpus).order_by("name")
    return draw_mixtures(
        voices=voices_of(stimulus_set),
        noises=[Noise(n.pk, n.kind, n.frames) for n in noises_of(stimulus_set)],
        rooms=[Reverb(r.pk, r.frames) for r in rooms if stimulus_set.use_rooms],
        snrs_db=snrs_db,
        per_snr=size,
        seed=seed,
    )


def voice(utterance: Utterance) -> Voice:
    sentence = utterance.sentence or utterance.name
    return Voice(utterance.pk, sentence, utterance.speaker, utterance.frames)


def voices_of(stimulus_set: StimulusSet) -> list[Voice]:
    utterances = Utterance.objects.filter(corpus=stimulus_set.corpus)
    return [voice(utterance) for utterance in utterances.order_by("name")]


def noises_of(stimulus_set: StimulusSet) -> list[NoiseRecording]:
    """Return the noises that were chosen, or all of the corpus."""
    chosen = list(stimulus_set.noises.order_by("name", "pk"))
    every = NoiseRecording.objects.filter(corpus=stimulus_set.corpus)
    return chosen or list(every.order_by("name"))


def finished_of(stimulus_set: StimulusSet) -> list[Finished]:
    """Return the finished mixtures of the corpus that name an SNR."""
    recordings = NoisyRecording.objects.filter(
        corpus=stimulus_set.corpus, snr_db__isnull=False
    )
    return [
        Finished(r.pk, voice(r.utterance), r.snr_db)
        for r in recordings.select_related("utterance").order_by("name")
        if r.snr_db is not None
    ]


def _problems_of_systems(stimulus_set: StimulusSet) -> Iterator[str]:
    systems = stimulus_set.systems
    if "unprocessed" not in systems:
        yield "Choose the system “unprocessed”: everything is compared with it."
    unknown = sorted(set(systems) - set(SYSTEMS))
    if unknown:
        yield f"Unknown systems: {', '.join(unknown)}. Choose from the list."
    if len(set(systems)) < len(systems):
        yield "A system is named twice."
    if set(systems) == {"unprocessed"}:
        yield "Choose at least one system besides “unprocessed”."


def _problems_of_snrs(stimulus_set: StimulusSet) -> Iterator[str]:
    snrs = stimulus_set.snrs_db
    if not snrs:
        yield "Give at least one SNR."
    elif not all(isinstance(snr, int | float) for snr in snrs):
        yield "SNRs must be numbers of dB."
    elif len(set(map(float, snrs))) < len(snrs):
        yield "An SNR is named twice."


def _problems_of_speech(stimulus_set: StimulusSet) -> Iterator[str]:
    sentences = {voice.sentence for voice in voices_of(stimulus_set)}
    wanted = stimulus_set.utterances_per_snr
    corpus = stimulus_set.corpus
    if not sentences:
        yield f"Corpus “{corpus.title}” has no utterances. Import them first."
    elif wanted < 1:
        yield "Ask for at least one utterance per SNR."
    elif wanted > len(sentences):
        yield (
            f"Too few sentences: {wanted} per SNR are wanted and corpus "
            f"“{corpus.title}” has {len(sentences)}."
        )


def _problems_of_noise(stimulus_set: StimulusSet) -> Iterator[str]:
    if not stimulus_set.use_noisy_recordings:
        if not noises_of(stimulus_set):
            yield (
                f"Corpus “{stimulus_set.corpus.title}” has no noises. Choose noises "
                "of another corpus, or use its finished mixtures."
            )
        return
    finished, wanted = finished_of(stimulus_set), stimulus_set.utterances_per_snr
    for snr in stimulus_set.snrs_db:
        found = len(at_snr(finished, float(snr)))
        if found < wanted:
            yield (
                f"Too few finished mixtures that name {snr:g} dB as their SNR: "
                f"{wanted} are wanted and {found} are there."
            )


CHECKS: list[Callable[[StimulusSet], Iterator[str]]] = [
    _problems_of_systems,
    _problems_of_snrs,
    _problems_of_speech,
    _problems_of_noise,
]


def _mixture(stimulus_set: StimulusSet, draw: Draw) -> Mixture:
    return Mixture(
        stimulus_set=stimulus_set,
        index=draw.index,
        snr_db=draw.snr_db,
        utterance_id=draw.voice.key,
        noise_id=None if draw.noise is None else draw.noise.key,
        noise_offset=draw.noise_offset,
        room_id=None if draw.room is None else draw.room.key,
        noisy_recording_id=None if draw.finished is None else draw.finished.key,
    )


def _made_of(mixture: Mixture) -> tuple[float | None, ...]:
    """Return all that the draw decides, to be compared."""
    return (
        mixture.index,
        mixture.snr_db,
        mixture.utterance_id,
        mixture.noise_id,
        mixture.noise_offset,
        mixture.room_id,
        mixture.noisy_recording_id,
    )


def _is_stored(stimulus_set: StimulusSet, drawn: list[Mixture]) -> bool:
    """Return whether the rows are already what was drawn, with the set's systems."""
    stored = stimulus_set.mixtures.order_by("index").prefetch_related("stimuli")
    systems = sorted(stimulus_set.systems)
    return list(map(_made_of, stored)) == list(map(_made_of, drawn)) and all(
        sorted(s.system for s in mixture.stimuli.all()) == systems for mixture in stored
    )
