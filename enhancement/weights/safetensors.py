"""Read and write the safetensors format: a header of JSON, then the numbers.

8 bytes, little-endian, say how long the header is; it maps the name of each tensor to
its type, shape and place in the bytes behind the header, and `__metadata__` to a
mapping of strings (https://huggingface.co/docs/safetensors, "Format"). We read the
types that NumPy has, and nothing that leaves gaps, overlaps or reaches beyond the end.
"""

import json
import struct
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[Any]]

TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "<i1",
    "U8": "<u1",
}
NAMES = {np.dtype(kind): name for name, kind in TYPES.items()}


class WeightsError(ValueError):
    """A file of weights that cannot be used; says which and why."""


def parse(data: bytes, *, name: str) -> tuple[Tensors, dict[str, str]]:
    """Return the tensors of a file and its metadata; `name` is for errors."""
    try:
        (length,) = struct.unpack("<Q", data[:8])
        header = json.loads(data[8 : 8 + length])
        metadata = header.pop("__metadata__", {})
        body = data[8 + length :]
        _check_places([row["data_offsets"] for row in header.values()], len(body))
        tensors = {key: _tensor(body, **row) for key, row in header.items()}
    except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(
            f"{name}: not a whole safetensors file ({error}); copy it again"
        ) from error
    return tensors, metadata


def serialise(tensors: Tensors, metadata: dict[str, str]) -> bytes:
    """Return the bytes of a file; `parse` gives back the same."""
    header: dict[str, Any] = {"__metadata__": metadata}
    parts: list[bytes] = []
    end = 0
    for name, tensor in tensors.items():
        part = np.ascontiguousarray(tensor).tobytes()
        header[name] = {
            "dtype": NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [end, end + len(part)],
        }
        parts.append(part)
        end += len(part)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # so that numbers begin on a multiple of 8
    return struct.pack("<Q", len(text)) + text + b"".join(parts)


def _check_places(places: list[list[int]], size: int) -> None:
    places = sorted(places)
    edges = [[0, 0], *places, [size, size]]
    if any(a[1] != b[0] for a, b in pairwise(edges)):
        raise ValueError(f"tensors do not fill its {size} bytes")


def _tensor(
    body: bytes, *, dtype: str, shape: list[int], data_offsets: list[int]
) -> NDArray[Any]:
    start, end = data_offsets
    kind = np.dtype(TYPES[dtype])
    if end - start != kind.itemsize * prod(shape):
        raise ValueError(f"{end - start} bytes cannot be {dtype} of shape {shape}")
    return (
        np.frombuffer(body[start:end], kind)
        .reshape(shape)
        .astype(kind.newbyteorder("="))
    )
