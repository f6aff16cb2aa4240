"""Trackers of the noise find a noise whose power is known."""

from collections.abc import Callable

import numpy as np
import pytest

from enhancement.classical import FRAMING, HOP_S
from enhancement.classical.imcra import Imcra
from enhancement.classical.omlsa import FRAMING as LONG
from enhancement.noise_psd import MmseSppNoise
from enhancement.spectral import Power, power_of
from enhancement.stft import Framing, analyse
from tests.enhancement.signals import Samples, noise, speech_like


def mmse_spp(x: Samples) -> Power:
    track = MmseSppNoise(hop_s=HOP_S, partial_frames=FRAMING.partial_frames)
    return np.stack([track(power) for power in power_of(analyse(x, FRAMING))])


def imcra(x: Samples) -> Power:
    """IMCRA alone: present where its own prior says so, whatever the frame holds."""
    track, found = Imcra(partial_frames=LONG.partial_frames), []
    power = power_of(analyse(x, LONG))
    for frame, absence in zip(power, track.absence(power), strict=True):
        found.append(track.noise(frame))
        track.update(frame, 1 - absence)
    return np.stack(found)


Track = Callable[[Samples], Power]

TRACKERS = [
    pytest.param(mmse_spp, FRAMING, id="mmse-spp"),
    pytest.param(imcra, LONG, id="imcra"),
]


def _error_db(found: Power, framing: Framing, gain: float = 1) -> float:
    """Return how far the mean over inner bins and frames is off the true power."""
    wanted = np.sum(framing.analysis**2) * (0.1 * gain) ** 2
    return float(10 * np.log10(found[:, 5:-5].mean() / wanted))


@pytest.mark.parametrize(("track", "framing"), TRACKERS)
def test_it_finds_the_power_of_steady_noise(track: Track, framing: Framing) -> None:
    found = track(noise(4, seed=1))[150:]
    assert abs(_error_db(found, framing)) < 1.5


@pytest.mark.parametrize(("track", "framing"), TRACKERS)
def test_speech_does_not_count_as_noise(track: Track, framing: Framing) -> None:
    speech = speech_like(4, seed=2)
    found = track(speech + 0.05 * noise(4, seed=3))[150:]
    median = np.median(found[:, 5:-5])
    wanted = np.sum(framing.analysis**2) * 0.005**2
    assert abs(10 * np.log10(median / wanted)) < 3


@pytest.mark.parametrize(("track", "framing"), TRACKERS)
def test_it_follows_a_noise_that_rises_by_10_db(track: Track, framing: Framing) -> None:
    x = np.concatenate([noise(2, seed=4), 10**0.5 * noise(4, seed=5)])
    found = track(x)[-100:]
    assert abs(_error_db(found, framing, 10**0.5)) < 2


@pytest.mark.parametrize(("track", "framing"), TRACKERS)
def test_the_estimate_scales_with_the_sound(track: Track, framing: Framing) -> None:
    x = speech_like(2, seed=6) + 0.1 * noise(2, seed=7)
    np.testing.assert_allclose(track(x / 4), track(x) / 16, rtol=1e-9)


@pytest.mark.parametrize(("track", "framing"), TRACKERS)
def test_it_leaves_digital_silence_behind(track: Track, framing: Framing) -> None:
    x = np.concatenate([np.zeros(16_000), noise(5, seed=8)])
    assert abs(_error_db(track(x)[-100:], framing)) < 2
