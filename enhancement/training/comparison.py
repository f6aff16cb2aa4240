"""What systems lose against one: `python -m enhancement.training.comparison CONFIG`.

Prints, for each kind of held-out mixture, the mean SI-SDR and its difference from the
first system's with a standard error. The mixtures are drawn by another seed than those
that training watches, and are more: two networks that differ by 0.1 dB on average
differ by over 1 dB on a single one, now in favour of the one and now of the other.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enhancement import systems
from enhancement.audio import AudioError
from enhancement.measures import si_sdr_db
from enhancement.system import System
from enhancement.training import configuration, validation
from enhancement.training.material import gather

SEED = 777
PER_SNR = 30
AT_ONCE = 8  # sounds that are enhanced together
FAMILY = (
    "tinylstm",
    "tinylstm-pruned",
    "tinylstm-int8-1",
    "tinylstm-int8-2",
    "tinylstm-skip",
)
ALL = "all"
UNUSABLE = AudioError, configuration.ConfigurationError, systems.UnknownSystemError

Decibels = NDArray[np.float64]
Sounds = NDArray[np.float32]


def si_sdrs(
    system: System, held_out: validation.ValidationSet, *, before: int = 0
) -> Decibels:
    """Return the SI-SDR of the system's output in dB, shape (mixtures,).

    So many others of its kind come before each, in one recording: a system that has
    been running for long must do as well as one that begins.
    """
    noisy = running(held_out.noisy, held_out.kind, before)
    parts = [noisy[i : i + AT_ONCE] for i in range(0, len(noisy), AT_ONCE)]
    enhanced = np.concatenate([system.enhance(part) for part in parts])
    pairs = zip(held_out.target, enhanced, strict=True)
    return np.array([si_sdr_db(s, y[-len(s) :]) for s, y in pairs])


def running(noisy: Sounds, kinds: Sequence[str], before: int) -> Sounds:
    """Return each of (mixtures, samples) behind the `before` last ones of its kind.

    The last of a kind come before its first.
    """
    found = np.empty((len(noisy), (before + 1) * noisy.shape[1]), noisy.dtype)
    for name in set(kinds):
        rows = np.flatnonzero(np.array(kinds) == name)
        heard = [noisy[np.roll(rows, back)] for back in range(before, -1, -1)]
        found[rows] = np.concatenate(heard, axis=1)
    return found


def paired(ours: Decibels, theirs: Decibels) -> tuple[float, float]:
    """Return the mean of ours minus theirs, and its standard error."""
    differences = ours - theirs
    error = differences.std(ddof=1) / np.sqrt(len(differences))
    return float(differences.mean()), float(error)


def table(scores: dict[str, Decibels], kinds: Sequence[str]) -> Iterator[str]:
    """Yield the lines of the table, of scores by system; the first is compared with.

    `kinds` names the kind of each mixture.
    """
    names = [*dict.fromkeys(kinds), ALL]
    yield f"| system | {' | '.join(names)} |"
    yield "| --- " * (len(names) + 1) + "|"
    first = next(iter(scores.values()))
    for slug, ours in scores.items():
        cells = []
        for name in names:
            rows = np.array([name in (kind, ALL) for kind in kinds])
            mean, error = paired(ours[rows], first[rows])
            cells.append(f"{ours[rows].mean():.2f} ({mean:+.3f} ± {error:.3f})")
        yield f"| {slug} | {' | '.join(cells)} |"


def compare(
    config: Path, cache: Path, slugs: Sequence[str], level_dbfs: float, before: int
) -> Iterator[str]:
    """Yield the lines of the table, on what `config` holds out."""
    _, material = gather(configuration.read(config).data, cache)
    held_out = validation.draw(
        material, seed=SEED, per_snr=PER_SNR, level_dbfs=level_dbfs
    )
    loaded = {slug: systems.load(slug) for slug in slugs}
    scores = {slug: si_sdrs(s, held_out, before=before) for slug, s in loaded.items()}
    yield from table(scores, held_out.kind)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m enhancement.training.comparison")
    parser.add_argument("config", type=Path, help="TOML file; see enhancement/weights")
    parser.add_argument("--cache", type=Path, required=True, help="decoded audio")
    parser.add_argument("--systems", nargs="+", default=FAMILY, metavar="SLUG")
    parser.add_argument(
        "--level", type=float, default=validation.LEVEL_DBFS, help="of mixtures, dBFS"
    )
    parser.add_argument(
        "--before", type=int, default=0, help="mixtures that are heard before each"
    )
    options = parser.parse_args()
    given = options.config, options.cache, options.systems, options.level
    try:
        for line in compare(*given, options.before):
            print(line)
    except UNUSABLE as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
