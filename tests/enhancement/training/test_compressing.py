"""Pruning and training for integers: what is trained is what comes out."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("pyroomacoustics")
pytest.importorskip("pesq")

from enhancement.compression.quantising import quantised  # noqa: E402
from enhancement.compression.skipping import SkipNetwork  # noqa: E402
from enhancement.neural.tinylstm import Floats  # noqa: E402
from enhancement.training.calibration import ranges_of  # noqa: E402
from enhancement.training.configuration import (  # noqa: E402
    Config,
    ConfigurationError,
    LoopConfig,
    ModelConfig,
    from_dict,
)
from enhancement.training.conversion import network_of, trainable  # noqa: E402
from enhancement.training.export import gate_of  # noqa: E402
from enhancement.training.export import tensors as stored_of  # noqa: E402
from enhancement.training.loop import Trainer  # noqa: E402
from enhancement.training.mixing import Batch  # noqa: E402
from enhancement.training.models import build  # noqa: E402
from enhancement.training.network import Shape, TinyLSTM  # noqa: E402
from enhancement.training.pruning import PrunedTinyLSTM  # noqa: E402
from enhancement.training.quantisation import QuantisedTinyLSTM  # noqa: E402
from enhancement.training.skipping import SkippingTinyLSTM  # noqa: E402
from enhancement.weights import FOLDER  # noqa: E402
from enhancement.weights.safetensors import parse, serialise  # noqa: E402

SHAPE = Shape((24, 20), 16)


@pytest.fixture
def trained() -> TinyLSTM:
    """A network whose units differ in weight."""
    torch.manual_seed(1)
    network = TinyLSTM(SHAPE)
    with torch.no_grad():
        for lstm in (network.lstm1, network.lstm2):
            size = torch.linspace(0.2, 2, lstm.hidden_size).repeat(4)[:, None]
            lstm.weight_ih_l0.mul_(size)
            lstm.weight_hh_l0.mul_(size)
    return network


@pytest.fixture
def features() -> Floats:
    rng = np.random.default_rng(2)
    return rng.uniform(0, 1.5, (40, 3, 128)).astype(np.float32)


def test_numpy_and_back_is_the_same_network(
    trained: TinyLSTM, features: Floats
) -> None:
    x = torch.from_numpy(features)
    again = trainable(network_of(trained))
    torch.testing.assert_close(again.layers(x), trained.layers(x), atol=1e-4, rtol=0)


def test_thresholds_start_below_every_unit(trained: TinyLSTM, features: Floats) -> None:
    pruned = PrunedTinyLSTM.of(trained, strength=1e-3, wanted=0)
    x = torch.from_numpy(features)
    assert all(kept.all() for kept in pruned.kept())
    torch.testing.assert_close(pruned.layers(x), trained.layers(x))


def test_the_smaller_network_computes_what_the_masked_one_does(
    trained: TinyLSTM, features: Floats
) -> None:
    pruned = PrunedTinyLSTM.of(trained, strength=1e-3, wanted=0)
    with torch.no_grad():
        medians = [norms.median() for norms in pruned.norms()]
        pruned.thresholds.copy_(torch.stack(medians))
    small = pruned.compact()
    assert small.shape.lstm[0] < 24
    assert small.shape.lstm[1] < 20
    assert small.shape.dense < 16
    x = torch.from_numpy(features)
    torch.testing.assert_close(small.layers(x), pruned.layers(x), atol=1e-5, rtol=0)


def test_thresholds_learn_from_loss_and_penalty(
    trained: TinyLSTM, features: Floats
) -> None:
    pruned = PrunedTinyLSTM.of(trained, strength=1e-3, wanted=0)
    (pruned.layers(torch.from_numpy(features)).mean() + pruned.penalty()).backward()
    assert torch.isfinite(pruned.thresholds.grad).all()
    assert pruned.thresholds.grad.abs().min() > 0


def test_the_penalty_rests_at_the_wanted_size(trained: TinyLSTM) -> None:
    size = trained.shape.parameters
    assert PrunedTinyLSTM.of(trained, strength=1, wanted=size - 1).penalty() > 0
    assert PrunedTinyLSTM.of(trained, strength=1, wanted=size).penalty() == 0


def test_the_shape_knows_its_parameters(trained: TinyLSTM) -> None:
    assert Shape().parameters == 968_960  # as published
    assert trained.shape.parameters == trained.parameters_that_learn()


def test_a_layer_without_units_is_refused(trained: TinyLSTM) -> None:
    pruned = PrunedTinyLSTM.of(trained, strength=1e-3, wanted=0)
    with torch.no_grad():
        pruned.thresholds.fill_(1e3)
    with pytest.raises(ValueError, match="without units"):
        pruned.compact()


def test_training_for_integers_sees_what_the_integers_compute(
    trained: TinyLSTM, features: Floats
) -> None:
    """The mask of the integer engine and the one trained with differ by little.

    What differs: gates and cells of 16 bits, tables instead of functions.
    """
    numbers = network_of(trained)
    ranges = ranges_of(numbers, features)
    with torch.no_grad():
        z = QuantisedTinyLSTM.of(trained, ranges).layers(torch.from_numpy(features))
    theirs = torch.sigmoid(z).numpy()
    integer = quantised(numbers, ranges)
    bands = np.rint((features.astype(np.float64) ** (1 / 0.3)) * 2.0**31)
    ours, _ = integer.run(bands, integer.begin(3))
    assert np.abs(ours / 32768 - theirs).max() < 0.05
    assert np.sqrt(np.mean((ours / 32768 - theirs) ** 2)) < 0.005


@pytest.mark.parametrize("slug", ["tinylstm-int8-2", "tinylstm-skip"])
def test_published_integers_are_trained_on_from_where_they_are(
    slug: str, tmp_path: Path
) -> None:
    """Restored and quantised again they are the same integers, but for last digits.

    Floats have 24 digits, multipliers 31; a bias may round the other way.
    """
    path = FOLDER / f"{slug}.safetensors"
    tensors, metadata = parse(path.read_bytes(), name=slug)
    model = from_dict(json.loads(metadata["config"])).model
    config = Config(model=replace(model, start=str(path), teacher=""))
    again = stored_of(config, build(config.model).state_dict())
    assert again.keys() == tensors.keys()
    for name, numbers in tensors.items():
        difference = np.abs(again[name].astype(np.float64) - numbers).max()
        least = {"bias": 1, "m": 2.0**31 * 1e-6}.get(name.rpartition(".")[2], 0)
        assert difference <= least, name


def test_integers_of_other_ranges_are_refused() -> None:
    path = FOLDER / "tinylstm-int8-2.safetensors"
    ranges = (3.0, 1.0, 256.0, 0.99849, 128.0, 4.26712)
    model = ModelConfig(kind="quantised", start=str(path), ranges=ranges)
    with pytest.raises(ConfigurationError, match="not made with Ranges"):
        build(model)


def test_training_to_skip_sees_what_the_integers_skip(
    trained: TinyLSTM, features: Floats
) -> None:
    """But for frames whose gate is so near a half that 16 bits decide."""
    numbers = network_of(trained)
    ranges = ranges_of(numbers, features)
    skipping = SkippingTinyLSTM.of(trained, ranges, budget=0.1, wanted=0.0)
    with torch.no_grad():
        skipping.gate.weight.mul_(5)
        skipping.gate.bias.fill_(-0.5)
        z = skipping.layers(torch.from_numpy(features))
    integer = SkipNetwork(quantised(numbers, ranges), gate_of(skipping))
    bands = np.rint((features.astype(np.float64) ** (1 / 0.3)) * 2.0**31)
    masks, updates = integer.run(bands, integer.begin(3))
    assert 0.1 < updates.mean() < 0.9
    assert updates.mean() == pytest.approx(skipping.updates.item(), abs=0.03)
    assert np.median(np.abs(masks / 32768 - torch.sigmoid(z).numpy())) < 0.002


def test_a_budget_teaches_the_gate(trained: TinyLSTM, features: Floats) -> None:
    ranges = ranges_of(network_of(trained), features)
    skipping = SkippingTinyLSTM.of(trained, ranges, budget=0.1, wanted=0.0)
    with torch.no_grad():
        skipping.gate.bias.fill_(-0.5)
    skipping.layers(torch.from_numpy(features))
    skipping.penalty().backward()
    assert skipping.gate.bias.grad.item() > 0


def test_rounding_lets_gradients_through(trained: TinyLSTM, features: Floats) -> None:
    ranges = ranges_of(network_of(trained), features)
    network = QuantisedTinyLSTM.of(trained, ranges)
    network.layers(torch.from_numpy(features)).square().mean().backward()
    for name, p in network.named_parameters():
        if p.requires_grad:
            assert p.grad.abs().sum() > 0, name


def test_thresholds_learn_at_a_rate_of_their_own(tmp_path: Path) -> None:
    start = tmp_path / "start.safetensors"
    torch.manual_seed(1)
    start.write_bytes(serialise(network_of(TinyLSTM(SHAPE)).tensors(), {}))
    model = ModelConfig(kind="pruned", start=str(start), thresholds_rate=10.0)
    loop = LoopConfig(batch=2, bfloat16=False, threads=1, warmup=1, learning_rate=1e-3)
    trainer = Trainer(Config(model=model, loop=loop))
    before = dict(trainer.network.state_dict())
    before = {name: value.clone() for name, value in before.items()}
    rng = np.random.default_rng(0)
    sound = rng.standard_normal((2, 4_000)).astype(np.float32)
    trainer.step(Batch(sound, sound * np.float32(0.5)))
    moved = {
        name: (value - before[name]).abs().max().item()
        for name, value in trainer.network.state_dict().items()
    }
    assert moved["thresholds"] == pytest.approx(1e-2, rel=0.01)  # Adam's first step
    assert moved["mask.weight"] == pytest.approx(1e-3, rel=0.01)
