"""Training, smoked: a few steps on made-up sound."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("pyroomacoustics")
pytest.importorskip("pesq")

from torch import Tensor  # noqa: E402

from enhancement.neural.tinylstm import Network  # noqa: E402
from enhancement.training import checkpoints  # noqa: E402
from enhancement.training.configuration import (  # noqa: E402
    Config,
    ConfigurationError,
    LoopConfig,
    LossConfig,
    ModelConfig,
)
from enhancement.training.conversion import network_of  # noqa: E402
from enhancement.training.export import tensors as stored_of  # noqa: E402
from enhancement.training.export import write  # noqa: E402
from enhancement.training.loop import (  # noqa: E402
    Trainer,
    TrainingError,
    emulates_bfloat16,
    learning_rate,
    train,
)
from enhancement.training.mixing import Batch, batches  # noqa: E402
from enhancement.training.models import build  # noqa: E402
from enhancement.training.network import TinyLSTM  # noqa: E402
from enhancement.training.stock import Clips, Section, Stock  # noqa: E402
from enhancement.weights.safetensors import parse, serialise  # noqa: E402
from tests.enhancement.training.made_up import (  # noqa: E402
    hiss,
    hummed,
    small_config,
    write_folders,
)

FAST = Config(
    loop=LoopConfig(
        batch=4,
        steps_per_epoch=25,
        warmup=5,
        bfloat16=False,
        threads=1,
    )
)
MUON = replace(FAST, loop=replace(FAST.loop, optimizer="muon"))


@pytest.fixture(scope="module")
def drawn() -> list[Batch]:
    """Batches of mixtures of made-up sounds of 1 s."""
    rng = np.random.default_rng(0)
    targets = Clips.of([hummed(rng, 16_000) for _ in range(8)])
    noises = Clips.of([hiss(rng, 16_000) for _ in range(8)])
    section = Section(targets, noises, noises)
    return list(batches(FAST, [section], 0))


def run(drawn: list[Batch], config: Config = FAST) -> tuple[Trainer, list[float]]:
    trainer = Trainer(config)
    return trainer, [trainer.step(batch).item() for batch in drawn]


@pytest.mark.parametrize("config", [FAST, MUON], ids=["adam", "muon"])
def test_a_few_steps_lower_the_loss(drawn: list[Batch], config: Config) -> None:
    _, losses = run(drawn, config)
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])


def test_two_equal_runs_are_equal(drawn: list[Batch]) -> None:
    (a, first), (b, second) = run(drawn[:6]), run(drawn[:6])
    assert first == second
    for ours, theirs in zip(
        a.average.parameters(), b.average.parameters(), strict=True
    ):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("config", [FAST, MUON], ids=["adam", "muon"])
def test_a_run_that_goes_on_ends_where_one_that_never_stopped_does(
    drawn: list[Batch], config: Config
) -> None:
    whole, _ = run(drawn[:6], config)
    half, _ = run(drawn[:3], config)
    rest = Trainer(config)
    rest.restore(half.state())
    for batch in drawn[3:6]:
        rest.step(batch)
    assert torch.equal(whole.average.mask.weight, rest.average.mask.weight)


def test_threads_that_share_a_batch_learn_the_same(drawn: list[Batch]) -> None:
    one, losses = run(drawn[:4])
    two, theirs = run(drawn[:4], replace(FAST, loop=replace(FAST.loop, threads=2)))
    assert theirs == pytest.approx(losses, abs=1e-3)
    torch.testing.assert_close(
        two.network.mask.weight, one.network.mask.weight, atol=1e-4, rtol=0
    )


def test_threads_that_mix_ahead_change_nothing() -> None:
    rng = np.random.default_rng(0)
    clips = Clips.of([hummed(rng, 4_000) for _ in range(4)])
    section = Section(clips, clips, clips)
    ahead = replace(FAST, data=replace(FAST.data, threads=3))
    for a, b in zip(
        batches(FAST, [section], 7), batches(ahead, [section], 7), strict=True
    ):
        np.testing.assert_array_equal(a.noisy, b.noisy)


def test_a_pupil_comes_nearer_to_its_teacher(
    drawn: list[Batch], tmp_path: Path
) -> None:
    torch.manual_seed(5)
    file = tmp_path / "teacher.safetensors"
    file.write_bytes(serialise(network_of(TinyLSTM()).tensors(), {}))
    model = replace(FAST.model, teacher=str(file))
    config = replace(FAST, model=model, loss=LossConfig(teacher_weight=1.0))
    trainer, losses = run(drawn, config)
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])
    assert trainer.teacher is not None
    taught = network_of(trainer.teacher).tensors()
    read, _ = parse(file.read_bytes(), name="teacher")
    assert all(np.array_equal(taught[name], read[name]) for name in read)


def test_the_rate_warms_up_stays_and_decays() -> None:
    loop = LoopConfig(
        learning_rate=1.0, warmup=10, decay_start=100, decay_steps=50, floor=0.01
    )
    rates = [learning_rate(step, loop) for step in (0, 9, 99, 125, 150, 999)]
    assert rates == pytest.approx([0.1, 1, 1, 0.505, 0.01, 0.01])


@pytest.mark.parametrize(
    ("asked", "device", "processor", "told"),
    [
        (True, "cpu", {"avx2": True, "avx512_bf16": False}, True),
        (True, "cpu", {"avx512_bf16": True}, False),
        (True, "cpu", {"neon": True, "bf16": True}, False),
        (True, "cuda", {}, False),
        (False, "cpu", {}, False),
    ],
)
def test_who_asks_for_bfloat16_without_its_instructions_is_told(
    asked: bool, device: str, processor: dict[str, bool], told: bool
) -> None:
    loop = LoopConfig(bfloat16=asked, device=device)
    assert emulates_bfloat16(loop, processor) == told


def test_the_programs_whole_way(tmp_path: Path) -> None:
    """Folders to a checkpoint that stopped, to one that went on, to a weights file."""
    write_folders(tmp_path)
    config, out = small_config(tmp_path), tmp_path / "run"
    stopped = replace(config, loop=replace(config.loop, decay_start=2, decay_steps=1))
    lines: list[str] = []
    for resume, settings in ((False, stopped), (True, config)):
        train(
            settings,
            out,
            tmp_path / "cache",
            None,
            resume=resume,
            report=lines.append,
        )
    history = json.loads((out / "history.json").read_text())
    assert [row["step"] for row in history] == [3, 6]
    assert checkpoints.load(out)[0]["steps"] == 6
    assert not list(out.glob("sections-*"))  # of use to nobody now
    write(out, tmp_path / "net.safetensors")
    data = (tmp_path / "net.safetensors").read_bytes()
    tensors, metadata = parse(data, name="net")
    assert Network.of(tensors).parameters == 968_960
    assert json.loads(metadata["config"])["loop"]["batch"] == 4
    assert json.loads(metadata["history"]) == history


def test_a_training_that_is_lost_keeps_its_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folders(tmp_path)
    step = Trainer.step

    def lost(trainer: Trainer, batch: Batch) -> Tensor:
        value = step(trainer, batch)
        return value if trainer.epochs == 0 else value * torch.nan

    monkeypatch.setattr(Trainer, "step", lost)
    with pytest.raises(TrainingError, match="nan in epoch 2"):
        train(small_config(tmp_path), tmp_path / "run", tmp_path / "cache", None)
    state, history = checkpoints.load(tmp_path / "run")
    assert state["epochs"] == len(history) == 1


def test_weights_may_keep_a_share_of_where_they_started(tmp_path: Path) -> None:
    start = tmp_path / "start.safetensors"
    start.write_bytes(serialise(network_of(TinyLSTM()).tensors(), {}))
    config = Config(model=ModelConfig(start=str(start)))
    ends = build(config.model).state_dict(), TinyLSTM().state_dict()
    first, last, between = (
        stored_of(config, ends[1], kept=kept) for kept in (1.0, 0.0, 0.25)
    )
    for name, numbers in between.items():
        expected = 0.25 * first[name] + 0.75 * last[name]
        np.testing.assert_allclose(numbers, expected, rtol=1e-4, atol=1e-6)
    with pytest.raises(ConfigurationError, match="started from random weights"):
        stored_of(Config(), ends[1], kept=0.25)


def test_a_run_may_begin_with_more_of_the_stock(tmp_path: Path) -> None:
    """And then it goes on as one does that began with less and grew."""
    write_folders(tmp_path)
    config = small_config(tmp_path)
    config = replace(config, data=replace(config.data, sections_at_start=1))
    with Stock(config, tmp_path / "cache", tmp_path / "run") as stock:
        for epoch, numbers in ((0, [0, 1]), (1, [1, 2])):
            stock.turn(epoch)
            assert sorted(stock.sections) == numbers
