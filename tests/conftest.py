"""Fixtures for all tests. No test writes below the data folder of the installation."""

from pathlib import Path

import pytest
from django.db import connection

from tests.scene import Scene


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Test on a database file where SQLite is used, as the site itself does.

    A database in memory has locks of another kind: threads of the live server and of
    the test would run into errors that no installation ever sees.
    """
    if connection.vendor == "sqlite":
        name = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(name)


@pytest.fixture(autouse=True)
def media(settings: object, tmp_path: Path) -> Path:
    """Put everything that the test writes under its own folder."""
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    return tmp_path / "media"


@pytest.fixture(autouse=True)
def quick_passwords(settings: object) -> None:
    """Hash passwords quickly: half of the time of most tests went there."""
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.PASSWORD_HASHERS = quick  # type: ignore[attr-defined]


@pytest.fixture
def scene(db: None, quick_passwords: None) -> Scene:
    """Ada owns a live study; Eve owns nothing of it; Rosa rates."""
    return Scene.build()
