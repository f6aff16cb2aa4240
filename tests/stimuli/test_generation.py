"""A set from draft to files: rows, claims, cancelling, failing, trying again."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import soundfile
from django.utils.timezone import now

from enhancement.systems import SYSTEMS, Row
from stimuli import claims, files
from stimuli.generation import (
    CannotGenerate,
    cancel,
    prepare,
    problems,
    progress,
    render_waiting,
    resume_interrupted,
    retry,
)
from stimuli.models import Mixture, Stimulus, StimulusSet
from stimuli.storing import loaded, render_next
from tests.stimuli.material import make_corpus, make_set

pytestmark = pytest.mark.django_db

State, Status = StimulusSet.State, Mixture.Status
ELSEWHERE = "another-machine:17:42"


@pytest.fixture
def small() -> StimulusSet:
    made = make_set()
    prepare(made)
    return made


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Add a system that always fails; the result mends it."""
    row = Row("Broken", "test", "tests.stimuli.material:Broken", "none")
    monkeypatch.setitem(SYSTEMS, "broken", row)
    mended = Row("Mended", "test", "enhancement.unprocessed:Unprocessed", "none")
    return lambda: monkeypatch.setitem(SYSTEMS, "broken", mended)


def stimuli(stimulus_set: StimulusSet) -> list[Stimulus]:
    return list(Stimulus.objects.of_set(stimulus_set))


def hashes(stimulus_set: StimulusSet) -> list[str]:
    return [stimulus.sha256 for stimulus in stimuli(stimulus_set)]


def test_it_draws_a_mixture_for_every_snr_and_utterance(small: StimulusSet) -> None:
    assert sorted(m.snr_db for m in small.mixtures.all()) == [0.0, 0.0, 6.0, 6.0]
    assert {m.room is None for m in small.mixtures.all()} == {False}
    assert len(stimuli(small)) == 4 * 2


def test_preparing_twice_leaves_the_rows(small: StimulusSet) -> None:
    before = [s.pk for s in stimuli(small)]
    prepare(small)
    assert [s.pk for s in stimuli(small)] == before


def test_preparing_again_with_other_settings_draws_anew(small: StimulusSet) -> None:
    small.systems = ["unprocessed", "log-mmse"]
    small.use_rooms = False
    small.save()
    prepare(small)
    assert {s.system for s in stimuli(small)} == {"unprocessed", "log-mmse"}
    assert {m.room for m in small.mixtures.all()} == {None}


def test_what_is_rendered_is_not_drawn_anew(small: StimulusSet) -> None:
    render_waiting(small)
    before = hashes(small)
    small.seed = 99
    small.save()
    prepare(small)
    assert hashes(small) == before


def test_files_are_pcm16_at_48_khz_of_equal_bytes_in_a_mixture(
    small: StimulusSet,
) -> None:
    render_waiting(small)
    for mixture in small.mixtures.all():
        made = list(mixture.stimuli.all())
        assert len({s.path.stat().st_size for s in made}) == 1
        for s in made:
            info = soundfile.info(s.path)
            assert (info.samplerate, info.subtype) == (48_000, "PCM_16")
            assert (info.channels, info.frames) == (1, s.frames)
            assert s.bytes == s.path.stat().st_size == 44 + 2 * info.frames
            assert s.path.read_bytes()[36:40] == b"data"


def test_rows_say_what_made_the_file(small: StimulusSet) -> None:
    render_waiting(small)
    for s in stimuli(small):
        assert s.sha256 == files.sha256(s.path)
        assert s.software["rendering"]
        assert s.version
        assert s.delay_samples == 0
        assert s.speech_level_dbov == pytest.approx(-26.0 + (s.safety_gain_db or 0))
    for mixture in small.mixtures.all():
        assert mixture.measured_snr_db == pytest.approx(mixture.snr_db, abs=0.05)


def test_names_of_files_say_nothing(small: StimulusSet) -> None:
    render_waiting(small)
    for s in stimuli(small):
        assert len(Path(s.file).stem) == 32
        assert s.system not in Path(s.file).name


def test_the_same_seed_gives_the_same_bytes(small: StimulusSet) -> None:
    again = make_set(small.corpus, slug="again")
    prepare(again)
    for one in (small, again):
        render_waiting(one)
    assert hashes(small) == hashes(again)
    assert small.state == again.state == State.DONE


def test_scores_are_stored_when_wanted() -> None:
    scored = make_set(with_scores=True, utterances_per_snr=1)
    prepare(scored)
    render_waiting(scored)
    assert all(s.stoi is not None and s.si_sdr_db is not None for s in stimuli(scored))


def test_only_one_of_two_workers_gets_it(small: StimulusSet) -> None:
    first, second = Mixture.objects.all()[0], Mixture.objects.all()[0]
    assert first.claim(claims.owner())
    assert not second.claim(ELSEWHERE)
    assert Mixture.objects.running().get().claimed_by == claims.owner()


def test_who_finds_nothing_waiting_leaves_what_others_hold(small: StimulusSet) -> None:
    held = small.mixtures.all()[0]
    held.claim(ELSEWHERE)
    render_waiting(small)
    small.refresh_from_db()
    assert small.state == State.RUNNING
    assert small.mixtures.running().get() == held


def test_a_claim_of_a_dead_process_here_is_released(small: StimulusSet) -> None:
    host = claims.owner().partition(":")[0]
    small.mixtures.all()[0].claim(f"{host}:{2**22 + 1}:123")
    small.mixtures.all()[1].claim(claims.owner())
    assert claims.release_dead() == 1
    assert small.mixtures.running().count() == 1


def test_a_process_id_that_was_given_again_is_another_process() -> None:
    host, pid, _ = claims.owner().split(":")
    assert not claims.is_dead(claims.owner(), now(), at=now())
    assert claims.is_dead(f"{host}:{pid}:1", now(), at=now())


def test_a_claim_elsewhere_is_released_when_it_is_too_old(small: StimulusSet) -> None:
    small.mixtures.all()[0].claim(ELSEWHERE)
    assert claims.release_dead() == 0
    small.mixtures.update(claimed_at=now() - claims.LEASE - timedelta(seconds=1))
    assert claims.release_dead() == 1


def test_resuming_removes_what_a_killed_process_wrote(small: StimulusSet) -> None:
    host = claims.owner().partition(":")[0]
    mixture = small.mixtures.all()[0]
    mixture.claim(f"{host}:{2**22 + 1}:123")
    name = files.new_name(small)
    mixture.stimuli.filter(system="wiener").update(file=name)
    small.folder.mkdir(parents=True)
    for path in (f"{name}.part", "stimuli/small/stranger.wav", name):
        (small.folder.parent.parent / path).write_bytes(b"half")
    small.queue()
    assert resume_interrupted() == [small]
    assert list(small.folder.iterdir()) == []
    assert small.mixtures.waiting().count() == 4


def test_what_is_being_written_is_no_orphan(small: StimulusSet) -> None:
    name = files.new_name(small)
    Stimulus.objects.filter(pk=stimuli(small)[0].pk).update(file=name)
    small.folder.mkdir(parents=True)
    (small.folder / f"{Path(name).name}.part").write_bytes(b"half")
    assert files.orphans() == []


def test_cancel_leaves_what_is_rendered(small: StimulusSet) -> None:
    small.start()
    render_next(small, owner=claims.owner())
    assert cancel(small)
    assert small.state == State.CANCELLED
    render_waiting(small)
    counts = Stimulus.objects.of_set(small).counts()
    assert (counts["done"], counts["cancelled"]) == (2, 6)


def test_what_is_being_rendered_when_cancelled_is_still_finished(
    small: StimulusSet,
) -> None:
    small.start()
    held = small.mixtures.all()[0]
    held.claim(ELSEWHERE)
    cancel(small)
    assert small.mixtures.running().get() == held
    assert claims.give_back(small.mixtures.running().get())
    assert small.mixtures.filter(status=Status.CANCELLED).count() == 4


def test_what_is_done_cannot_be_cancelled(small: StimulusSet) -> None:
    render_waiting(small)
    assert not cancel(small)
    small.refresh_from_db()
    assert small.state == State.DONE


def test_retry_after_cancel_renders_the_rest_and_leaves_the_done(
    small: StimulusSet,
) -> None:
    small.start()
    first = render_next(small, owner=claims.owner())
    cancel(small)
    assert first
    before = [(s.file, s.sha256) for s in first.stimuli.all()]
    assert retry(small) == 3
    render_waiting(small)
    assert small.state == State.DONE
    assert [(s.file, s.sha256) for s in first.stimuli.all()] == before


@pytest.mark.usefixtures("broken")
def test_one_failing_system_leaves_the_others() -> None:
    made = make_set(systems=["unprocessed", "broken"], utterances_per_snr=1)
    prepare(made)
    render_waiting(made)
    assert made.state == State.FAILED
    assert {s.system for s in Stimulus.objects.of_set(made).failed()} == {"broken"}
    assert stimuli(made)[0].reason == "the filter ran away"
    assert Stimulus.objects.of_set(made).rendered().count() == 2
    assert files.orphans() == []


@pytest.mark.django_db(transaction=True)
def test_retry_renders_failed_mixtures_whole(broken: Callable[[], None]) -> None:
    made = make_set(systems=["unprocessed", "broken"], utterances_per_snr=1)
    prepare(made)
    render_waiting(made)
    broken()
    loaded.cache_clear()
    assert retry(made) == 2
    render_waiting(made)
    assert made.state == State.DONE
    assert len(list(made.folder.iterdir())) == 4
    assert files.orphans() == []


def test_a_changed_recording_fails_its_mixtures_with_the_reason(
    small: StimulusSet,
) -> None:
    mixture = small.mixtures.select_related("utterance").all()[0]
    mixture.utterance.path.write_bytes(b"not a sound")
    render_waiting(small)
    failed = Stimulus.objects.of_set(small).failed()
    assert {s.mixture_id for s in failed} == {mixture.pk}
    assert mixture.utterance.path.name in failed[0].reason


def test_progress_counts_and_tells_the_time_left(small: StimulusSet) -> None:
    small.start()
    for _ in range(3):
        render_next(small, owner=claims.owner())
    told = progress(small)
    assert (told.total, told.done, told.failed, told.waiting) == (8, 6, 0, 2)
    assert told.rate_per_s
    assert told.seconds_left == pytest.approx(2 / told.rate_per_s)


def test_problems_are_told_in_words() -> None:
    corpus = make_corpus(sentences=2)
    made = make_set(corpus, systems=["nonsense"], snrs_db=[], utterances_per_snr=3)
    told = " ".join(problems(made))
    assert "Unknown systems: nonsense" in told
    assert "Choose the system “unprocessed”" in told
    assert "Give at least one SNR" in told
    assert "3 per SNR are wanted and corpus “Syllables” has 2" in told
    with pytest.raises(CannotGenerate, match="Too few sentences"):
        prepare(made)


def test_finished_mixtures_must_be_there_to_be_used() -> None:
    made = make_set(use_noisy_recordings=True)
    assert any("2 are wanted and 0 are there" in told for told in problems(made))
