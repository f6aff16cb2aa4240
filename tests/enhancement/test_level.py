"""Levels of sounds whose level is known."""

import numpy as np
import pytest

from enhancement import level
from enhancement.level import SilenceError, active_speech_level
from tests.enhancement.signals import RATE_HZ, noise, sine, speech_like


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 48_000])
@pytest.mark.parametrize("amplitude", [1.0, 0.25, 0.01])
def test_the_active_level_of_a_sine_is_its_level(
    rate_hz: int, amplitude: float
) -> None:
    """All of it is active, but for the rise of the envelope in the beginning."""
    x = amplitude * sine(5, 440, rate_hz=rate_hz)
    found = active_speech_level(x, rate_hz)
    wanted = 20 * np.log10(amplitude) - 3.0103
    assert found.long_term_level_dbov == pytest.approx(wanted, abs=1e-3)
    assert found.level_dbov == pytest.approx(wanted, abs=0.05)
    assert found.activity == pytest.approx(1, abs=0.01)


def _sharp_envelope(x: np.ndarray) -> np.ndarray:
    """Smooth |x| twice, sample by sample, as ITU-T P.56 describes it."""
    g = np.exp(-1 / (RATE_HZ * 0.03))
    p = q = 0.0
    out = []
    for sample in np.abs(x):
        p = g * p + (1 - g) * sample
        q = g * q + (1 - g) * p
        out.append(q)
    return np.array(out)


def test_it_agrees_with_the_recommendations_own_counting() -> None:
    """Sample by sample, one threshold after the other, with a counter of hangover."""
    x = speech_like(3, seed=1)
    envelope = _sharp_envelope(x)
    levels, margins = [], []
    for j in range(15, 0, -1):
        threshold, hang, active = 2.0**-j, 3200, 0
        for q in envelope:
            hang = 0 if q >= threshold else hang + 1
            active += hang <= 3200 and (hang == 0 or active > 0)
        if active:
            levels.append(10 * np.log10(np.sum(x**2) / active))
            margins.append(levels[-1] - 20 * np.log10(threshold))
    wanted = np.interp(-15.9, -np.array(margins), levels)
    assert active_speech_level(x, RATE_HZ).level_dbov == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize("on_s", [0.4, 1.0, 2.0])
def test_bursts_are_active_while_they_last_and_for_the_hangover(on_s: float) -> None:
    """Noise on for `on_s` in every 4 s; the envelope takes some 50-150 ms to fall."""
    x = noise(24, seed=2)
    x[np.arange(len(x)) / RATE_HZ % 4 >= on_s] = 0
    activity = active_speech_level(x, RATE_HZ).activity
    assert (on_s + 0.2 + 0.04) / 4 < activity < (on_s + 0.2 + 0.16) / 4


def test_silence_added_leaves_the_active_level_as_it_was() -> None:
    x = speech_like(6, seed=3)
    padded = np.concatenate([np.zeros(5 * RATE_HZ), x, np.zeros(9 * RATE_HZ)])
    before, after = (active_speech_level(s, RATE_HZ) for s in (x, padded))
    assert after.level_dbov == pytest.approx(before.level_dbov, abs=0.1)
    assert after.long_term_level_dbov < before.long_term_level_dbov - 5


@pytest.mark.parametrize(("gain_db", "within"), [(-6.0206, 1e-4), (-7.3, 0.05)])
def test_a_gain_shifts_the_level_by_itself(gain_db: float, within: float) -> None:
    """To the last digit for powers of 2: the thresholds stand a factor of 2 apart."""
    x = speech_like(5, seed=4)
    scaled = active_speech_level(x * 10 ** (gain_db / 20), RATE_HZ)
    shift = scaled.level_dbov - active_speech_level(x, RATE_HZ).level_dbov
    assert shift == pytest.approx(gain_db, abs=within)


@pytest.mark.parametrize("x", [np.zeros(16_000), np.zeros(0), 1e-9 * np.ones(16_000)])
def test_silence_has_no_active_level(x: np.ndarray) -> None:
    with pytest.raises(SilenceError, match="no speech"):
        active_speech_level(x, RATE_HZ)


@pytest.mark.parametrize("snr_db", [-6.0, 0.0, 9.0])
def test_it_mixes_at_the_wanted_snr(snr_db: float) -> None:
    target, hiss = speech_like(4, seed=5), noise(4, seed=6)
    mixing = level.mix(target, hiss, snr_db, rate_hz=RATE_HZ)
    added = mixing.noisy - target
    speech_db = active_speech_level(target, RATE_HZ).level_dbov
    noise_db = 10 * np.log10(np.mean(added**2))
    assert speech_db - noise_db == pytest.approx(snr_db, abs=1e-9)
    assert mixing.measured_snr_db == pytest.approx(snr_db, abs=1e-9)
    np.testing.assert_allclose(added, hiss * 10 ** (mixing.noise_gain_db / 20))


def test_mixing_changes_neither_part() -> None:
    target, hiss = speech_like(2, seed=7), noise(2, seed=8)
    before = target.copy(), hiss.copy()
    level.mix(target, hiss, 0, rate_hz=RATE_HZ)
    np.testing.assert_array_equal([target, hiss], before)


def test_it_does_not_mix_what_cannot_be_mixed() -> None:
    speech, hiss = speech_like(1, seed=9), noise(1, seed=10)
    with pytest.raises(SilenceError, match="noise is silent"):
        level.mix(speech, 0 * hiss, 0, rate_hz=RATE_HZ)
    with pytest.raises(SilenceError, match="no speech"):
        level.mix(0 * speech, hiss, 0, rate_hz=RATE_HZ)
    with pytest.raises(ValueError, match="cut the noise"):
        level.mix(speech, hiss[:-1], 0, rate_hz=RATE_HZ)
    with pytest.raises(ValueError, match="NaN"):
        level.mix(speech * np.nan, hiss, 0, rate_hz=RATE_HZ)


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
def test_the_true_peak_lies_between_the_samples(rate_hz: int) -> None:
    """A sine at a quarter of the rate and 45°: every sample is 3.01 dB below it."""
    x = 0.5 * sine(0.5, rate_hz / 4, rate_hz=rate_hz, phase=np.pi / 4)
    x = level.fade(x, rate_hz, 0.05)
    assert 20 * np.log10(np.abs(x).max()) == pytest.approx(-9.03, abs=0.01)
    assert level.true_peak_dbtp(x, rate_hz) == pytest.approx(-6.02, abs=0.02)


def test_the_true_peak_is_never_below_the_sample_peak() -> None:
    x = np.zeros(1000)
    x[500] = 0.7
    assert level.true_peak_dbtp(x, RATE_HZ) >= 20 * np.log10(0.7)
    assert level.true_peak_dbtp(0 * x, RATE_HZ) == float("-inf")


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000])
def test_a_full_scale_sine_has_the_loudness_the_standard_states(rate_hz: int) -> None:
    """BS.1770: 0 dBFS at 997 Hz in one channel reads -3.01 LKFS."""
    x = sine(5, 997, rate_hz=rate_hz)
    assert level.loudness_lufs(x, rate_hz) == pytest.approx(-3.01, abs=0.05)
    assert level.loudness_lufs(x / 10, rate_hz) == pytest.approx(-23.01, abs=0.05)


def test_what_is_too_short_or_quiet_has_no_loudness() -> None:
    with pytest.raises(SilenceError, match="too short"):
        level.loudness_lufs(noise(0.3, seed=0), RATE_HZ)
    with pytest.raises(SilenceError, match="too quiet"):
        level.loudness_lufs(np.zeros(RATE_HZ), RATE_HZ)


@pytest.mark.parametrize("gain_db", [-12.0, 0.0, 3.0])
def test_the_gain_of_speech_is_found_beneath_noise(gain_db: float) -> None:
    """128 shifts explain noise by chance: a share of 128 / 64000 of its power."""
    speech = speech_like(4, seed=11)
    enhanced = speech * 10 ** (gain_db / 20)
    found = level.speech_component_gain_db(enhanced, speech)
    assert found == pytest.approx(gain_db, abs=1e-6)
    mixed = level.mix(enhanced, noise(4, seed=12), 0, rate_hz=RATE_HZ).noisy
    found = level.speech_component_gain_db(mixed, speech)
    assert found == pytest.approx(gain_db, abs=0.1)


@pytest.mark.parametrize("snr_db", [-12.0, 0.0])
def test_the_gain_of_speech_is_exact_where_the_noise_is_known(snr_db: float) -> None:
    """What is a x speech + b x noise holds a x speech, whatever the two share."""
    speech = speech_like(4, seed=15)
    babble = speech_like(4, seed=16) + 0.3 * np.roll(speech, 5000)
    mixed = level.mix(speech, babble, snr_db, rate_hz=RATE_HZ).noisy
    noise = mixed - speech
    found = level.speech_component_gain_db(speech / 2 + noise / 5, speech, noise)
    assert found == pytest.approx(20 * np.log10(0.5), abs=1e-4)


@pytest.mark.parametrize("shift", [-50, 50])
def test_the_speech_component_is_found_though_shifted(shift: int) -> None:
    speech = speech_like(3, seed=13)
    found = level.speech_component_gain_db(np.roll(speech, shift) / 2, speech)
    assert found == pytest.approx(-6.02, abs=0.05)


def test_there_is_no_gain_of_speech_without_speech() -> None:
    x = speech_like(1, seed=14)
    with pytest.raises(SilenceError, match="reference is silent"):
        level.speech_component_gain_db(x, 0 * x)
    with pytest.raises(SilenceError, match="nothing of the reference"):
        level.speech_component_gain_db(0 * x, x)


def test_a_fade_begins_and_ends_at_rest_and_keeps_the_middle() -> None:
    x = np.ones((2, 1600))
    y = level.fade(x, RATE_HZ)
    assert np.all(np.diff(y[0, :160]) > 0)
    assert y[0, 0] < 1e-3
    np.testing.assert_array_equal(y[:, 160:-160], 1)
    np.testing.assert_allclose(y, y[:, ::-1])
    np.testing.assert_array_equal(x, 1)


@pytest.mark.parametrize("samples", [0, 1, 5])
def test_a_fade_fits_into_the_shortest_sound(samples: int) -> None:
    assert np.isfinite(level.fade(np.ones(samples), RATE_HZ)).all()
