"""The sound by which the volume is set."""

import io

import numpy as np
import pytest
import soundfile
from django.test import Client
from django.utils.timezone import now

from listening.enrolment import enrol
from listening.models import Session
from listening.soundcheck import test_sound as make_test_sound
from tests.scene import Scene


@pytest.mark.parametrize("level_dbov", [-26.0, -30.0])
def test_it_has_the_level_that_was_asked_for(level_dbov: float) -> None:
    x, rate_hz = soundfile.read(io.BytesIO(make_test_sound(level_dbov)))
    assert rate_hz == 48_000
    assert 10 * np.log10(np.mean(x**2)) == pytest.approx(level_dbov, abs=0.02)
    assert np.abs(x).max() < 0.9


def test_it_begins_and_ends_in_silence() -> None:
    x, _ = soundfile.read(io.BytesIO(make_test_sound(-26.0)))
    assert np.abs(x[[0, -1]]).max() < 1e-3


def test_its_spectrum_falls_as_that_of_speech() -> None:
    """9 dB an octave above 500 Hz: from 1 to 4 kHz 18 dB."""
    x, rate_hz = soundfile.read(io.BytesIO(make_test_sound(-26.0)))
    power = np.abs(np.fft.rfft(x)) ** 2
    hz = np.fft.rfftfreq(len(x), 1 / rate_hz)

    def level(at: float) -> float:
        band = (hz > at / 1.1) & (hz < at * 1.1)
        return float(10 * np.log10(power[band].mean()))

    assert level(1000) - level(4000) == pytest.approx(18, abs=1.5)


def test_it_is_served_at_the_level_of_the_study(client: Client, scene: Scene) -> None:
    session = enrol(study=scene.study, stage=Session.Stage.LIVE, seed=1, at=now())
    response = client.get(f"/session/{session.code}/test-sound/")
    assert response.content == make_test_sound(scene.stimulus_set.level_db)
    assert response["Cache-Control"] == "private, no-store"
