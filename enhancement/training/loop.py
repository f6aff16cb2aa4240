"""The loop of training: draw, step, average, validate, write down."""

import math
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from enhancement.training import checkpoints
from enhancement.training.configuration import Config, LoopConfig, to_json
from enhancement.training.losses import loss, taught
from enhancement.training.mixing import Batch, batches
from enhancement.training.models import build, teacher
from enhancement.training.network import TinyLSTM, magnitudes, spectra
from enhancement.training.optimizers import optimizers
from enhancement.training.stock import Stock
from enhancement.training.validation import ValidationSet

Report = Callable[[str], None]

BFLOAT16_INSTRUCTIONS = ("avx512_bf16", "amx_bf16", "bf16", "sve_bf16")
EMULATED = (
    "This processor has no bfloat16 instructions: steps take many times longer than "
    "with `bfloat16 = false` under [loop]."
)


class TrainingError(RuntimeError):
    """A training that cannot go on; says where and why."""


class Trainer:
    """A network, its running average and its optimizers, one step at a time."""

    def __init__(self, config: Config) -> None:
        torch.manual_seed(config.loop.seed)
        self.config = config
        self.device = torch.device(config.loop.device)
        self.network = build(config.model).to(self.device)
        self.teacher = teacher(config.model, self.device)
        self.average = deepcopy(self.network)
        self.learning = [p for p in self.network.parameters() if p.requires_grad]
        self.optimizers = optimizers(self.network, config)
        self.threads = [sharing(self.network) for _ in range(config.loop.threads)]
        self.pool = ThreadPoolExecutor(
            config.loop.threads, initializer=torch.set_num_threads, initargs=(1,)
        )
        self.steps = 0
        self.epochs = 0

    def step(self, batch: Batch) -> torch.Tensor:
        """Learn from a batch; return its loss, a number left on the device."""
        self._set_rates()
        parts = batch.split(len(self.threads))
        results = self.pool.map(self._gradient, self.threads, parts)
        values, gradients = zip(*results, strict=True)
        for parameter, *of_parts in zip(self.learning, *gradients, strict=True):
            parameter.grad = torch.stack(of_parts).mean(0)
        nn.utils.clip_grad_norm_(self.learning, self.config.loop.clip)
        for optimizer in self.optimizers:
            optimizer.step()
        self.steps += 1
        self._average()
        return torch.stack(values).mean()

    def _set_rates(self) -> None:
        rate = learning_rate(self.steps, self.config.loop)
        for group in (g for o in self.optimizers for g in o.param_groups):
            group["lr"] = group["factor"] * rate

    def _gradient(
        self, network: TinyLSTM, batch: Batch
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        value = self._loss(network, batch)
        return value.detach(), torch.autograd.grad(value, self.learning)

    def _loss(self, network: TinyLSTM, batch: Batch) -> torch.Tensor:
        with torch.no_grad():
            x, s = (
                spectra(torch.from_numpy(sound).to(self.device))  # (B, T, bins)
                for sound in (batch.noisy, batch.target)
            )
        mask = self._mask(network, x)
        pair = torch.view_as_real(x), torch.view_as_real(s)  # (B, T, bins, 2)
        value = loss(mask, *pair, self.config.loss) + network.penalty()
        if self.teacher is None:
            return value
        with torch.no_grad():
            wanted = self._mask(self.teacher, x)
        return taught(value, mask, wanted, pair[0], self.config.loss)

    def _mask(self, network: TinyLSTM, spectrum: torch.Tensor) -> torch.Tensor:
        kind, wanted = self.device.type, self.config.loop.bfloat16
        with torch.autocast(kind, torch.bfloat16, enabled=wanted):
            mask: torch.Tensor = network(magnitudes(spectrum))
        return mask.float()

    @torch.no_grad()
    def _average(self) -> None:
        # In the beginning the average runs faster, so that it forgets the start
        keep = min(self.config.loop.average, (1 + self.steps) / (10 + self.steps))
        pairs = zip(self.average.parameters(), self.network.parameters(), strict=True)
        for mean, value in pairs:
            mean.lerp_(value, 1 - keep)

    def state(self) -> dict[str, Any]:
        """Return all that `restore` needs to go on, and the configuration."""
        return {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizers": [o.state_dict() for o in self.optimizers],
            "steps": self.steps,
            "epochs": self.epochs,
            "config": asdict(self.config),
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.steps, self.epochs = state["steps"], state["epochs"]


def sharing(network: TinyLSTM) -> TinyLSTM:
    """Return a copy for another thread: modules of its own, the same parameters."""
    return deepcopy(network, {id(p): p for p in network.parameters()})


def learning_rate(step: int, config: LoopConfig) -> float:
    """Return the rate: linear warm-up, constant, half a cosine down to the floor."""
    warm = min(1.0, (step + 1) / config.warmup)
    done = (step - config.decay_start) / config.decay_steps
    cosine = 0.5 + 0.5 * math.cos(math.pi * min(max(done, 0.0), 1.0))
    return config.learning_rate * warm * (config.floor + (1 - config.floor) * cosine)


def emulates_bfloat16(config: LoopConfig, processor: Mapping[str, Any]) -> bool:
    """Say whether training asks for numbers that this processor must imitate."""
    known = any(processor.get(name) for name in BFLOAT16_INSTRUCTIONS)
    return config.bfloat16 and config.device == "cpu" and not known


def train(
    config: Config,
    folder: Path,
    cache: Path,
    validation: ValidationSet | None,
    *,
    resume: bool = False,
    report: Report = print,
) -> Trainer:
    """Train to the end of the schedule, with a checkpoint and a history every epoch."""
    torch.set_num_threads(1)  # a batch is shared out to threads, an operation is not
    if emulates_bfloat16(config.loop, torch.cpu.get_capabilities()):
        report(EMULATED)
    folder.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(config)
    history: list[dict[str, Any]] = []
    if resume:
        state, history = checkpoints.load(folder)
        trainer.restore(state)
    (folder / "config.json").write_text(to_json(config))
    end = config.loop.decay_start + config.loop.decay_steps
    with Stock(config, cache, folder) as stock:
        while trainer.steps < end:
            history.append(_epoch(trainer, stock))
            require_finite(history[-1])
            done = trainer.steps >= end
            if validation and (
                done or trainer.epochs % config.loop.validate_every == 0
            ):
                history[-1] |= validation.scores(trainer.average)
            report(_line(history[-1]))
            checkpoints.save(folder, trainer.state(), history)
    return trainer


def require_finite(row: dict[str, Any]) -> None:
    """End a training that is lost before its last good checkpoint is lost too."""
    if not math.isfinite(row["loss"]):
        raise TrainingError(
            f"The loss is {row['loss']} in epoch {row['epoch']}. The checkpoint is "
            "still that of the epoch before."
        )


def _epoch(trainer: Trainer, stock: Stock) -> dict[str, Any]:
    loop, started = trainer.config.loop, time.monotonic()
    stock.turn(trainer.epochs)
    waited = time.monotonic() - started
    sections = list(stock.sections.values())
    drawn = batches(trainer.config, sections, trainer.epochs)
    losses = [trainer.step(batch) for batch in drawn]
    trainer.epochs += 1
    return {
        "epoch": trainer.epochs,
        "step": trainer.steps,
        "loss": round(torch.stack(losses).mean().item(), 5),
        "learning_rate": learning_rate(trainer.steps - 1, loop),
        "seconds": round(time.monotonic() - started, 1),
        "waited_s": round(waited, 1),
    }


def _line(row: dict[str, Any]) -> str:
    return "  ".join(
        f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()
    )
