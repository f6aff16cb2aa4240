"""The bundled corpus: what it holds, measured here and not by what made it."""

import csv
import hashlib
import json
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from scipy.signal import welch

from enhancement.level import active_speech_level
from stimuli.bundled import PATH, SLUG
from stimuli.bundled.noises import NOISES, make_noise
from stimuli.bundled.sentences import BABBLE, NEWS, SENTENCES, SHOW
from stimuli.importing import import_corpus, sentence_of
from stimuli.layouts.contents import Speech
from stimuli.models import Corpus, Room, Utterance

Samples = NDArray[np.float64]

SPEECH = sorted(PATH.glob("speech/*/*.flac"))
NOISE = sorted(PATH.glob("noise/*/*.flac"))
ROOMS = sorted(PATH.glob("rooms/*.flac"))
# ANSI S3.5-1997, standard speech spectrum for normal effort, dB per Hz
STANDARD_SPEECH = {250: 34.75, 500: 34.27, 1000: 25.01, 2000: 17.32, 4000: 9.33}


def read(path: Path) -> Samples:
    return np.asarray(soundfile.read(path)[0])


def bands_db(x: Samples, centres: list[int]) -> Samples:
    """Return the mean density of power (dB per Hz) in octaves around `centres`."""
    f, power = welch(x, 16_000, nperseg=2048)
    octaves = [(f >= c / 2**0.5) & (f < c * 2**0.5) for c in centres]
    return np.array([10 * np.log10(power[octave].mean()) for octave in octaves])


def test_it_is_small() -> None:
    assert sum(p.stat().st_size for p in PATH.rglob("*") if p.is_file()) < 12e6


def test_the_list_of_hashes_is_complete_and_right() -> None:
    lines = (PATH / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = [p for p in PATH.rglob("*") if p.is_file() and p.name != "SHA256SUMS"]
    found = {
        p.relative_to(PATH).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in files
    }
    assert found == listed


def test_there_is_enough_of_everything() -> None:
    assert len(SPEECH) >= 36
    assert len({path.parent for path in SPEECH}) >= 6
    assert len({path.parent for path in NOISE}) >= 6
    assert len(ROOMS) >= 4


def test_no_two_sentences_are_alike_and_none_is_in_the_babble() -> None:
    texts = (*SENTENCES, *BABBLE, *NEWS, *SHOW)
    words = {sentence_of(Speech(Path(), "", text=text)) for text in texts}
    assert len(words) == len(texts)


def test_the_table_names_every_utterance_and_its_words() -> None:
    with (PATH / "utterances.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    named = {PATH / "speech" / row["file"] for row in rows}
    assert named == set(SPEECH)
    assert [row["text"] for row in rows] == list(SENTENCES)


@pytest.mark.parametrize("path", [*SPEECH, *NOISE], ids=lambda path: path.stem)
def test_speech_and_noise_are_16_khz_mono_and_do_not_clip(path: Path) -> None:
    info = soundfile.info(path)
    assert (info.samplerate, info.channels, info.subtype) == (16_000, 1, "PCM_16")
    assert 0.05 < abs(read(path)).max() < 0.9


@pytest.mark.parametrize("path", SPEECH, ids=lambda path: path.stem)
def test_an_utterance_is_levelled_and_framed_by_a_quarter_second(path: Path) -> None:
    x = read(path)
    assert 2.5 <= len(x) / 16_000 <= 4.5
    level = active_speech_level(x, 16_000)
    assert level.level_dbov == pytest.approx(-26, abs=0.1)
    assert level.activity > 0.6
    loud = np.flatnonzero(abs(x) > abs(x).max() / 100) / 16_000
    assert 0.2 < loud[0] < 0.4
    assert 0.2 < len(x) / 16_000 - loud[-1] < 0.5


@pytest.mark.parametrize("speaker", sorted({path.parent.name for path in SPEECH}))
def test_a_speaker_has_the_spectrum_of_speech(speaker: str) -> None:
    said = [read(path) for path in SPEECH if path.parent.name == speaker]
    found = bands_db(np.concatenate(said), list(STANDARD_SPEECH))
    off = found - np.array(list(STANDARD_SPEECH.values()))
    assert abs(off - off.mean()).max() < 5


@pytest.mark.parametrize("path", NOISE, ids=lambda path: path.stem)
def test_a_noise_is_long_level_and_never_pauses_for_long(path: Path) -> None:
    x = read(path)
    assert 20 <= len(x) / 16_000 <= 30
    assert 20 * np.log10(x.std()) == pytest.approx(-32, abs=0.1)
    energy = np.cumsum(x**2)
    power = energy[48_000:] - energy[:-48_000]  # of 3 s: a sentence
    assert 10 * np.log10(power.max() / power.min()) < 12


def test_kinds_of_noise_differ_in_spectrum_or_in_time() -> None:
    """Two files of different kinds lie 3 dB apart in their bands or modulation."""
    centres = [125, 250, 500, 1000, 2000, 4000]
    features = {}
    for path in NOISE:
        x = read(path)
        power = (x[: len(x) // 800 * 800].reshape(-1, 800) ** 2).mean(axis=1)
        pulse = np.std(10 * np.log10(power + 1e-9))  # dB, of 50 ms
        features[path] = np.append(bands_db(x, centres), 2 * pulse)
    for one, other in combinations(NOISE, 2):
        if one.parent != other.parent:
            apart = np.sqrt(np.mean((features[one] - features[other]) ** 2))
            assert apart > 3, (one.stem, other.stem)


def reverberation_time(response: Samples) -> float:
    """Return RT60 by Schroeder's integral and the fall from -5 to -35 dB (T30)."""
    energy = response[abs(response).argmax() :] ** 2
    left = np.cumsum(energy[::-1])[::-1]
    level = 10 * np.log10(left / left[0] + 1e-30)
    start, end = np.argmax(level < -5), np.argmax(level < -35)
    slope = np.polyfit(np.arange(start, end) / 16_000, level[start:end], 1)[0]
    return float(-60 / slope)


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: path.stem)
def test_a_room_reverberates_as_it_says(path: Path) -> None:
    x = read(path)
    seconds = reverberation_time(x[:, 0])
    assert 0.2 < seconds < 0.55
    rooms = json.loads((PATH / "corpus.json").read_text())["rooms"]
    said = re.search(r"RT60 ([\d.]+) s", rooms[path.stem])
    assert said is not None
    assert seconds == pytest.approx(float(said[1]), rel=0.1)


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: path.stem)
def test_the_talker_is_heard_at_once_and_the_noise_from_farther_off(path: Path) -> None:
    info = soundfile.info(path)
    assert (info.samplerate, info.channels) == (16_000, 2)
    talker, noise = read(path).T
    assert abs(talker).argmax() == 40
    assert abs(talker).max() == pytest.approx(0.5, abs=1e-6)
    metres = (np.argmax(abs(noise) > 0.04) - 40) / 16_000 * 343
    assert 0.5 < metres < 3.5


def test_a_noise_is_what_its_program_makes() -> None:
    """To a step of 16 bits: another processor may round otherwise."""
    made = make_noise("fan-hood", seed=1, seconds=22.0)
    assert read(PATH / "noise/fan/fan-hood.flac") == pytest.approx(
        made, abs=1.1 / 2**15
    )


def test_the_noises_in_the_folder_are_those_of_the_table() -> None:
    assert {(p.stem, p.parent.name) for p in NOISE} == {
        (name, kind) for name, (kind, _) in NOISES.items()
    }


@pytest.mark.django_db
def test_it_imports_without_a_word() -> None:
    report = import_corpus(slug=SLUG, path=PATH, layout="clean")
    assert (report.notes, report.problems) == ([], [])
    corpus = Corpus.objects.get(slug=SLUG)
    assert corpus.synthetic
    assert "synthetic" in corpus.title
    assert corpus.licence.startswith("CC0-1.0")
    assert Utterance.objects.filter(text="").count() == 0
    assert Room.objects.filter(description="").count() == 0
