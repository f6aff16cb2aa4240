"""The mixture at the ear, on material whose levels are known."""

import numpy as np
import pytest

from enhancement import level
from stimuli.mixing import RATE_HZ, Material, Mixed, cut_noise, mix
from tests.stimuli.material import noise, room, speech


def mixed(snr_db: float, *, with_room: bool = False, **seeds: int) -> Mixed:
    clean = speech(2.0, **seeds)
    ir = room() if with_room else None
    taps = 0 if ir is None else ir.shape[-1]
    piece = cut_noise(noise(), offset=100, speech=len(clean), room=taps)
    return mix(Material(clean, snr_db, noise=piece, room=ir))


def bursts(seconds: float) -> np.ndarray:
    """Return a tone of amplitude 0.1 that is on for the first half of the time."""
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return 0.1 * np.sin(2 * np.pi * 500 * t) * (t < seconds / 2)


@pytest.mark.parametrize("snr_db", [-6.0, 0.0, 9.0])
def test_the_snr_counts_the_active_part_of_the_speech_only(snr_db: float) -> None:
    """A tone on half of the time: its active level is its own, whatever the pause.

    Active level of the tone: 20 log10(0.1) - 3.01 dB; P.56's envelope and hangover
    count 0.2 s of the pause as active, 2 % of 10 s: 0.17 dB.
    """
    tone = bursts(20.0)
    hiss = np.random.default_rng(1).standard_normal(len(tone))
    made = mix(Material(tone, snr_db, noise=hiss))
    half = len(tone) // 2
    part = made.noisy - made.target
    true_snr = 10 * np.log10(np.mean(made.target[:half] ** 2) / np.mean(part**2))
    assert true_snr == pytest.approx(snr_db, abs=0.2)
    assert made.measured_snr_db == pytest.approx(snr_db, abs=0.01)


def test_the_target_is_the_speech_through_the_room_from_the_talker() -> None:
    made = mixed(0.0, with_room=True)
    expected = np.convolve(speech(2.0), room()[0])
    gain = 10 ** (made.speech_gain_db / 20)
    np.testing.assert_allclose(made.target, gain * expected, atol=1e-9)


def test_the_noise_goes_through_the_room_that_rings_already() -> None:
    made = mixed(0.0, with_room=True)
    through = np.convolve(noise(), room()[1])[100 + 799 :][: len(made.noisy)]
    assert made.noise_gain_db is not None
    gain = 10 ** (made.noise_gain_db / 20)
    np.testing.assert_allclose(made.noisy - made.target, gain * through, atol=1e-9)


def test_the_target_sits_at_minus_26_dbov() -> None:
    made = mixed(9.0)
    found = level.active_speech_level(made.target, RATE_HZ).level_dbov
    assert found == pytest.approx(made.target_level_dbov, abs=0.01)
    assert made.target_level_dbov == -26.0


def test_a_mixture_that_would_clip_is_turned_down_as_a_whole() -> None:
    made = mixed(-30.0)
    assert np.abs(made.noisy).max() == pytest.approx(0.9)
    assert made.target_level_dbov < -26.0
    assert made.measured_snr_db == pytest.approx(-30.0, abs=0.01)


def test_the_material_is_not_changed() -> None:
    clean, hiss = speech(), noise()
    clean.setflags(write=False)
    hiss.setflags(write=False)
    mix(Material(clean, 0.0, noise=hiss[: len(clean)]))


def test_too_short_a_noise_begins_again() -> None:
    piece = cut_noise(np.arange(5.0), offset=3, speech=6, room=0)
    assert piece.tolist() == [3, 4, 0, 1, 2, 3]


def test_a_finished_mixture_is_taken_as_it_is_and_its_snr_measured() -> None:
    ours = mixed(3.0)
    made = mix(Material(ours.target, 3.0, noisy=ours.noisy))
    assert np.array_equal(made.noisy, ours.noisy)
    assert made.measured_snr_db == pytest.approx(3.0, abs=0.01)


def test_a_finished_mixture_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="import the pair again"):
        mix(Material(speech(), 0.0, noisy=noise()))


def test_silence_is_refused() -> None:
    with pytest.raises(level.SilenceError):
        mix(Material(np.zeros(16_000), 0.0, noise=noise(1.0)))
    with pytest.raises(level.SilenceError, match="noise is silent"):
        mix(Material(speech(1.0), 0.0, noise=np.zeros(16_000)))
