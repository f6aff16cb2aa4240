"""manage.py import_corpus"""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from stimuli.models import Corpus, Utterance
from tests.stimuli.recordings import clean_folder, sound, write

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("import_corpus", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_it_imports_and_tells(tmp_path: Path) -> None:
    said = run("mine", clean_folder(tmp_path), "--layout", "clean", "--title", "Mine")
    assert "added: 4 speech, 1 noise, 1 rooms" in said
    assert Corpus.objects.get().title == "Mine"


def test_it_can_be_run_twice(tmp_path: Path) -> None:
    run("mine", clean_folder(tmp_path), "--layout", "clean")
    said = run("mine", tmp_path, "--layout", "clean")
    assert "unchanged: 4 speech, 1 noise, 1 rooms" in said
    assert Utterance.objects.count() == 4


def test_a_dry_run_does_nothing(tmp_path: Path) -> None:
    said = run("mine", clean_folder(tmp_path), "--layout", "clean", "--dry-run")
    assert "would be added: 4 speech" in said
    assert not Corpus.objects.exists()


@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_it_fails_with_a_line_for_each_problem(tmp_path: Path, dry: list[str]) -> None:
    folder = clean_folder(tmp_path)
    (folder / "speech/ana/a.wav").write_text("words")
    (folder / "speech/ana/b.wav").write_text("")
    with pytest.raises(CommandError, match="2 problems") as error:
        run("mine", folder, "--layout", "clean", *dry)
    assert len(str(error.value).splitlines()) == 3
    assert not Corpus.objects.exists()


def test_an_unknown_layout_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no layout 'dirty'; choose one of: clean"):
        run("mine", tmp_path, "--layout", "dirty")


def test_many_notes_are_cut_short(tmp_path: Path) -> None:
    for i in range(14):
        write(tmp_path / f"mia/{i}.wav", sound(i, channels=2))
    said = run("mine", tmp_path, "--layout", "clean")
    assert said.count("note: ") == 10
    assert "and 4 more notes" in said
