"""The short-time transform gives back what went in, whole and in blocks."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enhancement.stft import Framing, Spectra, StftStream, analyse, synthesise
from tests.enhancement.signals import noise, sine

FRAMINGS = [
    Framing(window=320, hop=160, fft=1024),
    Framing(window=512, hop=256, fft=512),
    Framing(window=512, hop=128, fft=512, root=False),
    Framing(window=400, hop=100, fft=400, root=False),
]


class Unchanged:
    def process(self, spectra: Spectra) -> Spectra:
        return spectra


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("samples", [1, 127, 512, 5000])
def test_it_reconstructs_every_sample(framing: Framing, samples: int) -> None:
    x = noise(1, seed=1)[: 2 * samples].reshape(2, samples)
    y = synthesise(analyse(x, framing), framing, samples=samples)
    np.testing.assert_allclose(y, x, rtol=0, atol=1e-14)


@pytest.mark.parametrize("framing", FRAMINGS)
@given(lengths=st.lists(st.integers(0, 700), min_size=1, max_size=12))
@settings(max_examples=15, deadline=None)
def test_a_stream_is_the_input_later_by_the_latency(
    framing: Framing, lengths: list[int]
) -> None:
    x = noise(1, seed=2)[: sum(lengths)]
    stream = StftStream(framing, Unchanged())
    blocks = np.split(x, np.cumsum(lengths)[:-1])
    out = [stream.process(block) for block in blocks]
    assert [len(y) for y in out] == lengths
    wanted = np.concatenate([np.zeros(framing.latency), x])[: len(x)]
    np.testing.assert_allclose(np.concatenate(out), wanted, rtol=0, atol=1e-14)


@pytest.mark.parametrize("framing", FRAMINGS)
def test_in_32_bits_it_is_the_same_but_for_rounding(framing: Framing) -> None:
    single, x = replace(framing, single=True), noise(1, seed=4)
    wanted, spectra = analyse(x, framing), analyse(x, single)
    assert spectra.dtype == np.complex64
    largest = np.abs(wanted).max()
    np.testing.assert_allclose(spectra, wanted, rtol=0, atol=1e-6 * largest)
    y = StftStream(single, Unchanged()).process(x)
    assert y.dtype == np.float64
    delayed = x[: -framing.latency]
    np.testing.assert_allclose(y[framing.latency :], delayed, rtol=0, atol=1e-6)


def test_a_tone_is_a_peak_at_its_bin() -> None:
    """Bin k of n is at k rate / n."""
    framing = FRAMINGS[1]
    spectra = analyse(sine(0.5, 1000), framing)
    assert spectra.shape[-1] == framing.bins == 257
    assert np.all(np.abs(spectra[3:-3]).argmax(axis=-1) == 32)


def test_energy_is_kept() -> None:
    """Parseval, for the root-Hann window whose shifted squares sum to 1."""
    framing, x = FRAMINGS[1], noise(1, seed=3)
    power = np.abs(analyse(x, framing)) ** 2
    weights = np.full(framing.bins, 2.0)
    weights[[0, -1]] = 1
    energy = np.sum(power * weights) / framing.fft
    assert energy == pytest.approx(np.sum(x**2), rel=1e-12)


@pytest.mark.parametrize(
    ("window", "hop", "fft"), [(512, 200, 512), (512, 512, 512), (512, 256, 256)]
)
def test_framings_that_cannot_reconstruct_are_refused(
    window: int, hop: int, fft: int
) -> None:
    with pytest.raises(ValueError, match="must be"):
        Framing(window=window, hop=hop, fft=fft)
