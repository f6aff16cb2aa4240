"""A fixed set of mixtures of people and noises never trained on.

`home` is what a living room has most: a reverberant talker, distant talkers, a
television set, recorded noises. `room` is the same without other talkers. `near` is a
talker close to the microphone with recorded noise. SNRs are such that unprocessed sound
has about the SI-SDR of the published test sets.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pesq import pesq

from enhancement.measures import si_sdr_db, stoi
from enhancement.training.configuration import MixingConfig
from enhancement.training.corpus import RATE_HZ
from enhancement.training.material import Material
from enhancement.training.network import TinyLSTM, enhance
from enhancement.training.scenes import ambient, noise, scene, unit

SEED = 20200
SAMPLES = 6 * RATE_HZ
KINDS = {  # SNRs in dB, over active speech
    "home": (0, 3, 6, 9, 12, 15),
    "near": (3, 8, 13, 18),
    "room": (0, 3, 6, 9, 12, 15),
}
PER_SNR = 6  # mixtures: enough to follow a training, too few to tell 0.2 dB apart
LEVEL_DBFS = -26.0


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
    material: Material, *, seed: int = SEED, per_snr: int = PER_SNR
) -> ValidationSet:
    """Draw the set from material that is held out; it depends on nothing else."""
    rng = np.random.default_rng(seed)
    rows = []
    for kind, ratios in KINDS.items():
        for snr_db in ratios:
            rows += [
                (kind, *_mixture(rng, material, kind, snr_db)) for _ in range(per_snr)
            ]
    kinds, noisy, target = zip(*rows, strict=True)
    return ValidationSet(np.stack(noisy), np.stack(target), kinds)


def _mixture(
    rng: np.random.Generator, material: Material, kind: str, snr_db: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    home, near = kind == "home", kind == "near"
    mixing = MixingConfig(
        people_share=0.0 if near else 0.3, reverberant_share=0.0 if near else 1.0
    )
    s, companions = scene(rng, material, mixing, SAMPLES)
    n = unit(ambient(rng, material, SAMPLES)) if near else noise(rng, material, SAMPLES)
    if home:
        n = unit(n + 10 ** (rng.uniform(-6, 6) / 20) * companions)
    x = s + 10 ** (-snr_db / 20) * n
    gain = 10 ** (LEVEL_DBFS / 20) / np.sqrt(np.mean(x**2))
    return (gain * x).astype(np.float32), (gain * s).astype(np.float32)


def _score(
    s: NDArray[np.float32], y: NDArray[np.float32]
) -> tuple[float, float, float]:
    return si_sdr_db(s, y), stoi(s, y, rate_hz=RATE_HZ), pesq(RATE_HZ, s, y, "wb")
