"""Scores against closed forms and the packages that define them."""

import sys

import fast_bss_eval.numpy as bss_eval
import numpy as np
import pytest
from pystoi import stoi as pystoi
from scipy.signal import lfilter

from enhancement import measures
from enhancement.level import SilenceError
from tests.enhancement.signals import RATE_HZ, noise, speech_like


@pytest.mark.parametrize("snr_db", [-10.0, 0.0, 20.0])
def test_si_sdr_is_the_snr_of_orthogonal_noise(snr_db: float) -> None:
    s, n = speech_like(2, seed=1), noise(2, seed=2)
    n = n - (n @ s) / (s @ s) * s
    n *= np.sqrt(s @ s / (n @ n)) * 10 ** (-snr_db / 20)
    assert measures.si_sdr_db(s, s + n) == pytest.approx(snr_db, abs=1e-9)
    assert measures.si_sdr_db(s, -0.01 * (s + n)) == pytest.approx(snr_db, abs=1e-9)


def test_what_is_perfect_scores_the_limit() -> None:
    s = speech_like(2, seed=3)
    assert measures.si_sdr_db(s, s / 3) == measures.LIMIT_DB
    assert measures.sdr_db(s, s / 3) > 80
    scores = measures.score(s, s, rate_hz=RATE_HZ)
    assert scores.stoi == pytest.approx(1)
    assert scores.estoi == pytest.approx(1)


def test_sdr_forgives_a_filter_that_si_sdr_does_not() -> None:
    s = speech_like(2, seed=4)
    filtered = lfilter([0.5, 0, 0, -0.4], [1.0], s)
    assert measures.sdr_db(s, filtered) > 60
    assert measures.si_sdr_db(s, filtered) < 20


def test_sdr_is_that_of_bss_eval_at_any_level() -> None:
    s = speech_like(3, seed=5)
    y = s + 0.3 * noise(3, seed=6)
    wanted = bss_eval.sdr(s[None], y[None])[0]
    assert measures.sdr_db(s, y) == pytest.approx(wanted, abs=1e-3)
    assert measures.sdr_db(s * 1e-8, y * 1e-8) == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize("rate_hz", [10_000, 16_000])
def test_stoi_and_estoi_are_those_of_pystoi(rate_hz: int) -> None:
    s = speech_like(3, seed=7)
    y = s + 0.3 * noise(3, seed=8)
    stoi = measures.stoi(s, y, rate_hz=rate_hz)
    estoi = measures.estoi(s, y, rate_hz=rate_hz)
    assert stoi == pytest.approx(pystoi(s, y, rate_hz), abs=1e-12)
    assert estoi == pytest.approx(pystoi(s, y, rate_hz, extended=True), abs=1e-9)
    assert 0.2 < estoi < stoi < 1


def test_scores_repeat_and_draw_nothing_from_the_global_generator() -> None:
    s = speech_like(2, seed=9)
    y = s + 0.3 * noise(2, seed=10)
    before = np.random.get_state()[1].copy()  # type: ignore[index]  # noqa: NPY002
    first = measures.score(s, y, rate_hz=RATE_HZ)
    assert measures.score(s, y, rate_hz=RATE_HZ) == first
    after = np.random.get_state()[1]  # type: ignore[index]  # noqa: NPY002
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("samples", [10, 400, 6000])
def test_what_is_too_short_for_stoi_is_refused(samples: int) -> None:
    x = noise(1, seed=11)[:samples]
    for measure in (measures.stoi, measures.estoi):
        with pytest.raises(ValueError, match="too short for STOI"):
            measure(x, x, rate_hz=RATE_HZ)


def test_bad_pairs_are_refused() -> None:
    s = speech_like(1, seed=12)
    with pytest.raises(SilenceError, match="reference is silent"):
        measures.si_sdr_db(0 * s, s)
    with pytest.raises(SilenceError, match="estimate is silent"):
        measures.score(s, 0 * s, rate_hz=RATE_HZ)
    with pytest.raises(ValueError, match="shapes"):
        measures.sdr_db(s, s[:-1])
    with pytest.raises(ValueError, match="estimate holds NaN"):
        measures.stoi(s, s * np.nan, rate_hz=RATE_HZ)


def test_without_its_extra_pesq_is_left_out_and_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pesq", None)  # as Python has it: not importable
    s = speech_like(2, seed=13)
    assert not measures.has_pesq()
    assert measures.score(s, s, rate_hz=RATE_HZ).pesq_wb is None
    with pytest.raises(measures.PesqMissing, match="uv sync --extra pesq"):
        measures.pesq_wb(s, s, rate_hz=RATE_HZ)


def test_pesq_is_the_packages_and_highest_for_what_is_perfect() -> None:
    program = pytest.importorskip("pesq")
    s = speech_like(3, seed=14)
    y = s + 0.1 * noise(3, seed=15)
    found = measures.score(s, y, rate_hz=RATE_HZ).pesq_wb
    assert found == pytest.approx(program.pesq(RATE_HZ, s, y, "wb"))
    assert measures.pesq_wb(s, s, rate_hz=RATE_HZ) == pytest.approx(4.64, abs=0.01)
    with pytest.raises(ValueError, match="wants 16000 Hz"):
        measures.pesq_wb(s, s, rate_hz=8_000)
