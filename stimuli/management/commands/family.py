"""The TinyLSTM family: what each costs and scores, beside the paper's numbers."""

import json as to_json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from enhancement.audio import AudioError
from enhancement.weights import WeightsError
from stimuli import family
from stimuli.bundled.mixtures import mixtures as bundled
from stimuli.evaluation import CannotEvaluate, mixtures_of_pairs, mixtures_of_set
from stimuli.management.sets import find_set
from stimuli.mixing import Mixed
from stimuli.published import SNRS_DB

PER_SNR = 6
BUNDLED = f"the bundled corpus (synthetic voices), {PER_SNR} mixtures at each SNR"
UNUSABLE = (CannotEvaluate, AudioError, WeightsError, ValueError, family.NoPlace)


class Command(BaseCommand):
    help = (
        "Print the table of the TinyLSTM family as Markdown: parameters, size, "
        "operations, memory, the limits of the paper's hardware, SDR by SNR, time. On "
        "the bundled corpus, a rendered set, or a folder with clean/ and noisy/."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--pairs", type=Path, metavar="DIR")
        what.add_argument("--set", metavar="SET")
        parser.add_argument("--json", action="store_true", help="an object, not tables")
        parser.add_argument(
            "--write",
            action="store_true",
            help="put the tables into README.md, and the scores beside the weights",
        )

    def handle(
        self,
        *,
        pairs: Path | None,
        set: str | None,
        json: bool,
        write: bool,
        **options: Any,
    ) -> None:
        material, mixtures = chosen(pairs, set)
        try:
            costs = family.costs()
            shown = tqdm(mixtures, unit="mixture", disable=None)
            done = family.measured(shown, material=material)
            costs = family.with_shares(costs, done.updated)
            if write:
                written(costs, done)
        except UNUSABLE as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            to_json.dumps(family.as_json(costs, done), indent=2)
            if json
            else f"{family.cost_markdown(costs)}\n\n{family.scores_markdown(done)}"
        )


def chosen(pairs: Path | None, set: str | None) -> tuple[str, Iterator[Any]]:
    """Return what the material is called, and its mixtures."""
    mixtures: Iterator[tuple[float, Mixed]]
    if pairs is not None:
        return f"the pairs of “{pairs.name}”", mixtures_of_pairs(pairs)
    if set is not None:
        return f"the stimulus set “{set}”", mixtures_of_set(find_set(set))
    mixtures = bundled(SNRS_DB, per_snr=PER_SNR)
    return BUNDLED, mixtures


def written(costs: list[family.Cost], done: family.Measured) -> None:
    """Put the tables into the README, whole or not at all, and keep the scores."""
    readme = Path(settings.BASE_DIR) / "README.md"
    text = family.put(readme.read_text(), family.COST, family.cost_markdown(costs))
    text = family.put(text, family.SCORES, family.scores_markdown(done))
    part = readme.with_suffix(".part")
    part.write_text(text)
    part.replace(readme)
    family.keep(done)
