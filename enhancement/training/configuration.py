"""One configuration, read from a TOML file and stored beside the weights it made."""

import json
import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any


class ConfigurationError(ValueError):
    """A configuration that cannot be used; says which value and why."""


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    speech: str = "shared/audio/speech/librispeech"  # folders of recordings
    people: str = "shared/audio/speech/speechocean762"
    noise: str = "shared/audio/noise"
    held_out_readers: tuple[str, ...] = ()  # folders of `speech` kept for validation
    min_margin_db: float = 30.0  # speech files with a nearer noise floor are dropped
    rooms: int = 2000
    interferers: int = 4  # positions in a room
    taps: int = 8000  # samples of a room's response
    pieces: int = 400  # of music
    piece_s: float = 8.0
    clip_s: float = 4.0
    targets: int = 256  # clips in a section of the stock
    noises: int = 384
    sections: int = 24  # of the stock
    sections_per_epoch: int = 1  # that replace the oldest
    sections_at_start: int = 0  # more in the first epoch
    workers: int = 1  # processes that prepare sections
    threads: int = 0  # that mix ahead of training; 0: it mixes for itself
    seed: int = 1


@dataclass(frozen=True, kw_only=True)
class MixingConfig:
    snr_db: tuple[float, float] = (-9.0, 15.0)
    level_dbfs: tuple[float, float] = (-38.0, -14.0)  # RMS of the mixture
    people_share: float = 0.22  # of targets
    reverberant_share: float = 0.7  # of targets
    silent_share: float = 0.04  # mixtures without speech
    clean_share: float = 0.03  # mixtures without noise
    changing_share: float = 0.0  # mixtures in which another one takes over


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    kind: str = "baseline"  # or "pruned", "quantised", "skipping": see `models`
    start: str = ""  # weights file to begin with, floats or integers; empty: random
    strength: float = 1e-3  # of the penalty on kept groups, when pruning
    thresholds_rate: float = 1.0  # of learning rates: thresholds' over weights'
    parameters: int = 0  # that pruning leaves, at most about so many
    ranges: tuple[float, ...] = ()  # of `Ranges`, in order, for integers
    budget: float = 0.1  # of the loss, for a network that skips no frame
    updates: float = 0.0  # share of frames that need not be skipped
    teacher: str = ""  # weights file of a float network whose output is a target too


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    power: float = 0.3  # of magnitudes
    complex_weight: float = 0.113
    lost_weight: float = 0.0  # more, where magnitudes fall short of the target's
    log_weight: float = 0.06  # for each dB of the utterance's error
    si_sdr_weight: float = 0.0  # for each dB of it
    log_floor_db: float = -30.0  # errors below this no longer matter
    teacher_weight: float = 0.5  # of the loss against the teacher's output, if any;
    # the rest is that of the loss against the target, penalties of [model] among it


@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    batch: int = 32
    steps_per_epoch: int = 200
    optimizer: str = "adam"  # or "muon", for the matrices
    learning_rate: float = 1e-3
    warmup: int = 300  # steps
    decay_start: int = 10_000  # step
    decay_steps: int = 5_000  # cosine to `floor`; training ends then
    floor: float = 0.01  # of the learning rate
    clip: float = 1.0  # norm of the gradient
    average: float = 0.999  # of the weights, exponential, per step
    bfloat16: bool = True
    device: str = "cpu"  # or "cuda"
    threads: int = 2  # that share out a batch, which they must divide
    validate_every: int = 5  # epochs; 0: never
    seed: int = 1


@dataclass(frozen=True, kw_only=True)
class Config:
    data: DataConfig = field(default_factory=DataConfig)
    mixing: MixingConfig = field(default_factory=MixingConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    loop: LoopConfig = field(default_factory=LoopConfig)


PARTS = {
    "data": DataConfig,
    "mixing": MixingConfig,
    "model": ModelConfig,
    "loss": LossConfig,
    "loop": LoopConfig,
}


def read(path: Path) -> Config:
    """Read a TOML file; what it does not name is as in its `base`, or the default.

    `base` is another such file, named relative to this one.
    """
    return from_dict(_values(path))


def from_dict(values: dict[str, Any]) -> Config:
    """Return the configuration of such a mapping of mappings; unknown names raise."""
    unknown = sorted(set(values) - set(PARTS))
    if unknown:
        raise ConfigurationError(f"unknown parts {unknown}; known are {sorted(PARTS)}")
    return Config(**{name: _part(PARTS[name], name, v) for name, v in values.items()})


def to_json(config: Config) -> str:
    """Return what `from_dict` reads, as JSON."""
    return json.dumps(asdict(config), indent=1)


def _values(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    if "base" not in values:
        return values
    base = _values(path.parent / values.pop("base"))
    return {name: base.get(name, {}) | values.get(name, {}) for name in base | values}


def _part(kind: type, name: str, values: dict[str, Any]) -> Any:
    known = {f.name for f in fields(kind)}
    if unknown := sorted(set(values) - known):
        raise ConfigurationError(
            f"[{name}] has no {unknown}; known are {sorted(known)}"
        )
    return kind(
        **{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    )
