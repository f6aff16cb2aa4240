"""What holds for every system of the table."""

import json
import multiprocessing
import pickle
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enhancement import level, measures
from enhancement.delay import delay_samples
from enhancement.system import CausalSystem, System
from enhancement.systems import SYSTEMS, UnknownSystemError, describe, load
from enhancement.weights import checked
from tests.enhancement.signals import RATE_HZ, Samples, noise, speech_like

ALL = list(SYSTEMS)
CAUSAL = [slug for slug in ALL if load(slug).causal]
FAMILY = [slug for slug in ALL if SYSTEMS[slug].family == "tinylstm"]
FLOATS = ["tinylstm", "tinylstm-pruned"]  # single precision within
SCALING = [slug for slug in ALL if slug not in FAMILY]  # learned is not homogeneous
ENHANCING = [slug for slug in ALL if SYSTEMS[slug].family in ("classical", "oracle")]

# SI-SDR gained at 0 dB in steady noise: each below what was seen, far above nothing
GAIN_DB = {"oracle-irm": 10, "oracle-ibm": 10, "oracle-cirm": 30}
CLASSICAL_GAIN_DB = 4


def run(system: System, noisy: Samples, clean: Samples) -> Samples:
    return system.enhance(noisy, reference=clean if system.needs_reference else None)


def tolerance(slug: str) -> float:
    """Return by how much rounding may change a sample; integers give the same bits."""
    return {**dict.fromkeys(FAMILY, 0.0), **dict.fromkeys(FLOATS, 1e-5)}.get(
        slug, 1e-12
    )


@pytest.fixture(scope="module")
def clean() -> Samples:
    return speech_like(4, seed=1)


@pytest.fixture(scope="module")
def noisy(clean: Samples) -> Samples:
    return level.mix(clean, noise(4, seed=2), 0, rate_hz=RATE_HZ).noisy


@pytest.mark.parametrize("slug", ALL)
def test_it_says_what_it_is(slug: str) -> None:
    system, facts = load(slug), describe(slug)
    assert (system.slug, system.label) == (slug, facts.label)
    assert (system.hop, system.latency) == (facts.hop, facts.latency)
    assert system.sample_rate == 16_000
    assert facts.source
    assert json.loads(json.dumps(system.parameters)) == system.parameters


def test_an_unknown_system_names_the_known() -> None:
    with pytest.raises(UnknownSystemError, match="'nope'; known are: unprocessed, "):
        load("nope")


@pytest.mark.parametrize("slug", ALL)
def test_it_keeps_the_shape_and_the_callers_array(
    slug: str, noisy: Samples, clean: Samples
) -> None:
    before = noisy.copy()
    y = run(load(slug), noisy, clean)
    assert y.shape == noisy.shape
    assert y.dtype == np.float64
    assert not np.shares_memory(y, noisy)
    np.testing.assert_array_equal(noisy, before)


@pytest.mark.parametrize("slug", ALL)
def test_it_is_in_step_with_its_input(
    slug: str, noisy: Samples, clean: Samples
) -> None:
    y = run(load(slug), noisy, clean)
    assert delay_samples(y, noisy, max_delay=1000) == 0
    assert delay_samples(y, clean, max_delay=1000) == 0


@pytest.mark.parametrize("slug", ENHANCING)
def test_it_takes_away_noise(slug: str, noisy: Samples, clean: Samples) -> None:
    before = measures.si_sdr_db(clean, noisy)
    after = measures.si_sdr_db(clean, run(load(slug), noisy, clean))
    assert after > before + GAIN_DB.get(slug, CLASSICAL_GAIN_DB)


@pytest.mark.parametrize("slug", CAUSAL)
@given(lengths=st.lists(st.integers(1, 2000), min_size=1, max_size=8))
@settings(max_examples=10, deadline=None)
def test_a_stream_is_enhance_later_by_the_latency(
    slug: str, lengths: list[int]
) -> None:
    system = cast(CausalSystem, load(slug))
    n = sum(lengths)
    x = (speech_like(1, seed=3) + 0.1 * noise(1, seed=4))[:n]
    x = np.pad(x, (0, n - len(x)))
    stream = system.stream()
    blocks = np.split(x, np.cumsum(lengths)[:-1])
    out = np.concatenate([stream.process(block) for block in blocks])
    wanted = np.concatenate([np.zeros(system.latency), system.enhance(x)])[:n]
    np.testing.assert_allclose(out, wanted, rtol=0, atol=tolerance(slug))


@pytest.mark.parametrize("slug", ALL)
def test_a_batch_gives_what_each_sound_gives_alone(
    slug: str, noisy: Samples, clean: Samples
) -> None:
    system = load(slug)
    x = np.stack([noisy, clean + 0.1 * noise(4, seed=5), 0 * noisy])[:, None, :20_000]
    s = np.broadcast_to(clean[:20_000], x.shape)
    together = run(system, x, s)
    for i in range(3):
        alone = run(system, x[i, 0], s[i, 0])
        np.testing.assert_allclose(together[i, 0], alone, rtol=0, atol=tolerance(slug))


@pytest.mark.parametrize("slug", SCALING)
def test_the_level_of_the_input_does_not_matter(
    slug: str, noisy: Samples, clean: Samples
) -> None:
    system = load(slug)
    quiet = run(system, noisy / 64, clean / 64)
    np.testing.assert_allclose(64 * quiet, run(system, noisy, clean), atol=1e-9)


ODD = {
    "silence": np.zeros(5000),
    "dc": np.ones(5000),
    "one sample": np.ones(1),
    "less than a frame": noise(0.01, seed=6),
    "full scale": np.sign(noise(0.5, seed=7)),
    "a click": np.eye(1, 5000, 2500)[0],
    "silence, then noise": np.concatenate([np.zeros(8000), noise(0.5, seed=8)]),
    "nothing": np.zeros(0),
}


@pytest.mark.parametrize("slug", ALL)
@pytest.mark.parametrize("name", ODD)
def test_odd_sounds_come_out_finite_and_as_long(slug: str, name: str) -> None:
    y = run(load(slug), ODD[name], ODD[name])
    assert y.shape == ODD[name].shape
    assert np.isfinite(y).all()
    assert np.abs(y).max(initial=0) < 4


@pytest.mark.parametrize("slug", ALL)
def test_nan_is_refused(slug: str) -> None:
    x = np.array([0.0, np.nan])
    with pytest.raises(ValueError, match="noisy speech holds NaN"):
        load(slug).enhance(x, reference=np.zeros(2))


@pytest.mark.parametrize("slug", CAUSAL)
def test_a_stream_refuses_nan(slug: str) -> None:
    stream = cast(CausalSystem, load(slug)).stream()
    stream.process(np.zeros(300))
    with pytest.raises(ValueError, match="noisy speech holds NaN"):
        stream.process(np.array([0.0, np.inf, np.nan]))


@pytest.mark.parametrize("slug", [s for s in ALL if load(s).needs_reference])
def test_an_oracle_needs_a_reference_of_its_shape(slug: str) -> None:
    with pytest.raises(ValueError, match="needs the clean speech"):
        load(slug).enhance(np.zeros(100))
    with pytest.raises(ValueError, match="reference has shape"):
        load(slug).enhance(np.zeros(100), reference=np.zeros(99))


@pytest.mark.parametrize("slug", FAMILY)
def test_one_of_the_family_says_what_it_costs_as_its_weights_say(slug: str) -> None:
    system, facts = load(slug), describe(slug)
    file = checked(f"{slug}.safetensors")
    assert facts.bytes == sum(tensor.nbytes for tensor in file.tensors.values())
    assert system.footprint is not None
    assert system.footprint.operations == 2 * facts.parameters
    assert system.parameters["operations_per_frame"] == system.footprint.operations
    assert system.weights_sha256 == file.sha256


@pytest.mark.parametrize("slug", FAMILY)
def test_one_of_the_family_can_be_sent_to_another_process(
    slug: str, noisy: Samples
) -> None:
    system, x = load(slug), noisy[:8000]
    here = system.enhance(x)  # its session, if it has one, is running
    sent = pickle.loads(pickle.dumps(system))
    np.testing.assert_array_equal(sent.enhance(x), here)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        np.testing.assert_array_equal(pool.apply(system.enhance, [x]), here)


def test_the_published_sizes() -> None:
    """The bounds that the family was made to: [Fed20] and its three limits."""
    cost = {slug: load(slug).footprint for slug in FAMILY}
    baseline, small = cost["tinylstm"], cost["tinylstm-int8-2"]
    assert baseline is not None
    assert small is not None
    assert baseline.parameters == 968_960
    assert small.operations <= 660_000
    assert small.fits
    assert not baseline.fits
    total = sum(one.stored for one in cost.values() if one is not None)
    assert total < 12_000_000


@pytest.mark.parametrize("slug", ALL)
def test_only_one_that_skips_says_where(slug: str, noisy: Samples) -> None:
    updates = load(slug).updates(noisy)
    assert (updates is None) == (slug != "tinylstm-skip")
    if updates is not None:
        assert updates.shape == (-(-(len(noisy) + 256) // 256),)
        assert updates[0]


@pytest.mark.parametrize("slug", FAMILY)
def test_the_family_takes_away_at_most_34_db(slug: str) -> None:
    x = noise(6, seed=3)
    rest = load(slug).enhance(x)[3 * RATE_HZ :]
    gain_db = 10 * np.log10(np.mean(rest**2) / np.mean(x[3 * RATE_HZ :] ** 2))
    assert -34 < gain_db < -20
