"""Fixtures for all tests. No test writes below the data folder of the installation."""

from pathlib import Path

import pytest

from tests.scene import Scene


@pytest.fixture(autouse=True)
def media(settings: object, tmp_path: Path) -> Path:
    """Put everything that the test writes under its own folder."""
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    return tmp_path / "media"


@pytest.fixture
def scene(db: None) -> Scene:
    """Ada owns a live study; Eve owns nothing of it; Rosa rates."""
    return Scene.build()
