"""Checkpoints: everything a run needs to go on as if it had not been stopped."""

import json
from pathlib import Path
from typing import Any

import torch

NAME = "checkpoint.pt"
HISTORY = "history.json"


def save(folder: Path, state: dict[str, Any], history: list[dict[str, Any]]) -> None:
    """Write state and history, each whole or not at all."""
    part = folder / (NAME + ".part")
    torch.save(state, part)
    part.replace(folder / NAME)
    part = folder / (HISTORY + ".part")
    part.write_text(json.dumps(history, indent=1))
    part.replace(folder / HISTORY)


def load(folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what `save` wrote."""
    state = torch.load(folder / NAME, map_location="cpu", weights_only=True)
    return state, json.loads((folder / HISTORY).read_text())
