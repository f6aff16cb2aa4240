"""A fixed set of mixtures of people and noises never trained on.

`home` is what a living room has most: a reverberant talker, distant talkers, a
television set, recorded noises. `room` is the same without other talkers. `near` is a
talker close to the microphone with recorded noise. `family` is a reader in a room where
words, toys and a television set come and go: unprocessed sound has about the SI-SDR,
STOI and PESQ of the samples published with TinyLSTMs, and log-MMSE lowers the last two
as it does there. SNRs are such that unprocessed sound has about the SI-SDR of the
published test sets.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pesq import pesq

from enhancement.measures import si_sdr_db, stoi
from enhancement.training import scenes
from enhancement.training.configuration import MixingConfig
from enhancement.training.corpus import RATE_HZ, Sound
from enhancement.training.material import Material
from enhancement.training.network import TinyLSTM, enhance

Rng = np.random.Generator

SEED = 20200
SAMPLES = 6 * RATE_HZ
PER_SNR = 6  # mixtures: enough to follow a training, too few to tell 0.2 dB apart
LEVEL_DBFS = -26.0


@dataclass(frozen=True)
class Kind:
    """Who talks, what disturbs, and the SNRs in dB over active speech."""

    people_share: float
    reverberant_share: float
    noise: scenes.Kind
    companions: bool = False
    snrs_db: tuple[float, ...] = (0, 3, 6, 9, 12, 15)


KINDS = {
    "home": Kind(0.3, 1.0, scenes.noise, companions=True),
    "near": Kind(0.0, 0.0, scenes.ambient, snrs_db=(3, 8, 13, 18)),
    "room": Kind(0.3, 1.0, scenes.noise),
    "family": Kind(0.0, 1.0, scenes.events),
}


@dataclass(frozen=True)
class ValidationSet:
    noisy: NDArray[np.float32]  # (mixtures, samples)
    target: NDArray[np.float32]
    kind: tuple[str, ...]  # of KINDS

    def scores(self, network: TinyLSTM) -> dict[str, Any]:
        """Return the mean scores of the network's output, named by kind and measure."""
        with torch.no_grad():
            noisy = torch.from_numpy(self.noisy).to(network.triangles.device)
            return self.score(enhance(network, noisy).cpu().numpy())

    def score(self, enhanced: NDArray[np.float32]) -> dict[str, Any]:
        """Return the mean scores of (mixtures, samples)."""
        rows = [_score(s, y) for s, y in zip(self.target, enhanced, strict=True)]
        means = {}
        for kind in dict.fromkeys(self.kind):
            of_kind = [r for r, k in zip(rows, self.kind, strict=True) if k == kind]
            for i, name in enumerate(("si_sdr", "stoi", "pesq")):
                means[f"{kind}_{name}"] = round(
                    float(np.mean([r[i] for r in of_kind])), 4
                )
        return means


def draw(
    material: Material,
    *,
    seed: int = SEED,
    per_snr: int = PER_SNR,
    level_dbfs: float = LEVEL_DBFS,
) -> ValidationSet:
    """Draw the set from material that is held out; it depends on nothing else.

    `level_dbfs` is the root mean square of each mixture.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for name, kind in KINDS.items():
        for snr_db in kind.snrs_db:
            rows += [
                (name, *_mixture(rng, material, kind, snr_db, level_dbfs))
                for _ in range(per_snr)
            ]
    kinds, noisy, target = zip(*rows, strict=True)
    return ValidationSet(np.stack(noisy), np.stack(target), kinds)


def _mixture(
    rng: Rng, material: Material, kind: Kind, snr_db: float, level_dbfs: float
) -> tuple[Sound, Sound]:
    mixing = MixingConfig(
        people_share=kind.people_share, reverberant_share=kind.reverberant_share
    )
    s, companions = scenes.scene(rng, material, mixing, SAMPLES)
    gain = 10 ** (rng.uniform(-6, 6) / 20) if kind.companions else 0.0
    n = scenes.unit(kind.noise(rng, material, SAMPLES) + gain * companions)
    x = s + 10 ** (-snr_db / 20) * n
    gain = 10 ** (level_dbfs / 20) / np.sqrt(np.mean(x**2))
    return (gain * x).astype(np.float32), (gain * s).astype(np.float32)


def _score(
    s: NDArray[np.float32], y: NDArray[np.float32]
) -> tuple[float, float, float]:
    return si_sdr_db(s, y), stoi(s, y, rate_hz=RATE_HZ), pesq(RATE_HZ, s, y, "wb")
