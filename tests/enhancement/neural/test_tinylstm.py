"""The float TinyLSTM: its size, its equations, its stream."""

import numpy as np
import pytest
from scipy.special import expit

from enhancement.neural.tinylstm import Floats, Lstm, Masker, Network, State
from enhancement.spectral import SpectralSystem
from enhancement.system import Samples
from enhancement.weights import WeightsError
from tests.enhancement.neural.networks import random_network, system_of


@pytest.fixture(scope="module")
def network() -> Network:
    return random_network()


@pytest.fixture
def system(network: Network) -> SpectralSystem:
    return system_of(lambda: Masker(network))


def test_it_has_the_published_size(network: Network) -> None:
    """968,960 parameters and 1.94 million operations a frame [Fed20]."""
    assert network.parameters == 968_960
    assert round(network.operations_per_frame / 1e6, 2) == 1.94


def test_a_layer_follows_the_equations_of_the_lstm() -> None:
    """Against the equations written out for one step, in float64."""
    rng = np.random.default_rng(1)
    w, r, b = (rng.standard_normal(s) for s in [(20, 3), (20, 5), (20,)])
    x, h, c = (rng.standard_normal(s) for s in [(1, 2, 3), (2, 5), (2, 5)])
    i, f, g, o = np.split(x[0] @ w.T + h @ r.T + b, 4, axis=-1)
    new_c = expit(f) * c + expit(i) * np.tanh(g)
    layer = Lstm(*(a.astype(np.float32) for a in (w, r, b)))
    y, _, got_c = layer.run(*(a.astype(np.float32) for a in (x, h, c)))
    np.testing.assert_allclose(got_c, new_c, atol=1e-5)
    np.testing.assert_allclose(y[0], expit(o) * np.tanh(new_c), atol=1e-5)


@pytest.mark.parametrize("block", [1, 160, 256, 1000])
def test_its_stream_gives_the_samples_of_the_whole(
    system: SpectralSystem, block: int
) -> None:
    x = 0.1 * np.random.default_rng(2).standard_normal(6000)
    stream = system.stream()
    padded = np.append(x, np.zeros(system.latency))
    y = [stream.process(padded[i : i + block]) for i in range(0, len(padded), block)]
    whole = system.enhance(x)
    np.testing.assert_allclose(np.concatenate(y)[system.latency :], whole, atol=1e-6)


def test_sounds_side_by_side_do_not_touch_each_other(system: SpectralSystem) -> None:
    x = 0.1 * np.random.default_rng(3).standard_normal((2, 3, 4000))
    alone = system.enhance(x[1, 2])
    np.testing.assert_allclose(system.enhance(x)[1, 2], alone, atol=1e-6)


@pytest.mark.parametrize(
    "x",
    [np.zeros(4000), np.full(4000, 0.5), np.sign(np.sin(np.arange(4000))), np.ones(1)],
    ids=["silence", "DC", "square", "one sample"],
)
def test_odd_sound_comes_out_finite_and_no_louder(
    system: SpectralSystem, x: Samples
) -> None:
    y = system.enhance(x)
    assert y.shape == x.shape
    assert np.isfinite(y).all()
    assert np.sum(y**2) <= np.sum(x**2) + 1e-9


@pytest.mark.parametrize(("mask", "gain"), [(0, 0.02), (0.5, 0.51), (1, 1)])
def test_a_closed_mask_leaves_the_least_gain(mask: float, gain: float) -> None:
    class Constant(Network):
        def run(self, features: Floats, state: State) -> tuple[Floats, State]:
            return np.full_like(features, mask), state

    constant = Constant.of(random_network().tensors())
    x = 0.1 * np.random.default_rng(4).standard_normal(4000)
    y = system_of(lambda: Masker(constant, 0.02)).enhance(x)
    np.testing.assert_allclose(y, gain * x, atol=1e-6)


def test_its_tensors_make_the_same_network(network: Network) -> None:
    again = Network.of(network.tensors())
    np.testing.assert_array_equal(again.lstm2.recurrent, network.lstm2.recurrent)
    np.testing.assert_array_equal(again.mask_bias, network.mask_bias)


def test_a_missing_tensor_is_named(network: Network) -> None:
    tensors = network.tensors()
    del tensors["lstm2.bias"]
    with pytest.raises(WeightsError, match=r"no tensor 'lstm2\.bias'"):
        Network.of(tensors)


def test_a_tensor_of_another_shape_is_named(network: Network) -> None:
    tensors = network.tensors() | {"mask": np.zeros((128, 127), np.float32)}
    with pytest.raises(WeightsError, match=r"mask has shape \(128, 127\)"):
        Network.of(tensors)


def test_weights_that_are_no_numbers_are_refused(network: Network) -> None:
    tensors = network.tensors() | {"mask.bias": np.full(128, np.nan, np.float32)}
    with pytest.raises(WeightsError, match=r"mask\.bias holds NaN"):
        Network.of(tensors)
