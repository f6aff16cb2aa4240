"""What importing refuses: it names every file and what to do, and imports nothing."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stimuli.importing import ImportRefused, import_corpus
from stimuli.models import Corpus, Utterance
from tests.stimuli.recordings import clean_folder, pairs_folder, sound, table, write

pytestmark = pytest.mark.django_db


def problems_of(path: Path, layout: str = "clean", slug: str = "mine") -> list[str]:
    """Import what must be refused; return why, having seen that nothing is left."""
    with pytest.raises(ImportRefused) as refused:
        import_corpus(slug=slug, path=path, layout=layout)
    assert not Corpus.objects.exists()
    assert not Utterance.objects.exists()
    return refused.value.problems


def with_nan(path: Path) -> None:
    samples = sound()
    samples[100] = np.nan
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, 16_000, subtype="FLOAT")


def truncated(path: Path) -> None:
    content = write(path).read_bytes()
    path.write_bytes(content[: len(content) // 2])


# What is wrong with a file called bad.wav -> how it is made, what is said of it
BAD_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "not a number": (with_nan, "NaN or infinity"),
    "silent": (lambda path: write(path, np.zeros((16_000, 1))), "silent"),
    "silent, one channel": (
        lambda path: write(path, sound(channels=2) * [1, 0]),
        "channel 2 of 2 is silent",
    ),
    "truncated": (truncated, "truncated"),
    "empty": (lambda path: path.write_bytes(b""), "empty"),
    "no frames": (lambda path: write(path, np.zeros((0, 1))), "no sound"),
    "not audio": (lambda path: path.write_text("Dear diary"), "cannot be read"),
    "too short": (lambda path: write(path, sound()[:20]), "too short"),
}


@pytest.mark.parametrize("wrong", BAD_FILES)
def test_a_bad_file_is_named(tmp_path: Path, media: Path, wrong: str) -> None:
    make, said = BAD_FILES[wrong]
    folder = clean_folder(tmp_path / "corpus")
    make(folder / "speech/ana/bad.wav")
    (problem,) = problems_of(folder)
    assert problem.startswith(f"{folder / 'speech/ana/bad.wav'}: ")
    assert said in problem
    assert [path for path in media.rglob("*") if path.is_file()] == []


def test_a_truncated_flac_is_named(tmp_path: Path) -> None:
    folder = clean_folder(tmp_path / "corpus")
    truncated(folder / "speech/ana/bad.flac")
    assert "bad.flac" in problems_of(folder)[0]


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    folder = clean_folder(tmp_path / "corpus")
    for wrong, (make, _) in BAD_FILES.items():
        make(folder / f"speech/ana/{wrong}.wav")
    table(folder / "utterances.csv", "file,text", "ana/none.wav,Where is it?")
    assert len(problems_of(folder)) == len(BAD_FILES) + 1


@pytest.mark.parametrize("channels", [1, 3])
def test_a_room_has_two_channels(tmp_path: Path, channels: int) -> None:
    folder = clean_folder(tmp_path / "corpus")
    write(folder / "rooms/odd.flac", sound(channels=channels))
    (problem,) = problems_of(folder)
    assert f"odd.flac: {channels} channel(s), a room has 2" in problem


@pytest.mark.parametrize("second", ["bo/ana1.wav", "ana/ana1.flac"])
def test_two_utterances_of_one_name(tmp_path: Path, second: str) -> None:
    folder = clean_folder(tmp_path / "corpus")
    write(folder / "speech" / second)
    (problem,) = problems_of(folder)
    assert "ana/ana1.wav" in problem
    assert "called 'ana1' too; rename" in problem


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("name,text", "ana/ana1.wav,Hm"), "row 1: the column file is missing"),
        (("file,text", ",Hm"), "row 2, column file: the cell is empty"),
        (("file,text", "ana/nobody.wav,Hm"), "row 2, column file: there is no"),
        (("file,text", "ana/ana1.wav,Oh, no"), "row 2: more cells than columns"),
        (("file", "ana/ana1.wav", "ana/ana1.wav"), "row 3, column file: .* before"),
        (("",), "row 1: the column file is missing"),
    ],
)
def test_a_table_of_utterances_that_does_not_fit(
    tmp_path: Path, lines: tuple[str, ...], said: str
) -> None:
    folder = clean_folder(tmp_path / "corpus")
    table(folder / "utterances.csv", *lines)
    with pytest.raises(ImportRefused, match=rf"utterances\.csv, {said}"):
        import_corpus(slug="mine", path=folder, layout="clean")


def test_a_table_in_another_encoding(tmp_path: Path) -> None:
    folder = clean_folder(tmp_path / "corpus")
    (folder / "utterances.csv").write_bytes(
        "file,text\nana/ana1.wav,dé".encode("cp1252")
    )
    assert "not a CSV file in UTF-8" in problems_of(folder)[0]


@pytest.mark.parametrize("content", ["{", "[1]", '{"rooms": []}'])
def test_a_corpus_json_that_cannot_be_read(tmp_path: Path, content: str) -> None:
    folder = clean_folder(tmp_path / "corpus")
    (folder / "corpus.json").write_text(content)
    assert "corpus.json: cannot be read" in problems_of(folder)[0]


def test_a_name_that_the_database_cannot_hold(tmp_path: Path) -> None:
    folder = clean_folder(tmp_path / "corpus")
    write(folder / "speech/ana" / f"{'a' * 201}.wav")
    assert (
        "name: Ensure this value has at most 200 characters" in problems_of(folder)[0]
    )


def test_a_folder_without_speech(tmp_path: Path) -> None:
    write(tmp_path / "corpus/noise/fan/hum.flac")
    assert "no WAV, FLAC or Ogg file" in problems_of(tmp_path / "corpus")[0]


def test_a_name_layout_and_folder_that_do_not_exist(tmp_path: Path) -> None:
    slug, layout, folder = problems_of(tmp_path / "gone", "cleam", slug="a corpus")
    assert "'a corpus' is no name" in slug
    assert "choose one of: clean, pairs" in layout
    assert "no such folder" in folder


@pytest.mark.parametrize("missing", ["clean", "noisy"])
def test_a_recording_without_partner(tmp_path: Path, missing: str) -> None:
    folder = pairs_folder(tmp_path / "pairs")
    (folder / missing / "ana/a1.wav").unlink()
    (folder / "pairs.csv").unlink()
    (problem,) = problems_of(folder, "pairs")
    assert f"it has no partner below {folder / missing}" in problem


def test_clean_and_noisy_of_different_lengths(tmp_path: Path) -> None:
    folder = pairs_folder(tmp_path / "pairs")
    write(folder / "noisy/ana/a1.wav", sound()[:-1])
    (problem,) = problems_of(folder, "pairs")
    assert "noisy/ana/a1.wav: 12799 frames at 16000 Hz, but" in problem
    assert "has 12800 frames" in problem


def test_a_pair_that_differs_in_its_suffix_only(tmp_path: Path) -> None:
    folder = pairs_folder(tmp_path / "pairs")
    write(folder / "noisy/ana/a1.flac")
    (problem,) = problems_of(folder, "pairs")
    assert "differs from" in problem
    assert "in its suffix only; take one of them away" in problem


def test_pairs_without_their_folders(tmp_path: Path) -> None:
    (tmp_path / "pairs/clean").mkdir(parents=True)
    assert problems_of(tmp_path / "pairs", "pairs") == [
        f"{tmp_path / 'pairs/noisy'}: no such folder; make it"
    ]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("file", "ana/a1.wav"), "row 1: the column snr_db is missing"),
        (("file,snr_db", "ana/a1.wav,"), "row 2, column snr_db: the cell is empty"),
        (("file,snr_db", "ana/a1.wav,loud"), "row 2, column snr_db: 'loud' is not a"),
        (("file,snr_db", "ana/a1.wav,inf"), "row 2, column snr_db: 'inf' is not a"),
        (("file,snr_db", "ana/a9.wav,3"), "row 2, column file: there is no ana/a9.wav"),
    ],
)
def test_a_table_of_pairs_that_does_not_fit(
    tmp_path: Path, lines: tuple[str, ...], said: str
) -> None:
    folder = pairs_folder(tmp_path / "pairs")
    table(folder / "pairs.csv", *lines)
    (problem,) = problems_of(folder, "pairs")
    assert problem.startswith(f"{folder / 'pairs.csv'}, {said}")
