"""A stock of prepared clips that many mixtures are drawn from, renewed while training.

Preparing a clip (cutting, changing speed, rooms) costs more than a step of training on
it. So clips are prepared by another process, a section at a time, and each is used in
several mixtures: with other noise, at another SNR and level. Section i depends on
nothing but the configuration and i; epoch e draws from sections e - sections + 1 to e.
So a run that is resumed hears what it would have heard.
"""

from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enhancement.training.configuration import Config, DataConfig, MixingConfig
from enhancement.training.material import Material, gather
from enhancement.training.scenes import clip_samples, noise, scene

Rng = np.random.Generator
AHEAD = 2  # sections that are prepared before they are wanted


@dataclass(frozen=True)
class Clips:
    """Sounds as 16-bit integers with a gain each; `integers * gain` is the sound."""

    integers: NDArray[np.int16]  # (clips, samples)
    gain: NDArray[np.float32]  # (clips,)

    @staticmethod
    def of(sounds: list[NDArray[np.float32]]) -> "Clips":
        x = np.stack(sounds)
        gain = np.maximum(np.abs(x).max(axis=-1), 1e-9) / 32767
        return Clips(
            np.rint(x / gain[:, None]).astype(np.int16), gain.astype(np.float32)
        )

    def sound(self, i: int) -> NDArray[np.float32]:
        return self.integers[i] * self.gain[i]


@dataclass(frozen=True)
class Section:
    targets: Clips
    companions: Clips  # as many, each in the room of its target
    noises: Clips


def prepare(material: Material, config: Config, index: int) -> Section:
    """Draw section `index` of the stock."""
    rng = np.random.default_rng([config.data.seed, index])
    n = clip_samples(config.data)
    pairs = [scene(rng, material, config.mixing, n) for _ in range(config.data.targets)]
    noises = [noise(rng, material, n) for _ in range(config.data.noises)]
    targets, companions = zip(*pairs, strict=True)
    return Section(
        Clips.of(list(targets)), Clips.of(list(companions)), Clips.of(noises)
    )


_material: Material  # of the preparing process


def _open(config: Config, cache: Path) -> None:
    global _material
    _material, _ = gather(config.data, cache)


def _prepare(config: Config, index: int) -> Section:
    return prepare(_material, config, index)


class Stock:
    """The sections of an epoch; use as a context, and call `turn` once an epoch."""

    def __init__(self, config: Config, cache: Path) -> None:
        self.config = config
        self.sections: OrderedDict[int, Section] = OrderedDict()
        self._waiting: dict[int, Future[Section]] = {}
        self._pool = ProcessPoolExecutor(
            1, get_context("spawn"), initializer=_open, initargs=(config, cache)
        )

    def __enter__(self) -> "Stock":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def turn(self, epoch: int) -> None:
        """Make the sections those of `epoch`."""
        first = max(0, epoch - self.config.data.sections + 1)
        for i in range(first, epoch + 1 + AHEAD):
            if i not in self.sections and i not in self._waiting:
                self._waiting[i] = self._pool.submit(_prepare, self.config, i)
        for i in [i for i in self.sections if i < first]:
            del self.sections[i]
        for i in range(first, epoch + 1):
            if i in self._waiting:
                self.sections[i] = self._waiting.pop(i).result()


@dataclass(frozen=True)
class Batch:
    noisy: NDArray[np.float32]  # (clips, samples)
    target: NDArray[np.float32]  # silent where the mixture holds no speech


def batches(
    rng: Rng, sections: list[Section], mixing: MixingConfig, *, count: int, size: int
) -> Iterator[Batch]:
    """Draw `count` batches of `size` mixtures each."""
    for _ in range(count):
        pairs = [mixture(rng, sections, mixing) for _ in range(size)]
        noisy, target = (np.stack(part) for part in zip(*pairs, strict=True))
        yield Batch(noisy, target)


def mixture(
    rng: Rng, sections: list[Section], mixing: MixingConfig
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a noisy clip and the target in it.

    The noise is a noise of the stock, the target's companions, or both; its level sets
    the SNR against the active level of the target. Then the mixture is brought to a
    level, and clipped at full scale if it must be.
    """
    section = sections[rng.integers(len(sections))]
    i = int(rng.integers(len(section.targets.gain)))
    s = section.targets.sound(i) * rng.choice([-1, 1]).astype(np.float32)
    n = _disturbance(rng, section.companions.sound(i), sections)
    n *= np.float32(10 ** (-rng.uniform(*mixing.snr_db) / 20))
    case = rng.random()
    if case < mixing.silent_share:
        s = np.zeros_like(s)
    elif case < mixing.silent_share + mixing.clean_share:
        n *= np.float32(0.003)
    level = 10 ** (rng.uniform(*mixing.level_dbfs) / 20)
    x = s + n
    gain = np.float32(level / max(float(np.sqrt(np.mean(x**2))), 1e-6))
    return np.clip(gain * x, -1, 1), gain * s


def _disturbance(
    rng: Rng, companions: NDArray[np.float32], sections: list[Section]
) -> NDArray[np.float32]:
    """Return what disturbs, RMS about 1: noise alone, companions alone, or both."""
    other = sections[rng.integers(len(sections))].noises
    n = other.sound(int(rng.integers(len(other.gain))))
    kind = rng.random()
    if kind < 0.5:
        return n
    if kind < 0.65:
        return companions
    ratio = 10 ** (rng.uniform(-12, 12) / 20)
    both = companions + np.float32(ratio) * n
    return both / np.float32(np.sqrt(1 + ratio**2))


def seconds_of(config: DataConfig) -> float:
    """Return how much sound the stock holds when it is full."""
    return config.sections * (2 * config.targets + config.noises) * config.clip_s
