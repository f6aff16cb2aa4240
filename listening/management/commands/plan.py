"""How many raters: power and precision of a study that is yet to be made."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from listening import plans
from listening.files import write_whole
from listening.looks import NAMES
from listening.plans import Planned
from listening.statistics.planned_looks import PlannedLooks, plan_looks, raters_at
from listening.statistics.planning import RatersNeeded, plan, raters_needed
from listening.statistics.simulated import ImpossibleStudy, StudyDesign

LARGEST = 1_000_000  # rows of a simulated study
USUAL_POWER = 0.8  # for which looks are told to cost more, if none is asked for

# option, default, help
WHOLE = [
    ("--utterances", 60, "over all SNRs; each is heard at one (default 60)"),
    ("--systems", 1, "that are compared with the reference (default 1)"),
    ("--replicates", 1000, "simulated studies (default 1000)"),
    ("--mixed", 200, "of them analysed by the mixed model as well"),
    ("--seed", 1, "of the generator (default 1)"),
    ("--jobs", 1, "processes (default 1)"),
    ("--most", 400, "raters that --power considers (default 400)"),
    ("--looks", 0, "before the end, after equal numbers of raters (default 0)"),
]
REAL = [
    ("--rater-sd", 0.8, "of raters, in logits (default 0.8)"),
    ("--utterance-sd", 0.5, "of utterances, in logits (default 0.5)"),
    ("--slope-sd", 0.0, "of raters' slopes, in logits per dB (default 0)"),
    ("--position", 0.0, "effect of being heard first, in logits (default 0)"),
]


def numbers(text: str) -> list[float]:
    """Read numbers with commas between them."""
    try:
        found = [float(word) for word in text.split(",")]
    except ValueError:
        found = []
    if not (found and np.isfinite(found).all()):
        raise ArgumentTypeError(
            f"{text!r}: numbers with commas between them, as 0.6 or 0.7,0.6,0.5"
        )
    return found


class Command(BaseCommand):
    help = (
        "Simulate a study that is yet to be made: how often would it find the "
        "preference that you expect, and how precisely would it know it?"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--raters", type=int, required=True, metavar="N")
        parser.add_argument("--trials", type=int, required=True, help="of each rater")
        parser.add_argument(
            "--effect",
            type=numbers,
            action="append",
            required=True,
            metavar="P",
            help="expected preference, as 0.6, or one for each SNR, as 0.7,0.6,0.5; "
            "given again for every system, if they differ",
        )
        parser.add_argument(
            "--snrs",
            type=numbers,
            nargs="+",
            default=[[0.0]],
            metavar="DB",
            help="as -6 -3 0 3 6 9 or, with a sign of equality, --snrs=-6,-3,0,3,6,9",
        )
        for name, default, text in WHOLE:
            parser.add_argument(name, type=int, default=default, metavar="N", help=text)
        for name, value, text in REAL:
            parser.add_argument(name, type=float, default=value, metavar="X", help=text)
        parser.add_argument(
            "--power", type=float, metavar="P", help="also: raters for this power"
        )
        parser.add_argument(
            "--boundaries",
            choices=list(NAMES),
            default="obrien-fleming",
            help="of the looks: obrien-fleming stops early only for a clear outcome, "
            "pocock more often, and takes more raters (default obrien-fleming)",
        )
        parser.add_argument("--json", metavar="F", help="write JSON; - for the screen")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            found = planned(options)
        except (ImpossibleStudy, ValueError) as error:
            raise CommandError(str(error)) from error
        text = json.dumps(plans.as_json(found), indent=2) + "\n"
        if options["json"] == "-":
            self.stdout.write(text, ending="")
            return
        self.stdout.write(plans.as_text(found))
        if options["json"]:
            try:
                write_whole(Path(options["json"]), text)
            except OSError as error:
                raise CommandError(f"{options['json']}: {error.strerror}") from error


def planned(options: dict[str, Any]) -> Planned:
    """Return the plan, with looks and the number of raters as far as asked for."""
    design = design_of(options)
    rng = np.random.default_rng(options["seed"])
    with progress(options) as bar:
        found = plan(
            design,
            rng,
            mixed=min(options["mixed"], options["replicates"]),
            told=counting(bar),
            **shared(options),
        )
    early = looks_of(options, design)
    return Planned(found, needed_of(options, design, rng, early), early)


def looks_of(options: dict[str, Any], design: StudyDesign) -> PlannedLooks | None:
    if not options["looks"]:
        return None
    with progress(options) as bar:
        return plan_looks(
            design,
            np.random.default_rng(options["seed"]),
            looks=options["looks"] + 1,
            system=plans.nearest_to_half(design),
            kind=options["boundaries"],
            power=options["power"] or USUAL_POWER,
            told=counting(bar),
            **shared(options),
        )


def needed_of(
    options: dict[str, Any],
    design: StudyDesign,
    rng: np.random.Generator,
    early: PlannedLooks | None,
) -> RatersNeeded | None:
    if options["power"] is None:
        return None
    system = plans.weakest(design)
    with progress(options) as bar:
        return raters_needed(
            design,
            rng,
            wanted=options["power"],
            system=system,
            most=max(options["most"], design.raters),
            inflation=early.inflation if early else 1.0,
            told=counting(bar),
            **shared(options),
        )


def shared(options: dict[str, Any]) -> dict[str, int]:
    return {"replicates": options["replicates"], "jobs": options["jobs"]}


def progress(options: dict[str, Any]) -> tqdm[NoReturn]:
    return tqdm(total=options["replicates"], unit="study", disable=None)


def counting(bar: tqdm[NoReturn]) -> Callable[[int], None]:
    """Return what moves a progress bar to the number of studies done."""

    def told(done: int) -> None:
        bar.update(done - bar.n)

    return told


def design_of(options: dict[str, Any]) -> StudyDesign:
    """Return the design that was asked for, or say what is wrong with it."""
    for name in ("systems", "replicates", "jobs"):
        if options[name] < 1:
            raise ImpossibleStudy(f"--{name} is 1 or more, not {options[name]}")
    if min(options["seed"], options["mixed"]) < 0:
        raise ImpossibleStudy("--seed and --mixed are 0 or more")
    if options["raters"] * options["trials"] > LARGEST:
        raise ImpossibleStudy(f"more than {LARGEST:,} trials: too many to simulate")
    if options["power"] is not None and not 0.05 < options["power"] < 1:
        raise ImpossibleStudy(
            f"--power is within 0.05 and 1, as 0.8, not {options['power']:g}"
        )
    snrs = tuple(snr for some in options["snrs"] for snr in some)
    systems = max(options["systems"], len(options["effect"]))
    design = StudyDesign(
        raters=options["raters"],
        trials=options["trials"],
        utterances=options["utterances"],
        preference=plans.preferences(
            options["effect"], systems=systems, snrs=len(snrs)
        ),
        snrs_db=snrs,
        rater_sd=options["rater_sd"],
        utterance_sd=options["utterance_sd"],
        slope_sd=options["slope_sd"],
        position=options["position"],
    )
    if options["looks"]:
        raters_at(design, options["looks"] + 1)
    return design
