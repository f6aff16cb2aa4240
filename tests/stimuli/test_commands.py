"""The commands about stimulus sets: what they do and how they refuse."""

import json
import sys
from io import StringIO
from pathlib import Path

import pytest
import soundfile
from django.core.management import call_command
from django.core.management.base import CommandError

from enhancement.systems import SYSTEMS, Row
from stimuli import files
from stimuli.models import Stimulus, StimulusSet
from stimuli.storing import loaded
from tests.stimuli.material import make_corpus, make_set, noise, speech

pytestmark = pytest.mark.django_db


@pytest.fixture
def small() -> StimulusSet:
    return make_set(utterances_per_snr=1)


def run(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.mark.usefixtures("small")
def test_generate_renders_and_can_be_run_twice() -> None:
    assert "4 of 4 stimuli are rendered" in run("generate", "small")
    before = [s.file for s in Stimulus.objects.all()]
    assert "4 of 4 stimuli are rendered" in run("generate", "small")
    assert [s.file for s in Stimulus.objects.all()] == before


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("command", ["generate", "verify_stimuli"])
def test_an_unknown_set_is_refused_with_the_list(command: str) -> None:
    with pytest.raises(CommandError, match=r"no stimulus set “big”. There are: small"):
        run(command, "big")


def test_without_any_set_it_says_where_to_make_one() -> None:
    with pytest.raises(CommandError, match="Make one in the admin"):
        run("generate", "big")


@pytest.mark.parametrize("jobs", ["0", "-1", "many"])
def test_a_bad_number_of_jobs_is_refused(small: StimulusSet, jobs: str) -> None:
    with pytest.raises(CommandError, match="not a whole number of 1 or more"):
        run("generate", small.slug, "--jobs", jobs)


def test_what_cannot_be_generated_is_told() -> None:
    make_set(utterances_per_snr=50)
    with pytest.raises(CommandError, match="Too few sentences: 50 per SNR"):
        run("generate", "small")


def test_failures_end_it_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded.cache_clear()
    row = Row("Broken", "test", "tests.stimuli.material:Broken", "none")
    monkeypatch.setitem(SYSTEMS, "broken", row)
    make_set(systems=["unprocessed", "broken"], utterances_per_snr=1)
    with pytest.raises(CommandError, match=r"2 of 4 stimuli failed.*filter ran away"):
        run("generate", "small")


def test_verify_finds_nothing_in_what_was_rendered(small: StimulusSet) -> None:
    run("generate", "small")
    assert "what the rows say" in run("verify_stimuli", "small", "--rerender")


def test_verify_finds_a_changed_byte(small: StimulusSet) -> None:
    run("generate", "small")
    path = Stimulus.objects.all()[0].path
    content = bytearray(path.read_bytes())
    content[5_000] ^= 1
    path.write_bytes(content)
    assert "the file was changed" in differences("small")


def test_verify_finds_a_missing_file_and_a_stranger(small: StimulusSet) -> None:
    run("generate", "small")
    path = Stimulus.objects.all()[0].path
    path.rename(path.with_name("stranger.wav"))
    told = differences()
    assert "the file is missing" in told
    assert "stranger.wav: no row names this file" in told


def test_verify_finds_another_format(small: StimulusSet) -> None:
    run("generate", "small")
    stimulus = Stimulus.objects.all()[0]
    soundfile.write(stimulus.path, speech(), 44_100, subtype="PCM_16")
    assert "not 16-bit PCM WAV at 48 kHz" in differences("small")


def test_rerendering_says_which_software_differs(small: StimulusSet) -> None:
    run("generate", "small")
    stimulus = Stimulus.objects.all()[0]
    stimulus.path.write_bytes(stimulus.path.read_bytes()[:-1] + b"\x01")
    changed = {**stimulus.software, "numpy": "1.0.0"}
    sha256 = files.sha256(stimulus.path)
    Stimulus.objects.filter(pk=stimulus.pk).update(sha256=sha256, software=changed)
    told = differences("small", "--rerender")
    assert "rendered again it differs; numpy was 1.0.0, is " in told


def differences(*arguments: str) -> str:
    out = StringIO()
    with pytest.raises(CommandError, match="difference"):
        call_command("verify_stimuli", *arguments, stdout=out)
    return out.getvalue()


def test_evaluate_gives_means_by_system_and_snr() -> None:
    make_set(with_scores=True)
    run("generate", "small")
    cells = json.loads(run("evaluate", "--set", "small", "--json"))
    assert [(c["system"], c["snr_db"], c["stimuli"]) for c in cells] == [
        *(("unprocessed", snr, 2) for snr in (0.0, 6.0)),
        *(("wiener", snr, 2) for snr in (0.0, 6.0)),
    ]
    stored = Stimulus.objects.filter(system="wiener", mixture__snr_db=6.0)
    mean = sum(s.stoi or 0 for s in stored) / 2
    assert cells[-1]["stoi"] == pytest.approx(mean)


def test_evaluate_tries_systems_that_the_set_has_not(small: StimulusSet) -> None:
    run("generate", "small")
    told = run("evaluate", "--set", "small", "--systems", "unprocessed", "oracle-irm")
    assert told.count("unprocessed") == told.count("oracle-irm") == 2


def pairs(folder: Path) -> Path:
    for name, x in {"clean": speech(2.0), "noisy": speech(2.0) + noise(2.0)}.items():
        (folder / name).mkdir()
        soundfile.write(folder / name / "a.wav", x, 16_000, subtype="FLOAT")
    return folder


def test_evaluate_reads_a_folder_of_pairs(tmp_path: Path) -> None:
    folder = str(pairs(tmp_path))
    systems = ("--systems", "unprocessed", "oracle-irm")
    cells = json.loads(run("evaluate", "--pairs", folder, *systems, "--json"))
    assert [c["system"] for c in cells] == ["unprocessed", "oracle-irm"]
    assert cells[1]["si_sdr_db"] > cells[0]["si_sdr_db"] + 3


@pytest.mark.parametrize("there", [True, False])
def test_evaluate_has_a_column_for_pesq_where_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    if there:
        pytest.importorskip("pesq")
    else:
        monkeypatch.setitem(sys.modules, "pesq", None)
    folder, out, err = str(pairs(tmp_path)), StringIO(), StringIO()
    arguments = ("--pairs", folder, "--systems", "unprocessed")
    call_command("evaluate", *arguments, stdout=out, stderr=err)
    assert ("PESQ" in out.getvalue().splitlines()[0]) == there
    assert ("uv sync --extra pesq" in err.getvalue()) == (not there)


def test_evaluate_refuses_what_it_cannot(tmp_path: Path, small: StimulusSet) -> None:
    with pytest.raises(CommandError, match="no such folder"):
        run("evaluate", "--pairs", str(tmp_path))
    with pytest.raises(CommandError, match="Unknown system: nonsense"):
        run("evaluate", "--set", "small", "--systems", "nonsense")
    with pytest.raises(CommandError, match="has no rendered mixture"):
        run("evaluate", "--set", "small")


def test_a_room_and_noise_of_another_corpus_can_be_used() -> None:
    made = make_set(use_rooms=False, utterances_per_snr=1)
    other = make_corpus(slug="other")
    made.noises.set(other.noiserecording_set.all())
    run("generate", "small")
    assert {m.noise.corpus for m in made.mixtures.all() if m.noise} == {other}
