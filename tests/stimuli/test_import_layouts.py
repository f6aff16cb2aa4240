"""The layouts: pure functions from a folder to descriptions."""

from pathlib import Path

import pytest

from stimuli.layouts import LAYOUTS, clean, pairs, reader
from stimuli.layouts.contents import Noise, NoisySpeech, RoomResponses, Speech
from tests.stimuli.recordings import clean_folder, pairs_folder, table, write


@pytest.mark.parametrize("slug", LAYOUTS)
def test_every_row_of_the_table_loads(slug: str) -> None:
    assert callable(reader(slug))


def test_clean_describes_speech_noise_and_rooms(tmp_path: Path) -> None:
    folder = clean_folder(tmp_path)
    sounds = clean.read(folder).sounds
    assert Speech(folder / "speech/bo/bo1.wav", "bo1", speaker="bo") in sounds
    assert Noise(folder / "noise/fan/hum.flac", "hum", kind="fan") in sounds
    assert RoomResponses(folder / "rooms/hall.flac", "hall") in sounds
    assert len(sounds) == 6


def test_a_folder_of_sounds_only_is_speech(tmp_path: Path) -> None:
    write(tmp_path / "mia" / "one.ogg")
    write(tmp_path / "two.WAV")
    described = {(s.name, s.speaker) for s in clean.read(tmp_path).sounds}  # type: ignore[attr-defined]
    assert described == {("one", "mia"), ("two", tmp_path.name)}


def test_noise_and_rooms_are_no_speech_where_there_is_no_speech_folder(
    tmp_path: Path,
) -> None:
    write(tmp_path / "mia" / "one.wav")
    write(tmp_path / "noise" / "hum.wav")
    kinds = [type(sound) for sound in clean.read(tmp_path).sounds]
    assert kinds == [Speech, Noise]


def test_hidden_files_are_left_out(tmp_path: Path) -> None:
    folder = clean_folder(tmp_path)
    (folder / "speech/ana/._ana1.wav").write_bytes(b"trace of a Mac")
    assert len(clean.read(folder).sounds) == 6


def test_a_speaker_may_stand_in_the_table(tmp_path: Path) -> None:
    folder = clean_folder(tmp_path)
    table(folder / "utterances.csv", "file,text,speaker", "ana/ana1,Hello,Ana Maria")
    (speech,) = (s for s in clean.read(folder).sounds if s.name == "ana1")
    assert isinstance(speech, Speech)
    assert (speech.speaker, speech.text) == ("Ana Maria", "Hello")


def test_corpus_json_tells_of_corpus_and_rooms(tmp_path: Path) -> None:
    folder = clean_folder(tmp_path)
    table(folder / "corpus.json", '{"title": "T", "rooms": {"hall": "RT60 0.4 s"}}')
    contents = clean.read(folder)
    assert contents.facts.title == "T"
    assert not contents.facts.synthetic
    assert contents.sounds[-1] == RoomResponses(
        folder / "rooms/hall.flac", "hall", description="RT60 0.4 s"
    )


def test_pairs_describe_clean_and_noisy(tmp_path: Path) -> None:
    folder = pairs_folder(tmp_path)
    assert pairs.read(folder).sounds[:2] == [
        Speech(folder / "clean/ana/a1.wav", "a1", speaker="ana"),
        NoisySpeech(folder / "noisy/ana/a1.wav", "a1", clean="a1", snr_db=-3.0),
    ]


def test_pairs_need_no_table_and_no_speakers(tmp_path: Path) -> None:
    write(tmp_path / "clean/u1.wav")
    write(tmp_path / "noisy/u1.flac")
    assert pairs.read(tmp_path).sounds == [
        Speech(tmp_path / "clean/u1.wav", "u1"),
        NoisySpeech(tmp_path / "noisy/u1.flac", "u1", clean="u1"),
    ]
