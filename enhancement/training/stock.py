"""A stock of prepared clips that many mixtures are drawn from, renewed while training.

Preparing a clip (cutting, changing speed, rooms) costs more than a step of training on
it. So clips are prepared by another process, a section at a time, and each is used in
several mixtures: with other noise, at another SNR and level. Section i depends on
nothing but the configuration and i, and an epoch draws from the last so many sections.
So a run that is resumed hears what it would have heard.
"""

import hashlib
import json
import shutil
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enhancement.training.configuration import Config
from enhancement.training.material import Material, gather
from enhancement.training.scenes import clip_samples, noise, scene

AHEAD = 2  # epochs of sections that are prepared before they are wanted
PARTS = ("targets", "companions", "noises")


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


_material: Material  # of a preparing process


def _open(config: Config, cache: Path) -> None:
    global _material
    _material, _ = gather(config.data, cache)


def _prepare(config: Config, path: Path, index: int) -> None:
    """Write section `index` to `path`, whole or not at all."""
    section = prepare(_material, config, index)
    part = path.with_suffix(".part.npz")
    arrays = {
        f"{name}_{part_name}": getattr(getattr(section, name), part_name)
        for name in PARTS
        for part_name in ("integers", "gain")
    }
    np.savez(part, **arrays)
    part.replace(path)


def _load(path: Path) -> Section:
    with np.load(path) as arrays:
        clips = [Clips(arrays[f"{n}_integers"], arrays[f"{n}_gain"]) for n in PARTS]
    return Section(*clips)


class Stock:
    """The sections of an epoch; use as a context, and call `turn` once an epoch.

    Sections lie in the folder of the run until they are too old: a run that is resumed
    need not prepare them again, and runs side by side do not take each other's away.
    """

    def __init__(self, config: Config, cache: Path, folder: Path) -> None:
        self.config = config
        self.sections: dict[int, Section] = {}
        self.folder = folder / f"sections-{_digest(config)}"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._waiting: dict[int, Future[None]] = {}
        self._pool = ProcessPoolExecutor(
            config.data.workers,
            get_context("spawn"),
            initializer=_open,
            initargs=(config, cache),
        )

    def __enter__(self) -> "Stock":
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        if error is None:  # the run has ended; to go on would prepare them anew
            shutil.rmtree(self.folder)

    def turn(self, epoch: int) -> None:
        """Make the sections those of `epoch`."""
        count = self.config.data.sections_per_epoch
        last = self.config.data.sections_at_start + (epoch + 1) * count  # not included
        first = max(0, last - self.config.data.sections)
        for i in range(first, last + AHEAD * count):
            if not self._path(i).is_file() and i not in self._waiting:
                self._waiting[i] = self._pool.submit(
                    _prepare, self.config, self._path(i), i
                )
        for i in [i for i in self.sections if i < first]:
            del self.sections[i]
            self._path(i).unlink()
        for i in range(first, last):
            if i in self._waiting:
                self._waiting.pop(i).result()
            if i not in self.sections:
                self.sections[i] = _load(self._path(i))

    def _path(self, index: int) -> Path:
        return self.folder / f"{index}.npz"


def _digest(config: Config) -> str:
    """Return a name for what a section depends on, besides its number."""
    shares = (config.mixing.people_share, config.mixing.reverberant_share)
    text = json.dumps([asdict(config.data), shares], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
