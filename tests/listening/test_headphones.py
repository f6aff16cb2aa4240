"""The sounds of the headphone check hold what the recipes say, and no other cue."""

import io

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from scipy.signal import csd, welch
from scipy.stats import binom

from listening.headphones import (
    ANTIPHASE,
    GAP_S,
    HUGGINS,
    INTERVALS,
    LOWEST_MARK,
    MARK,
    RATE_HZ,
    SIDE,
    TRIALS,
    sound,
)
from listening.wav import encode

STEP = round((1 + GAP_S) * RATE_HZ)


def interval(x: NDArray[np.float64], i: int) -> NDArray[np.float64]:
    return x[:, (i - 1) * STEP :][:, :RATE_HZ]


@pytest.mark.parametrize("odd", [1, 2, 3])
def test_only_the_odd_noise_is_turned_and_only_in_its_band(odd: int) -> None:
    x = sound(HUGGINS, 5, odd, level_dbov=-26)
    for i in (1, 2, 3):
        left, right = interval(x, i)
        hz, cross = csd(left, right, RATE_HZ, nperseg=4096)
        turned = np.real(cross) < 0
        inside = (hz > 575) & (hz < 625)
        outside = (hz < 540) | (hz > 660)
        assert turned[inside].all() == (i == odd)
        assert not turned[outside].any()


def test_one_ear_alone_hears_no_pitch() -> None:
    """Each ear's power in the band is that of its neighbours, as in plain noise."""
    ratios = []
    for seed in range(40):
        right = interval(sound(HUGGINS, seed, 2, level_dbov=-26), 2)[1]
        hz, power = welch(right, RATE_HZ, nperseg=4096)
        band = (hz > 564) & (hz < 636)
        beside = ((hz > 400) & (hz < 540)) | ((hz > 660) & (hz < 800))
        ratios.append(power[band].mean() / power[beside].mean())
    assert np.mean(ratios) == pytest.approx(1, abs=3 * np.std(ratios) / np.sqrt(40))


def test_the_softest_tone_over_loudspeakers_is_another_than_over_headphones() -> None:
    for seed in range(6):
        x = sound(ANTIPHASE, seed, 3, level_dbov=-26)
        parts = [interval(x, i) for i in (1, 2, 3)]
        rms_db = [10 * np.log10(np.mean(p[0] ** 2)) for p in parts]
        assert rms_db[2] - max(rms_db) == pytest.approx(-6, abs=0.01)
        in_the_air = [np.mean((p[0] + p[1]) ** 2) for p in parts]
        assert int(np.argmin(in_the_air)) in (0, 1)
        assert min(in_the_air) == 0


def test_a_file_says_nothing_of_the_answer_by_its_size() -> None:
    made = [sound(HUGGINS, s, 1 + s % 3, level_dbov=-26) for s in range(4)]
    files = [encode(x, rate_hz=RATE_HZ) for x in made]
    assert len({len(f) for f in files}) == 1
    samples, rate = soundfile.read(io.BytesIO(files[0]))
    assert (rate, samples.shape) == (RATE_HZ, (2 * STEP + RATE_HZ, 2))
    middle = samples[10_000:38_000, 0]
    assert 20 * np.log10(np.std(middle)) == pytest.approx(-26, abs=0.2)
    assert np.abs(samples).max() < 1


@pytest.mark.parametrize(("ears", "heard"), [(1, (1, 0)), (2, (0, 1)), (3, (1, 1))])
def test_the_side_is_that_of_the_answer(ears: int, heard: tuple[int, int]) -> None:
    x = sound(SIDE, 5, ears, level_dbov=-26)
    for i in (1, 2, 3):
        power = np.mean(interval(x, i) ** 2, axis=1)
        assert tuple((power > 0).astype(int)) == heard


def test_who_guesses_seldom_reaches_the_mark() -> None:
    """The binomial distribution of six answers of three: 13 of 729, and 73 of 729."""
    assert binom.sf(MARK - 1, TRIALS, 1 / INTERVALS) == pytest.approx(13 / 729)
    assert binom.sf(LOWEST_MARK - 1, TRIALS, 1 / INTERVALS) == pytest.approx(73 / 729)
