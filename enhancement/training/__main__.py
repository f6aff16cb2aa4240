"""Train a network: `python -m enhancement.training CONFIG --out DIR [--resume]`."""

import argparse
import sys
from pathlib import Path

from enhancement.audio import AudioError
from enhancement.training import configuration, validation
from enhancement.training.loop import TrainingError, train
from enhancement.training.material import gather


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m enhancement.training")
    parser.add_argument("config", type=Path, help="TOML file; see enhancement/weights")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--cache", type=Path, help="decoded audio; default OUT/cache")
    parser.add_argument("--resume", action="store_true", help="go on where it stopped")
    options = parser.parse_args()
    cache = options.cache or options.out / "cache"
    try:
        config = configuration.read(options.config)
        _, held_out = gather(config.data, cache)
        valid = validation.draw(held_out) if config.loop.validate_every else None
        if valid and not options.resume:
            print("unprocessed", valid.score(valid.noisy), flush=True)
        train(
            config,
            options.out,
            cache,
            valid,
            resume=options.resume,
            report=lambda line: print(line, flush=True),
        )
    except (AudioError, configuration.ConfigurationError, TrainingError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
