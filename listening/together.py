"""Trials in which all systems of a study are heard together, beside a reference.

A study names its systems as for sounds by themselves; what the method adds, the hidden
reference and the anchors, is in every trial of every study.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from listening import methods
from listening.methods import Method
from listening.methods.mushra import MOST
from listening.models import Study, Trial, TrialSound
from listening.schedule import Drawn

STREAM = 3  # beside those that drew the trials, X, and the first scale


def systems_of(study: Study) -> list[str]:
    """Return the systems that are scored in every trial of `study`."""
    named = study.comparisons.values_list("system", flat=True)
    return sorted({*named, *methods.load(study.method).beside})


def in_places(
    drawn: Sequence[Drawn], systems: Sequence[str], *, seed: int
) -> list[Drawn]:
    """Return the trials with all `systems`, in each in an order by chance."""
    rng = np.random.default_rng([seed, STREAM])
    return [
        replace(
            trial, together=tuple(systems[n] for n in rng.permutation(len(systems)))
        )
        for trial in drawn
    ]


def store_sounds(trials: Sequence[Trial], drawn: Sequence[Drawn]) -> None:
    """Store the sounds of stored trials, each with a fresh token."""
    TrialSound.objects.bulk_create(
        TrialSound(trial=trial, place=place, system=system)
        for trial, one in zip(trials, drawn, strict=True)
        for place, system in enumerate(one.together, start=1)
    )


def problem_of_systems(
    method: Method, asked: Collection[str], *, there: Collection[str]
) -> str:
    """Return why the systems `asked` cannot be heard together; "" if they can.

    `there`: the systems of the stimulus set.
    """
    if not method.is_together:
        return ""
    if lacking := [system for system in method.beside if system not in there]:
        return (
            "This method holds every system against the clean speech, and needs its "
            f"anchors: the stimulus set has no {', '.join(lacking)}. Generate a set "
            "with them, or choose another method."
        )
    tested = set(asked) - set(method.beside)
    if len(tested) > MOST:
        return (
            f"At most {MOST} systems can be heard together, beside the hidden "
            f"reference and the anchors: {len(tested)} are named."
        )
    return ""
