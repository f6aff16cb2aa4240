"""The table of the TinyLSTM family: what each costs and scores, beside the paper's.

What weights cost is read off them and needs nothing else; scores and times are measured
on mixtures. `markdown` writes both as the README shows them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from enhancement.footprint import MAX_FLASH, MAX_MEMORY, MAX_OPERATIONS, Footprint
from enhancement.systems import SYSTEMS
from enhancement.weights import scores as kept
from stimuli import published
from stimuli.enhancing import measure
from stimuli.evaluation import Cell, Scored, score, table
from stimuli.mixing import Mixed
from stimuli.published import Published
from stimuli.storing import loaded

REFERENCE = "unprocessed"
FAMILY = [slug for slug, row in SYSTEMS.items() if row.family == "tinylstm"]
COST, SCORES = "what they cost", "what they score"  # names of the README's parts
MIB = 2**20
NONE = "–"


class NoPlace(Exception):
    """A text has no place for a table; the message names it."""


@dataclass(frozen=True)
class Cost:
    """What one of the family costs, and what the paper says of its like."""

    slug: str
    footprint: Footprint
    published: Published


@dataclass(frozen=True)
class Measured:
    """What was measured of the family on mixtures."""

    material: str
    cells: list[Cell]  # by system, the unprocessed mixtures first, and SNR
    updated: dict[str, float]  # share of frames in which the network ran
    us_per_hop: dict[str, float]  # of whole files, on this machine


def costs() -> list[Cost]:
    """Return what the bundled weights cost.

    Raises `enhancement.weights.WeightsError` if a file of weights cannot be used.
    """
    return [Cost(slug, footprint_of(slug), published.FAMILY[slug]) for slug in FAMILY]


def footprint_of(slug: str) -> Footprint:
    footprint = loaded(slug).footprint
    if footprint is None:
        raise ValueError(f"{slug} has no network")
    return footprint


def measured(mixtures: Iterable[tuple[float, Mixed]], *, material: str) -> Measured:
    """Score all on mixtures (SNR in dB, mixture), and time them."""
    scored: list[Scored] = []
    ran: dict[str, list[Any]] = defaultdict(list)
    for snr_db, mixed in mixtures:
        for slug in (REFERENCE, *FAMILY):
            scored.append(Scored(slug, snr_db, score(mixed, slug)))
            updates = loaded(slug).updates(mixed.noisy)
            ran[slug].append(np.ones(1, bool) if updates is None else updates)
    return Measured(
        material=material,
        cells=table(scored),
        updated={slug: float(np.concatenate(ran[slug]).mean()) for slug in FAMILY},
        us_per_hop={
            slug: 1e6 * measure(loaded(slug)).seconds_per_hop for slug in FAMILY
        },
    )


def with_shares(found: Sequence[Cost], shares: dict[str, float]) -> list[Cost]:
    """Return the costs with the share of frames in which each network ran."""
    return [
        replace(cost, footprint=replace(cost.footprint, updated=shares[cost.slug]))
        for cost in found
    ]


def keep(done: Measured) -> Path:
    """Write the scores beside the weights; return where."""
    rows = {
        slug: {
            "weights_sha256": loaded(slug).weights_sha256,
            "updated": done.updated[slug],
            "cells": [cell.as_json() for cell in done.cells if cell.system == slug],
        }
        for slug in FAMILY
    }
    return kept.write(done.material, rows)


def as_json(found: Sequence[Cost], done: Measured) -> dict[str, Any]:
    """Return all numbers, with units in their names."""
    return {
        "material": done.material,
        "systems": [
            {
                "slug": cost.slug,
                **asdict(cost.footprint),
                "average_operations": cost.footprint.average_operations,
                "latency_ms": cost.footprint.latency_ms,
                "limits": dict(cost.footprint.limits),
                "fits": cost.footprint.fits,
                "us_per_hop": done.us_per_hop[cost.slug],
                "published": asdict(cost.published),
            }
            for cost in found
        ],
        "scores": [cell.as_json() for cell in done.cells],
    }


@dataclass(frozen=True)
class Column:
    head: str
    ours: Callable[[Footprint], str]
    theirs: Callable[[Published], str] = lambda published: ""


def _beside(cost: Cost, column: Column) -> str:
    theirs = column.theirs(cost.published)
    return column.ours(cost.footprint) + (f" ({theirs})" if theirs else "")


def _or_none(form: str, value: float | None) -> str:
    return NONE if value is None else form.format(value)


def _operations(footprint: Footprint) -> str:
    text = f"{footprint.operations / 1e6:.2f}"
    if footprint.updated == 1:
        return text
    average = footprint.average_operations
    return f"{_or_none('{:.2f}', average and average / 1e6)} of {text}"


def _derived(theirs: Published) -> str:
    return f"{theirs.operations_m:.2f}" + ("*" if theirs.derived else "")


def _latency(footprint: Footprint) -> str:
    if footprint.updated is None:
        return NONE
    return f"{footprint.latency_ms * footprint.updated:.2f}"


def _limit(name: str) -> Callable[[Footprint], str]:
    return lambda footprint: "yes" if footprint.limits[name] else "no"


COLUMNS = [
    Column(
        "parameters, M",
        lambda f: f"{f.parameters / 1e6:.3f}",
        lambda p: _or_none("{:.2f}", p.parameters_m),
    ),
    Column(
        "size, MiB",
        lambda f: f"{f.stored / MIB:.2f}",
        lambda p: _or_none("{:.2f}", p.size_mib),
    ),
    Column("operations a frame, M", _operations, _derived),
    Column("latency by the model, ms", _latency, lambda p: f"{p.latency_ms:.2f}"),
    Column("working memory, KB", lambda f: f"{f.memory / 1000:.1f}"),
    Column("numbers", lambda f: "integers" if f.integers else "floats"),
    Column(f"≤ {MAX_OPERATIONS / 1e6:.2f} M", _limit("operations")),
    Column(f"< {MAX_FLASH / 1e6:.1f} MB", _limit("flash")),
    Column(f"< {MAX_MEMORY / 1e3:.0f} KB", _limit("memory")),
]


def cost_markdown(found: Sequence[Cost]) -> str:
    """Return the table of what they cost; the paper's numbers in parentheses."""
    rows = [["system", *(column.head for column in COLUMNS)]]
    rows += [
        [f"`{cost.slug}`", *(_beside(cost, column) for column in COLUMNS)]
        for cost in found
    ]
    return as_markdown(rows)


def scores_markdown(done: Measured) -> str:
    """Return the table of SDR by SNR and of times, and below it the paper's SDR."""
    snrs_db = sorted({cell.snr_db for cell in done.cells})
    rows = [["SDR, dB", *(f"{s:g} dB" for s in snrs_db), "mean", "µs a hop"]]
    for slug in (REFERENCE, *FAMILY):
        sdr_db = [cell.sdr_db for cell in done.cells if cell.system == slug]
        hop = _or_none("{:.0f}", done.us_per_hop.get(slug))
        rows.append([f"`{slug}`", *_with_mean(sdr_db), hop])
    theirs = [["published", *(f"{s:g} dB" for s in published.SNRS_DB), "mean"]]
    theirs += [
        [one.name, *(f"{sdr_db:.2f}" for sdr_db in one.sdr_db)]
        for one in published.FAMILY.values()
        if one.sdr_db is not None
    ]
    return (
        f"On {done.material}:\n\n{as_markdown(rows)}\n\n"
        f"As published, on {published.MATERIAL}:\n\n{as_markdown(theirs)}"
    )


def _with_mean(values: Sequence[float]) -> list[str]:
    return [f"{value:.2f}" for value in [*values, float(np.mean(values))]]


def as_markdown(rows: Sequence[Sequence[str]]) -> str:
    """Return a table of Markdown whose first row is its head."""
    head, *body = rows
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def put(text: str, name: str, part: str) -> str:
    """Return `text` with `part` between the markers of the place called `name`."""
    return _place(text, name).sub(lambda m: f"{m[1]}\n{part}\n{m[3]}", text)


def found_in(text: str, name: str) -> str:
    """Return what stands between the markers of the place called `name`."""
    match = _place(text, name).search(text)
    assert match is not None
    return match[2].strip("\n")


def _place(text: str, name: str) -> re.Pattern[str]:
    marks = re.compile(
        rf"(<!-- family: {name} -->)\n(.*?)(<!-- end of family: {name} -->)", re.DOTALL
    )
    if not marks.search(text):
        raise NoPlace(f"there is no line <!-- family: {name} --> with its end")
    return marks
