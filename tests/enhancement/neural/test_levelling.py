"""The gain control in front of the family: closed forms, its definition, its blocks."""

import numpy as np
import pytest

from enhancement import level, measures
from enhancement.neural.levelling import LAW, Levelled, Levelling, levels_dbfs
from enhancement.neural.tinylstm import FRAMING, SINGLE
from enhancement.stft import Spectra, analyse
from enhancement.system import Samples
from enhancement.systems import SYSTEMS, load
from tests.enhancement.neural.networks import system_of
from tests.enhancement.signals import RATE_HZ, noise, sine, speech_like

FAMILY = [slug for slug in SYSTEMS if SYSTEMS[slug].family == "tinylstm"]
QUIET = 10 ** (-40 / 20)


class Recorder:
    """A processor that changes nothing and keeps what it was given."""

    def __init__(self) -> None:
        self.heard: list[Spectra] = []

    def process(self, spectra: Spectra) -> Spectra:
        self.heard.append(spectra)
        return spectra


def gains_db(x: Samples) -> Samples:
    return 20 * np.log10(Levelling(FRAMING).factors(analyse(x, FRAMING)))


@pytest.fixture(scope="module")
def uneven() -> Samples:
    """Speech of every level that matters, with digital silence in it."""
    steps = [1, 0.001, 0, 0.05, 0.0001, 0.3, 0.01]
    return np.concatenate([a * speech_like(2, seed=i) for i, a in enumerate(steps)])


def test_a_full_scale_sine_has_3_db_below_full_scale() -> None:
    levels = levels_dbfs(analyse(sine(1, 1000), FRAMING), FRAMING)
    assert levels[5:-5] == pytest.approx(-10 * np.log10(2), abs=0.01)


def test_white_noise_has_the_level_of_its_variance() -> None:
    levels = levels_dbfs(analyse(noise(20, seed=0), FRAMING), FRAMING)
    assert 10 * np.log10(np.mean(10 ** (levels / 10))) == pytest.approx(-20, abs=0.1)


def test_quiet_sound_is_raised_to_the_lowest_level() -> None:
    """A sine at -56.99 dBFS wants 24.99 dB, and has them after 24.99 / RISE."""
    gains = gains_db(sine(2, 1000) * 2e-3)
    after = int(np.ceil(24.99 / LAW.rise_db_per_s * RATE_HZ / FRAMING.hop))
    assert gains[after + 1 : -2] == pytest.approx(
        LAW.lowest_dbfs - 20 * np.log10(2e-3) + 10 * np.log10(2), abs=0.05
    )
    assert gains[: after - 1] == pytest.approx(
        LAW.rise_db_per_s * FRAMING.hop / RATE_HZ * np.arange(1, after), abs=1e-9
    )


@pytest.mark.parametrize("x", [sine(1, 500), 0.04 * sine(1, 500), noise(1, seed=1)])
def test_sound_of_usual_level_passes_as_it_is(x: Samples) -> None:
    factors = Levelling(FRAMING).factors(analyse(x, FRAMING))
    assert (factors[1:] == 1).all()


def test_a_gain_falls_at_once_and_never_exceeds_the_most() -> None:
    x = np.concatenate([np.zeros(RATE_HZ), sine(1, 1000)])
    gains = gains_db(x)
    first = RATE_HZ // FRAMING.hop  # the first frame that holds the sine
    assert gains[first - 1] == pytest.approx(LAW.most_db)
    assert gains.max() <= LAW.most_db + 1e-9
    assert (gains[first + 1 : -2] == 0).all()


def test_it_computes_its_definition(uneven: Samples) -> None:
    """The maxima and minima of the definition, written out frame by frame."""
    spectra = analyse(uneven, FRAMING)
    levels, seconds = levels_dbfs(spectra, FRAMING), FRAMING.hop / RATE_HZ
    held, gain = -np.inf, 0.0
    for level_db, ours in zip(levels, gains_db(uneven), strict=True):
        held = max(held - LAW.fall_db_per_s * seconds, level_db)
        wanted = min(max(LAW.lowest_dbfs - held, 0), LAW.most_db)
        gain = min(gain + LAW.rise_db_per_s * seconds, wanted)
        assert ours == pytest.approx(gain, abs=1e-9)


@pytest.mark.parametrize("block", [100, 256, 5000])
def test_blocks_are_given_the_same_bits_as_the_whole(
    uneven: Samples, block: int
) -> None:
    whole, parts = Recorder(), Recorder()
    system_of(lambda: Levelled(whole, FRAMING)).enhance(uneven)
    stream = system_of(lambda: Levelled(parts, FRAMING)).stream()
    for i in range(0, len(uneven), block):
        stream.process(uneven[i : i + block])
    heard = np.concatenate(parts.heard)
    np.testing.assert_array_equal(heard, np.concatenate(whole.heard)[: len(heard)])


def test_sounds_side_by_side_do_not_touch_each_other(uneven: Samples) -> None:
    x = np.stack([uneven, uneven[::-1]])
    together = Levelling(FRAMING).factors(analyse(x, FRAMING))
    alone = Levelling(FRAMING).factors(analyse(x[1], FRAMING))
    np.testing.assert_array_equal(together[1], alone)


def test_what_is_heard_keeps_its_level(uneven: Samples) -> None:
    y = system_of(lambda: Levelled(Recorder(), FRAMING)).enhance(uneven)
    np.testing.assert_allclose(y, uneven, atol=1e-12)


def test_spectra_of_32_bits_stay_so_and_lose_nothing(uneven: Samples) -> None:
    found, wanted = Recorder(), Recorder()
    spectra = analyse(uneven, SINGLE)
    y = Levelled(found, SINGLE).process(spectra)
    Levelled(wanted, FRAMING).process(analyse(uneven, FRAMING))
    assert found.heard[0].dtype == y.dtype == np.complex64
    np.testing.assert_allclose(found.heard[0], wanted.heard[0], atol=1e-5)
    np.testing.assert_allclose(y, spectra, rtol=1e-6)


@pytest.mark.parametrize("slug", FAMILY)
def test_the_family_helps_quiet_speech_as_it_helps_loud(slug: str) -> None:
    """At -67 dBFS, where without the gain control a fifth of that was gained."""
    clean = speech_like(8, seed=1)
    noisy = level.mix(clean, noise(8, seed=2), 5, rate_hz=RATE_HZ).noisy
    system = load(slug)
    loud, quiet = (
        measures.si_sdr_db(clean, system.enhance(gain * noisy)) for gain in (1, QUIET)
    )
    assert quiet > loud - 1
    assert quiet > measures.si_sdr_db(clean, noisy) + 3
