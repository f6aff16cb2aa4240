"""What the bundled weights scored when they were last evaluated: `scores.json`.

Written by the command that makes the family's table. Each row keeps the hash of the
weights that it is about, so that scores of other weights are never shown as theirs.

    {"material": "what they were evaluated on",
     "systems": {SLUG: {"weights_sha256": "...", "updated": 1.0, "cells": [...]}}}

`updated` is the share of frames in which the network ran; `cells` are mean scores by
SNR.
"""

import json
from pathlib import Path
from typing import Any

from enhancement.weights import FOLDER, WeightsError

NAME = "scores.json"


def scores_of(
    slug: str, weights_sha256: str, folder: Path = FOLDER
) -> dict[str, Any] | None:
    """Return the row of a system; None if these weights were not evaluated.

    Raises `WeightsError` if the file is not what `write` writes.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        row: dict[str, Any] = json.loads(path.read_text())["systems"].get(slug, {})
        known = row.get("weights_sha256")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"{path}: not a table of scores ({error!r})") from error
    return row if known == weights_sha256 else None


def updated(slug: str, weights_sha256: str, folder: Path = FOLDER) -> float | None:
    """Return the share of frames in which the network ran; None if not measured."""
    row = scores_of(slug, weights_sha256, folder)
    return None if row is None else float(row["updated"])


def write(
    material: str, systems: dict[str, dict[str, Any]], folder: Path = FOLDER
) -> Path:
    """Write the table, whole or not at all."""
    path = folder / NAME
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"material": material, "systems": systems}, indent=1))
    part.replace(path)
    return path
