"""Draw mixtures from the stock: a target, what disturbs it, an SNR and a level."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from enhancement.training.configuration import Config, MixingConfig
from enhancement.training.stock import Section

Rng = np.random.Generator
Pair = tuple[NDArray[np.float32], NDArray[np.float32]]  # noisy sound and the target


@dataclass(frozen=True)
class Batch:
    noisy: NDArray[np.float32]  # (clips, samples)
    target: NDArray[np.float32]  # silent where the mixture holds no speech

    def split(self, parts: int) -> "list[Batch]":
        """Return the clips in so many batches of equal size, in order."""
        halves = (np.split(sounds, parts) for sounds in (self.noisy, self.target))
        return [Batch(noisy, target) for noisy, target in zip(*halves, strict=True)]


def batches(config: Config, sections: list[Section], epoch: int) -> Iterator[Batch]:
    """Draw the batches of an epoch, ahead of their use by threads if there are any.

    A batch depends on its number and the epoch alone, not on the threads.
    """
    loop = config.loop

    def draw(step: int) -> Batch:
        rng = np.random.default_rng([loop.seed, epoch, step])
        pairs = [recording(rng, sections, config.mixing) for _ in range(loop.batch)]
        noisy, target = (np.stack(part) for part in zip(*pairs, strict=True))
        return Batch(noisy, target)

    if not config.data.threads:
        yield from map(draw, range(loop.steps_per_epoch))
        return
    with ThreadPoolExecutor(config.data.threads) as pool:
        waiting: deque[Future[Batch]] = deque()
        for step in range(loop.steps_per_epoch):
            waiting.append(pool.submit(draw, step))
            if len(waiting) > 2 * config.data.threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def recording(rng: Rng, sections: list[Section], mixing: MixingConfig) -> Pair:
    """Return a mixture, or one that another takes over from somewhere in its middle.

    A network that always hears one talker from silence on keeps to the first whom it
    hears, and loses all who come later.
    """
    pair = mixture(rng, sections, mixing)
    if not mixing.changing_share or rng.random() >= mixing.changing_share:
        return pair
    samples = len(pair[0])
    change = int(rng.integers(samples // 8, samples - samples // 8))
    other = mixture(rng, sections, mixing)
    for sound, later in zip(pair, other, strict=True):
        sound[change:] = later[change:]
    return pair


def mixture(rng: Rng, sections: list[Section], mixing: MixingConfig) -> Pair:
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
    return np.asarray(both / np.float32(np.sqrt(1 + ratio**2)), np.float32)
