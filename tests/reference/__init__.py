"""Expected values from elsewhere, as JSON that says where they come from."""

import json
from pathlib import Path
from typing import Any


def load(name: str) -> Any:
    return json.loads((Path(__file__).parent / f"{name}.json").read_text())
