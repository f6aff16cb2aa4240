"""Reading bundled weights: whole, of the right hash, or an error that says why."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors import numpy as published

from enhancement.training.configuration import from_dict, read
from enhancement.weights import FOLDER, Tensors, WeightsError, checked
from enhancement.weights.safetensors import parse, serialise

FILES = sorted(FOLDER.glob("*.safetensors"))
TENSORS: Tensors = {
    "a": np.arange(6, dtype=np.float32).reshape(2, 3),
    "b": np.array([-128, 127], np.int8),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = serialise(TENSORS, {"note": "a test"})
    (tmp_path / "net.safetensors").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{digest}  net.safetensors\n")
    return tmp_path


def test_it_reads_what_was_written(folder: Path) -> None:
    file = checked("net.safetensors", folder)
    for name, tensor in TENSORS.items():
        np.testing.assert_array_equal(file.tensors[name], tensor)
        assert file.tensors[name].dtype == tensor.dtype
    assert file.metadata == {"note": "a test"}


def test_the_format_is_that_of_the_published_package(folder: Path) -> None:
    theirs = published.load((folder / "net.safetensors").read_bytes())
    np.testing.assert_array_equal(theirs["a"], TENSORS["a"])
    ours, _ = parse(published.save(TENSORS), name="theirs")
    np.testing.assert_array_equal(ours["b"], TENSORS["b"])


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_published_file_was_made_with_the_configuration_beside_it(path: Path) -> None:
    _, metadata = parse(path.read_bytes(), name=path.name)
    stored = from_dict(json.loads(metadata["config"]))
    assert stored == read(path.with_suffix(".toml"))


def test_a_missing_file_is_named(folder: Path) -> None:
    with pytest.raises(WeightsError, match=r"none\.safetensors: cannot be read"):
        checked("none.safetensors", folder)


def test_a_changed_file_is_refused(folder: Path) -> None:
    path = folder / "net.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(WeightsError, match="SHA-256"):
        checked("net.safetensors", folder)


def test_a_file_without_a_known_hash_is_refused(folder: Path) -> None:
    (folder / "SHA256SUMS").unlink()
    with pytest.raises(WeightsError, match="not known"):
        checked("net.safetensors", folder)


@pytest.mark.parametrize("size", [0, 5, 40, -1])
def test_a_truncated_file_is_refused(folder: Path, size: int) -> None:
    data = (folder / "net.safetensors").read_bytes()[:size]
    with pytest.raises(WeightsError, match="not a whole safetensors file"):
        parse(data, name="net")
