"""Real processes on a real database: killed, started again, several at once."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def run(data: Path, *command: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ
        | {
            "EARSHOT_DATA": str(data),
            "DATABASE_URL": f"sqlite:///{data}/db.sqlite3",
            "DJANGO_SETTINGS_MODULE": "listening.config.settings",
        }
        | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def work(data: Path, *verbs: str, **environment: str) -> subprocess.CompletedProcess:
    return run(data, "-m", "tests.stimuli.work", *verbs, **environment)


def ask(data: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(data / "db.sqlite3") as database:
        return database.execute(sql).fetchall()


def sounds(data: Path) -> list[str]:
    folder = data / "media" / "stimuli"
    return sorted(str(p.relative_to(data / "media")) for p in folder.rglob("*.*"))


@pytest.mark.parametrize("at", ["enhance", "store"])
def test_a_killed_worker_started_again_finishes_the_job(
    tmp_path: Path, at: str
) -> None:
    killed = work(tmp_path, "make", "work", KILL_AT=at)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    states = ask(tmp_path, "SELECT status FROM stimuli_mixture")
    assert sorted(states) == [("done",), ("running",), ("waiting",), ("waiting",)]
    assert len(sounds(tmp_path)) == (3 if at == "enhance" else 6)

    again = work(tmp_path, "work", "verify")
    assert again.returncode == 0, again.stderr
    assert ask(tmp_path, "SELECT state FROM stimuli_stimulusset") == [("done",)]
    named = ask(tmp_path, "SELECT file FROM stimuli_stimulus WHERE status = 'done'")
    assert len(named) == 4 * 3
    assert sounds(tmp_path) == sorted(str(file) for (file,) in named)


def test_several_processes_share_a_set(tmp_path: Path) -> None:
    assert work(tmp_path, "make").returncode == 0
    systems = json.dumps(["unprocessed", "wiener"])
    ask(tmp_path, f"UPDATE stimuli_stimulusset SET systems = '{systems}'")
    generated = run(tmp_path, "manage.py", "generate", "small", "--jobs", "3")
    assert generated.returncode == 0, generated.stderr
    assert "8 of 8 stimuli are rendered" in generated.stdout
    verified = run(tmp_path, "manage.py", "verify_stimuli", "small")
    assert verified.returncode == 0, verified.stdout
    assert len(sounds(tmp_path)) == 8
