"""Settings come from the environment, strictly."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SHOW = "from listening.config import settings; print(settings.DATABASES['default'])"


def load_settings(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a fresh interpreter with only these variables set."""
    environment = {"PATH": os.environ["PATH"], "EARSHOT_DATA": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-c", SHOW],
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_fresh_clone_needs_nothing(tmp_path: Path) -> None:
    shown = load_settings(tmp_path)
    assert shown.returncode == 0
    assert "sqlite3" in shown.stdout
    assert "IMMEDIATE" in shown.stdout
    assert "journal_mode=WAL" in shown.stdout


def test_it_refuses_production_without_a_secret_key(tmp_path: Path) -> None:
    shown = load_settings(tmp_path, DEBUG="False")
    assert shown.returncode != 0
    assert "DEBUG is off: set SECRET_KEY" in shown.stderr


def test_it_runs_in_production_with_a_secret_key(tmp_path: Path) -> None:
    assert load_settings(tmp_path, DEBUG="False", SECRET_KEY="long").returncode == 0


@pytest.mark.parametrize("variable", ["DEBUG", "HTTPS"])
def test_a_truth_value_that_is_none_is_refused_by_name(
    tmp_path: Path, variable: str
) -> None:
    shown = load_settings(tmp_path, **{variable: "perhaps"})
    assert shown.returncode != 0
    assert variable in shown.stderr


def test_a_database_url_selects_postgresql(tmp_path: Path) -> None:
    shown = load_settings(tmp_path, DATABASE_URL="postgres://ada@db.example/earshot")
    assert "django.db.backends.postgresql" in shown.stdout
    assert "transaction_mode" not in shown.stdout
    assert "'isolation_level': 2" in shown.stdout
