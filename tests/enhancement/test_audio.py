"""Files of sound: what is written is read back, and what is wrong is said."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from enhancement import audio
from enhancement.audio import AudioError
from tests.enhancement.signals import noise, sine


def test_it_reads_what_it_wrote_to_the_last_bit_of_24(tmp_path: Path) -> None:
    x = np.stack([noise(0.1, seed=1), noise(0.1, seed=2)])
    audio.write_flac(tmp_path / "x.flac", x, 16_000)
    y, rate_hz = audio.read(tmp_path / "x.flac")
    assert rate_hz == 16_000
    np.testing.assert_allclose(y, x, rtol=0, atol=2.0**-23)


def test_pcm_of_16_bits_is_a_header_of_44_bytes_and_the_samples(tmp_path: Path) -> None:
    x = np.array([0.0, 0.5, -1.0, 1.0])
    audio.write_pcm16(tmp_path / "x.wav", x, 48_000)
    data = (tmp_path / "x.wav").read_bytes()
    assert len(data) == 44 + 2 * 4
    assert struct.unpack("<4h", data[44:]) == (0, 16384, -32768, 32767)
    info = soundfile.info(tmp_path / "x.wav")
    assert (info.frames, info.samplerate, info.subtype) == (4, 48_000, "PCM_16")


def test_pcm_of_two_channels_interleaves_them(tmp_path: Path) -> None:
    x = np.array([[0.25, 0.5], [-0.25, -0.5]])
    audio.write_pcm16(tmp_path / "x.wav", x, 16_000)
    np.testing.assert_array_equal(soundfile.read(tmp_path / "x.wav")[0].T, x)


def test_mono_is_the_mean_of_the_channels_at_the_wanted_rate(tmp_path: Path) -> None:
    tone = 0.5 * sine(0.5, 440, rate_hz=48_000)
    audio.write_flac(tmp_path / "x.flac", np.stack([tone, 0 * tone]), 48_000)
    y = audio.read_mono(tmp_path / "x.flac")
    wanted = 0.25 * sine(0.5, 440)
    assert y.shape == wanted.shape
    np.testing.assert_allclose(y[500:-500], wanted[500:-500], atol=1e-4)


def test_resampling_to_and_fro_keeps_what_lies_below_the_band_edge() -> None:
    x = np.stack([sine(0.5, 440), sine(0.5, 3000)])
    y = audio.resample(audio.resample(x, 16_000, 44_100), 44_100, 16_000)
    assert abs(y.shape[-1] - x.shape[-1]) <= 1
    np.testing.assert_allclose(y[:, 500:7500], x[:, 500:7500], atol=1e-4)


def test_resampling_leaves_the_callers_array_alone() -> None:
    x = sine(0.1, 440)
    before = x.copy()
    audio.resample(x, 16_000, 16_000)[:] = 0
    np.testing.assert_array_equal(x, before)


def _truncated_wav(path: Path) -> None:
    audio.write_pcm16(path, noise(0.1, seed=0), 16_000)
    path.write_bytes(path.read_bytes()[:-1000])


def _truncated_flac(path: Path) -> None:
    audio.write_flac(path.with_suffix(".flac"), noise(1, seed=0), 16_000)
    data = path.with_suffix(".flac").read_bytes()
    path.write_bytes(data[: len(data) // 2])


def _with_nan(path: Path) -> None:
    soundfile.write(path, [0.0, np.nan, 0.0], 16_000, subtype="FLOAT")


def _without_frames(path: Path) -> None:
    soundfile.write(path, np.zeros(0), 16_000)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.write_text("not audio at all " * 9), "convert it"),
        (_truncated_wav, "truncated, 1000 bytes"),
        (_truncated_flac, "(truncated|cannot be read)"),
        (_with_nan, "NaN or infinity at frame 1"),
        (_without_frames, "0 frames"),
    ],
)
def test_it_names_the_file_and_the_fault(
    tmp_path: Path, make: Callable[[Path], object], says: str
) -> None:
    make(tmp_path / "bad.wav")
    with pytest.raises(AudioError, match=f"bad.wav: .*{says}"):
        audio.read(tmp_path / "bad.wav")


def test_a_wav_of_unknown_length_is_read(tmp_path: Path) -> None:
    """A program that writes to a pipe cannot know the length."""
    path = tmp_path / "piped.wav"
    audio.write_pcm16(path, noise(0.1, seed=0), 16_000)
    data = bytearray(path.read_bytes())
    data[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert audio.read(path)[0].shape == (1, 1600)


def test_it_does_not_clip_silently(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"peak 1\.100 is beyond full scale"):
        audio.write_flac(tmp_path / "x.flac", [1.1], 16_000)
    assert list(tmp_path.iterdir()) == []


def test_it_writes_no_nan_and_leaves_the_old_file(tmp_path: Path) -> None:
    audio.write_pcm16(tmp_path / "x.wav", [0.5], 16_000)
    with pytest.raises(ValueError, match="NaN"):
        audio.write_pcm16(tmp_path / "x.wav", [np.nan], 16_000)
    assert audio.read(tmp_path / "x.wav")[0] == 0.5
    assert [path.name for path in tmp_path.iterdir()] == ["x.wav"]
