"""import_corpus: all of a folder or nothing of it, and it can be run twice."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from stimuli.importing import ImportRefused, Report, import_corpus, sentence_of
from stimuli.layouts.contents import Speech
from stimuli.models import (
    Corpus,
    Mixture,
    NoiseRecording,
    NoisyRecording,
    Room,
    StimulusSet,
    Utterance,
)
from tests.stimuli.recordings import clean_folder, pairs_folder, sound, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return clean_folder(tmp_path / "corpus")


def imported(path: Path, layout: str = "clean", *, dry_run: bool = False) -> Report:
    return import_corpus(slug="mine", path=path, layout=layout, dry_run=dry_run)


def files_below(path: Path) -> list[Path]:
    return [found for found in path.rglob("*") if found.is_file()]


def test_it_makes_rows_and_files(folder: Path, media: Path) -> None:
    report = imported(folder)
    assert report.added == {"speech": 4, "noise": 1, "rooms": 1}
    assert NoiseRecording.objects.get().kind == "fan"
    utterance = Utterance.objects.get(name="ana1")
    assert (utterance.speaker, utterance.frames) == ("ana", 12_800)
    assert utterance.text == "“Shut the door, please!”"
    assert utterance.sentence == "shut the door please"
    assert len(files_below(media)) == 6


def test_its_files_are_16_khz_flac_of_the_hash_in_the_row(folder: Path) -> None:
    imported(folder)
    for recording in (*Utterance.objects.all(), *Room.objects.all()):
        info = soundfile.info(recording.path)
        assert (info.format, info.samplerate) == ("FLAC", 16_000)
        assert info.channels == (2 if isinstance(recording, Room) else 1)
        digest = hashlib.sha256(recording.path.read_bytes()).hexdigest()
        assert digest == recording.sha256


def test_what_is_16_khz_already_keeps_every_sample(folder: Path) -> None:
    imported(folder)
    ours, _ = soundfile.read(Utterance.objects.get(name="bo1").path)
    theirs, _ = soundfile.read(folder / "speech/bo/bo1.wav")
    assert np.array_equal(ours, theirs)


def test_another_rate_and_stereo_are_changed_and_noted(folder: Path) -> None:
    stereo = sound(3, rate_hz=44_100, channels=2)
    write(folder / "speech/bo/bo3.wav", stereo, rate_hz=44_100)
    report = imported(folder)
    utterance = Utterance.objects.get(name="bo3")
    assert utterance.notes == "mean of 2 channels; resampled from 44.1 kHz"
    assert utterance.frames == 12_800
    assert any("bo3.wav: mean of 2 channels" in note for note in report.notes)


def test_a_tone_keeps_its_pitch_and_level_through_resampling(folder: Path) -> None:
    t = np.arange(48_000) / 48_000
    write(folder / "speech/bo/bo3.wav", 0.5 * np.sin(2 * np.pi * 1000 * t), 48_000)
    imported(folder)
    ours, _ = soundfile.read(Utterance.objects.get(name="bo3").path)
    expected = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000)
    assert abs(ours - expected)[500:-500].max() < 1e-4


def test_what_resampling_drives_beyond_full_scale_is_lowered_and_noted(
    folder: Path,
) -> None:
    square = np.sign(np.sin(2 * np.pi * 440 * np.arange(35_280) / 44_100 + 0.1))
    write(folder / "speech/bo/bo3.wav", square, 44_100)
    imported(folder)
    utterance = Utterance.objects.get(name="bo3")
    assert "lowered by" in utterance.notes
    assert abs(soundfile.read(utterance.path)[0]).max() <= 1


def test_clean_and_noisy_are_lowered_by_the_same_factor(tmp_path: Path) -> None:
    folder = pairs_folder(tmp_path / "pairs")
    clean, _ = soundfile.read(folder / "clean/ana/a1.wav")
    soundfile.write(folder / "noisy/ana/a1.wav", 4 * clean, 16_000, subtype="FLOAT")
    imported(folder, "pairs")
    noisy = NoisyRecording.objects.get(name="a1")
    ratio = soundfile.read(noisy.path)[0] / soundfile.read(noisy.utterance.path)[0]
    assert np.allclose(ratio, 4, atol=0.01)


def test_finished_mixtures_point_at_their_clean_speech(tmp_path: Path) -> None:
    report = imported(pairs_folder(tmp_path / "pairs"), "pairs")
    assert report.added == {"speech": 2, "noisy": 2}
    noisy = NoisyRecording.objects.get(name="a2")
    assert (noisy.snr_db, noisy.utterance.name) == (6.5, "a2")
    assert noisy.utterance.speaker == "ana"


def test_a_finished_mixture_may_be_of_unknown_snr(tmp_path: Path) -> None:
    folder = pairs_folder(tmp_path / "pairs")
    (folder / "pairs.csv").unlink()
    imported(folder, "pairs")
    assert NoisyRecording.objects.get(name="a1").snr_db is None


def test_a_second_time_changes_nothing(folder: Path, media: Path) -> None:
    imported(folder)
    rows = list(Utterance.objects.values())
    times = {path: path.stat().st_mtime_ns for path in files_below(media)}
    assert imported(folder).unchanged == {"speech": 4, "noise": 1, "rooms": 1}
    assert list(Utterance.objects.values()) == rows
    assert {path: path.stat().st_mtime_ns for path in files_below(media)} == times


def test_a_corrected_text_is_taken_over(folder: Path) -> None:
    imported(folder)
    table = folder / "utterances.csv"
    table.write_text("file,text\nana/ana1.wav,Close the door.\n")
    assert imported(folder).changed == {"speech": 1}
    assert Utterance.objects.get(name="ana1").sentence == "close the door"


def test_a_new_recording_takes_the_place_of_the_old(
    folder: Path, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    imported(folder)
    write(folder / "speech/ana/ana1.wav", sound(77))
    with django_capture_on_commit_callbacks(execute=True):
        assert imported(folder).changed == {"speech": 1}
    ours, _ = soundfile.read(Utterance.objects.get(name="ana1").path)
    assert ours == pytest.approx(sound(77)[:, 0], abs=2**-15)
    assert len(files_below(media)) == 6


def rest_on(utterance: Utterance) -> None:
    """Make a mixture of the utterance."""
    stimulus_set = StimulusSet.objects.create(slug="set", corpus=utterance.corpus)
    Mixture.objects.create(
        stimulus_set=stimulus_set,
        index=0,
        utterance=utterance,
        noise=NoiseRecording.objects.get(),
        snr_db=0,
    )


def test_what_stimuli_rest_on_is_never_changed(folder: Path, media: Path) -> None:
    imported(folder)
    rest_on(Utterance.objects.get(name="ana1"))
    before = {path: path.read_bytes() for path in files_below(media)}
    write(folder / "speech/ana/ana1.wav", sound(77))
    with pytest.raises(ImportRefused, match=r"ana1\.wav.*stimuli rest on"):
        imported(folder)
    assert {path: path.read_bytes() for path in files_below(media)} == before


def test_what_stimuli_rest_on_may_be_imported_again_unchanged(folder: Path) -> None:
    imported(folder)
    rest_on(Utterance.objects.get(name="ana1"))
    assert imported(folder).unchanged["speech"] == 4


def test_a_file_that_was_lost_is_put_back(folder: Path) -> None:
    imported(folder)
    rest_on(utterance := Utterance.objects.get(name="ana1"))
    utterance.path.unlink()
    assert imported(folder).changed == {"speech": 1}
    assert utterance.path.exists()


def test_what_is_no_longer_in_the_folder_stays_and_is_named(folder: Path) -> None:
    imported(folder)
    (folder / "noise/fan/hum.flac").unlink()
    assert "mine/hum: imported before and not in the folder now; it stays" in (
        imported(folder).notes
    )
    assert NoiseRecording.objects.get().path.exists()


def test_a_dry_run_tells_and_leaves_nothing(folder: Path, media: Path) -> None:
    report = imported(folder, dry_run=True)
    assert report.added == {"speech": 4, "noise": 1, "rooms": 1}
    assert not Corpus.objects.exists()
    assert files_below(media) == []


def test_a_dry_run_reports_problems(folder: Path) -> None:
    write(folder / "speech/ana/mute.wav", np.zeros((8000, 1)))
    assert "mute.wav: silent" in imported(folder, dry_run=True).problems[0]


def test_a_failure_while_writing_leaves_nothing(folder: Path, media: Path) -> None:
    blocked = media / "corpora/mine/noise"
    blocked.parent.mkdir(parents=True)
    blocked.write_text("not a folder")
    with pytest.raises(OSError, match="noise"):
        imported(folder)
    assert not Corpus.objects.exists()
    assert files_below(media) == [blocked]


def test_what_is_given_goes_before_what_the_corpus_says(folder: Path) -> None:
    (folder / "corpus.json").write_text(
        '{"title": "Theirs", "licence": "CC0", "synthetic": true}'
    )
    import_corpus(slug="mine", path=folder, layout="clean", title="Ours")
    corpus = Corpus.objects.get()
    assert (corpus.title, corpus.licence, corpus.synthetic) == ("Ours", "CC0", True)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("It's  LATE,\nisn’t it?", "it's late isn't it"),
        ("Ｇｏ!", "go"),
        ("Straße", "strasse"),
        ("", "ana1"),
        ("?!", "ana1"),
    ],
)
def test_a_sentence_is_known_by_its_words(text: str, sentence: str) -> None:
    assert sentence_of(Speech(Path("ana1.wav"), "ana1", text=text)) == sentence
