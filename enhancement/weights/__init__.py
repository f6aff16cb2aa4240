"""The bundled weights: read, and checked against the hashes in `SHA256SUMS`.

README.md beside this file says how each was made and from which recordings.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from enhancement.weights.safetensors import Tensors, WeightsError, parse

__all__ = ["Checked", "Tensors", "WeightsError", "checked"]

FOLDER = Path(__file__).parent
SUMS = "SHA256SUMS"  # lines "hash  name", as sha256sum writes and checks them


@dataclass(frozen=True)
class Checked:
    tensors: Tensors
    metadata: dict[str, str]
    sha256: str


def checked(name: str, folder: Path | None = None) -> Checked:
    """Read the weights file `name`, of those that are bundled.

    Raises
    ------
    WeightsError
        If it is missing, is not the file whose hash is written down, or is no
        safetensors file.
    """
    folder = folder or FOLDER
    path = folder / name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror})") from error
    found, wanted = hashlib.sha256(data).hexdigest(), _sums(folder).get(name)
    if found != wanted:
        raise WeightsError(
            f"{path}: its SHA-256 is {found[:16]}..., not {(wanted or 'known')[:16]}: "
            f"restore the file (see {SUMS})"
        )
    tensors, metadata = parse(data, name=str(path))
    return Checked(tensors, metadata, found)


def _sums(folder: Path) -> dict[str, str]:
    path = folder / SUMS
    lines = path.read_text().splitlines() if path.is_file() else []
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
