"""Bad weights and odd files, through the command that enhances files: all five."""

import hashlib
import shutil
import tracemalloc
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from django.core.management import CommandError, call_command

from enhancement import audio, weights
from enhancement.system import Samples
from enhancement.systems import load
from enhancement.weights.safetensors import parse, serialise
from stimuli import enhancing
from stimuli.family import FAMILY
from tests.enhancement.signals import noise, sine

pytestmark = pytest.mark.parametrize("slug", FAMILY)

ODD: dict[str, Samples] = {
    "shorter than a frame": 0.1 * noise(1, seed=1)[:300],
    "one sample": np.array([0.5]),
    "silence": np.zeros(5000),
    "DC": np.full(5000, 0.5),
    "clipped at full scale": np.sign(noise(0.5, seed=2)) * (1 - 2.0**-15),
}


def enhance(*arguments: str | Path) -> tuple[str, str]:
    """Return what the command told, and its error."""
    out, err = StringIO(), StringIO()
    try:
        call_command("enhance", *map(str, arguments), stdout=out, stderr=err)
    except CommandError as error:
        err.write(str(error))
    return out.getvalue(), err.getvalue()


@pytest.mark.parametrize("name", ODD)
def test_odd_files_come_out_finite_and_as_long(
    slug: str, name: str, tmp_path: Path
) -> None:
    audio.write_pcm16(tmp_path / "x.wav", ODD[name], 16_000)
    _, err = enhance(slug, tmp_path / "x.wav", tmp_path / "y.wav")
    assert err == ""
    y, rate_hz = audio.read(tmp_path / "y.wav")
    assert (y.shape, rate_hz) == ((1, len(ODD[name])), 16_000)
    if name == "silence":
        assert not y.any()


@pytest.mark.parametrize(
    ("rate_hz", "channels"), [(8_000, 1), (48_000, 1), (16_000, 2)]
)
def test_other_rates_and_stereo_are_what_the_system_makes_of_them(
    slug: str, rate_hz: int, channels: int, tmp_path: Path
) -> None:
    tones = [sine(0.6, f, rate_hz=rate_hz) for f in (400, 700)][:channels]
    rng = np.random.default_rng(3)
    x = 0.2 * np.stack(tones) + 0.02 * rng.standard_normal((channels, len(tones[0])))
    audio.write(tmp_path / "x.wav", x, rate_hz, container="WAV", subtype="DOUBLE")
    out, err = enhance(slug, tmp_path / "x.wav", tmp_path / "y.wav")
    y, found_hz = audio.read(tmp_path / "y.wav")
    assert (err, found_hz, y.shape) == ("", rate_hz, x.shape)
    whole = load(slug).enhance(audio.resample(x, rate_hz, 16_000))
    wanted = audio.resample(whole, 16_000, rate_hz)
    both = min(wanted.shape[-1], y.shape[-1])
    # In blocks the resampler rounds otherwise: an integer may come out one higher
    np.testing.assert_allclose(y[:, :both], wanted[:, :both], atol=2e-3)
    assert ("above 8000 Hz is lost" in out) == (rate_hz > 16_000)


def test_nan_is_named_with_its_frame(slug: str, tmp_path: Path) -> None:
    x = 0.1 * noise(1, seed=4)
    x[1234] = np.nan
    soundfile.write(tmp_path / "x.wav", x, 16_000, subtype="FLOAT")
    _, err = enhance(slug, tmp_path / "x.wav", tmp_path / "y.wav")
    assert "x.wav: NaN or infinity at frame 1234" in err
    assert not (tmp_path / "y.wav").exists()


def test_memory_does_not_grow_with_the_file(
    slug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In blocks of half a second, 5 s more would be 0.6 MB more of each copy kept."""
    monkeypatch.setattr(enhancing, "BLOCK", 8_000)
    peaks = []
    for seconds in (1, 1, 6):  # the first warms up
        audio.write_pcm16(tmp_path / "x.wav", 0.1 * noise(seconds, seed=5), 16_000)
        jobs = enhancing.plan(tmp_path / "x.wav", tmp_path / "y.wav")
        tracemalloc.start()
        *_, report = enhancing.run(load(slug), jobs)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert (report.done, report.failed) == (1, {})
    assert peaks[2] - peaks[1] < 300_000


Spoil = Callable[[bytes], bytes]


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def turn_a_bit(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def reshape(data: bytes) -> bytes:
    """Take a row off the mask layer; the file is whole."""
    tensors, metadata = parse(data, name="ours")
    return serialise(tensors | {"mask": tensors["mask"][:-1]}, metadata)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slug: str) -> Path:
    """A folder of weights of our own, with the file of one system in it."""
    copy = tmp_path / "weights"
    copy.mkdir()
    shutil.copy(weights.FOLDER / f"{slug}.safetensors", copy)
    shutil.copy(weights.FOLDER / weights.SUMS, copy)
    monkeypatch.setattr(weights, "FOLDER", copy)
    return copy


@pytest.mark.parametrize("spoil", [cut, turn_a_bit], ids=["truncated", "other hash"])
def test_weights_that_are_not_the_published_are_refused(
    slug: str, folder: Path, tmp_path: Path, spoil: Spoil
) -> None:
    path = folder / f"{slug}.safetensors"
    path.write_bytes(spoil(path.read_bytes()))
    _, err = enhance(slug, tmp_path, tmp_path / "out")
    assert f"{path}: its SHA-256 is " in err
    assert "restore the file" in err


@pytest.mark.parametrize(
    ("spoil", "says"),
    [(cut, "not a whole safetensors file"), (reshape, "mask")],
    ids=["truncated", "other shape"],
)
def test_weights_whose_hash_is_right_must_still_fit(
    slug: str, folder: Path, tmp_path: Path, spoil: Spoil, says: str
) -> None:
    path = folder / f"{slug}.safetensors"
    data = spoil(path.read_bytes())
    path.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    (folder / weights.SUMS).write_text(f"{digest}  {path.name}\n")
    _, err = enhance(slug, tmp_path, tmp_path / "out")
    assert says in err


def test_weights_that_are_missing_are_named(
    slug: str, folder: Path, tmp_path: Path
) -> None:
    path = folder / f"{slug}.safetensors"
    path.unlink()
    _, err = enhance(slug, tmp_path, tmp_path / "out")
    assert err == f"{path}: cannot be read (No such file or directory)"
