"""The command that enhances files."""

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from django.core.management import CommandError, call_command

from enhancement import audio
from enhancement.systems import load
from stimuli import enhancing
from tests.enhancement.signals import noise, sine, speech_like


def enhance(*arguments: str | Path) -> tuple[str, str]:
    """Return what the command wrote to standard output and error."""
    out, err = StringIO(), StringIO()
    try:
        call_command("enhance", *map(str, arguments), stdout=out, stderr=err)
    except CommandError as error:
        err.write(f"CommandError: {error}")
    return out.getvalue(), err.getvalue()


@pytest.fixture
def noisy(tmp_path: Path) -> Path:
    """A tree of noisy speech: two good files, and notes that are not audio."""
    folder = tmp_path / "noisy"
    (folder / "deep").mkdir(parents=True)
    x = speech_like(1, seed=1) + 0.1 * noise(1, seed=2)
    audio.write_pcm16(folder / "a.wav", x, 16_000)
    audio.write_flac(folder / "deep" / "b.flac", x / 2, 16_000)
    (folder / "notes.txt").write_text("recorded on a Tuesday")
    return folder


def test_a_file_is_what_the_system_makes_of_it(noisy: Path, tmp_path: Path) -> None:
    out, err = enhance("wiener", noisy / "a.wav", tmp_path / "out.wav")
    wanted = load("wiener").enhance(audio.read(noisy / "a.wav")[0])
    found, rate_hz = audio.read(tmp_path / "out.wav")
    assert rate_hz == 16_000
    np.testing.assert_allclose(found, wanted, atol=2.0**-15)
    assert out.startswith("1 files, 1.0 s of sound: enhanced at ")
    assert "times real time" in out
    assert err == ""


def test_a_tree_keeps_its_structure_names_and_formats(
    noisy: Path, tmp_path: Path
) -> None:
    _, err = enhance("log-mmse", noisy, tmp_path / "out")
    names = {p.relative_to(tmp_path / "out") for p in (tmp_path / "out").rglob("*.*")}
    assert names == {Path("a.wav"), Path("deep/b.flac")}
    with audio.opened(tmp_path / "out" / "deep" / "b.flac") as made:
        assert (made.container, made.subtype) == ("FLAC", "PCM_24")
    assert err == ""


def test_it_can_run_twice(noisy: Path, tmp_path: Path) -> None:
    enhance("omlsa", noisy, tmp_path / "out")
    first = (tmp_path / "out" / "a.wav").read_bytes()
    assert enhance("omlsa", noisy, tmp_path / "out")[1] == ""
    assert (tmp_path / "out" / "a.wav").read_bytes() == first


def test_a_bad_file_is_named_and_the_rest_goes_on(noisy: Path, tmp_path: Path) -> None:
    (noisy / "bad.wav").write_bytes(b"")
    out, err = enhance("unprocessed", noisy, tmp_path / "out")
    assert "bad.wav: the file is empty" in err
    assert err.endswith("CommandError: 1 of 3 files failed")
    assert out.startswith("2 files")
    assert (tmp_path / "out" / "deep" / "b.flac").exists()
    assert not (tmp_path / "out" / "bad.wav").exists()


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100, 48_000])
def test_other_rates_and_channels_come_back_as_they_were(
    tmp_path: Path, rate_hz: int
) -> None:
    x = 0.3 * np.stack(
        [sine(0.51, 500, rate_hz=rate_hz), sine(0.51, 900, rate_hz=rate_hz)]
    )
    audio.write(tmp_path / "x.wav", x, rate_hz, container="WAV", subtype="FLOAT")
    out, _ = enhance("unprocessed", tmp_path / "x.wav", tmp_path / "y.wav")
    y, found_hz = audio.read(tmp_path / "y.wav")
    assert (found_hz, y.shape) == (rate_hz, x.shape)
    inner = slice(rate_hz // 10, -rate_hz // 10)
    np.testing.assert_allclose(y[:, inner], x[:, inner], atol=1e-3)
    assert soundfile.info(tmp_path / "y.wav").subtype == "FLOAT"
    assert ("above 8000 Hz is lost" in out) == (rate_hz > 16_000)


def test_what_would_clip_is_lowered_and_said(tmp_path: Path) -> None:
    """A square wave between the low-pass's band edges overshoots."""
    x = np.sign(sine(0.5, 700)) * 0.999
    audio.write_pcm16(tmp_path / "x.wav", x, 16_000)
    out, err = enhance("lowpass-3.5k", tmp_path / "x.wav", tmp_path / "y.wav")
    assert "y.wav: lowered by" in out
    assert err == ""
    assert 0.99 < np.abs(audio.read(tmp_path / "y.wav")[0]).max() < 1


def test_an_oracle_takes_the_reference_of_the_same_name(
    noisy: Path, tmp_path: Path
) -> None:
    clean = tmp_path / "clean"
    (clean / "deep").mkdir(parents=True)
    audio.write_flac(clean / "a.wav", speech_like(1, seed=1), 16_000)
    out, err = enhance("oracle-irm", noisy, tmp_path / "out", "--reference", clean)
    assert "b.flac: there is no such file" in err
    assert out.startswith("1 files")


@pytest.mark.parametrize(
    ("frames", "rate_hz", "channels", "says"),
    [
        (15_999, 16_000, 1, "they must be equal"),
        (16_000, 8_000, 1, "they must be equal"),
        (16_000, 16_000, 2, "2 channels, but"),
    ],
)
def test_a_reference_that_does_not_fit_is_refused(
    noisy: Path, tmp_path: Path, frames: int, rate_hz: int, channels: int, says: str
) -> None:
    audio.write_pcm16(tmp_path / "s.wav", np.zeros((channels, frames)), rate_hz)
    _, err = enhance(
        "oracle-ibm",
        noisy / "a.wav",
        tmp_path / "y.wav",
        "--reference",
        tmp_path / "s.wav",
    )
    assert says in err


def test_one_clean_channel_serves_two_noisy_ones(tmp_path: Path) -> None:
    s = speech_like(1, seed=3)
    x = np.stack([s, s]) + 0.1 * np.stack([noise(1, seed=4), noise(1, seed=5)])
    audio.write_flac(tmp_path / "s.flac", s, 16_000)
    audio.write_flac(tmp_path / "x.flac", x, 16_000)
    arguments = (
        tmp_path / "x.flac",
        tmp_path / "y.flac",
        "--reference",
        tmp_path / "s.flac",
    )
    assert enhance("oracle-cirm", *arguments)[1] == ""
    assert audio.read(tmp_path / "y.flac")[0].shape == x.shape


def test_what_cannot_be_asked_for_is_refused_in_one_line(
    noisy: Path, tmp_path: Path
) -> None:
    out, empty = tmp_path / "out", tmp_path / "empty"
    empty.mkdir()
    cases = {
        ("nope", noisy, out): "there is no system 'nope'; known are: unprocessed",
        ("wiener", tmp_path / "gone", out): "gone: there is no such file or folder",
        ("wiener", empty, out): "no audio file is in this folder",
        ("wiener", noisy, noisy): "would overwrite its own input",
        ("wiener", noisy / "a.wav", noisy): "would overwrite its own input",
        ("wiener", noisy, noisy / "out"): "lies inside",
        ("oracle-irm", noisy, out): "name it with --reference",
    }
    for arguments, says in cases.items():
        _, err = enhance(*arguments)
        assert says in err
        assert len(err.splitlines()) == 1
    assert not out.exists()


@pytest.mark.parametrize("slug", ["wiener", "lowpass-3.5k"])
@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 48_000])
def test_a_file_of_many_blocks_is_what_the_whole_of_it_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slug: str, rate_hz: int
) -> None:
    """Blocks that fit neither frames nor each other; the whole is resampled at once."""
    monkeypatch.setattr(enhancing, "BLOCK", 999)
    rng = np.random.default_rng(1)
    x = 0.1 * rng.standard_normal((2, rate_hz // 2 + 1))
    audio.write(tmp_path / "x.wav", x, rate_hz, container="WAV", subtype="DOUBLE")
    enhance(slug, tmp_path / "x.wav", tmp_path / "y.wav")
    y, _ = audio.read(tmp_path / "y.wav")
    assert y.shape == x.shape
    whole = load(slug).enhance(audio.resample(x, rate_hz, 16_000))
    wanted = audio.resample(whole, 16_000, rate_hz)[:, : x.shape[-1]]
    np.testing.assert_allclose(y[:, : wanted.shape[-1]], wanted, atol=1e-9)


def test_what_is_beyond_full_scale_stays_in_a_float_file(tmp_path: Path) -> None:
    x = 3 * sine(0.2, 500)
    audio.write(tmp_path / "x.wav", x, 16_000, container="WAV", subtype="FLOAT")
    out, _ = enhance("unprocessed", tmp_path / "x.wav", tmp_path / "y.wav")
    assert "lowered" not in out
    np.testing.assert_allclose(audio.read(tmp_path / "y.wav")[0][0], x, atol=1e-6)
