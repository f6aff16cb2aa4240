"""Web server and worker as children of one process."""

import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from listening.serving import ServerFailed, is_answering, is_free, serve

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        chosen: int = probe.getsockname()[1]
    return chosen


def listener(port: int) -> list[str]:
    return [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]


def run(commands: dict[str, list[str]], port: int, tmp_path: Path, **more: int) -> None:
    def ready() -> None:
        assert is_answering(port)
        os.kill(os.getpid(), more.get("then", signal.SIGTERM))

    serve(commands, port=port, env=os.environ, cwd=str(tmp_path), on_ready=ready)


@pytest.mark.parametrize("then", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_all_when_it_is_told_to(port: int, tmp_path: Path, then: int) -> None:
    before = signal.getsignal(then)
    run({"web": listener(port), "worker": SLEEPER}, port, tmp_path, then=then)
    assert not is_answering(port)
    assert signal.getsignal(then) == before


def test_it_ends_all_when_one_ends_by_itself(port: int, tmp_path: Path) -> None:
    ends = [sys.executable, "-c", "raise SystemExit(3)"]
    with pytest.raises(ServerFailed, match=r"The worker ended by itself \(3\)"):
        run({"web": listener(port), "worker": ends}, port, tmp_path, then=0)
    assert not is_answering(port)


def test_it_knows_a_port_that_is_taken(port: int) -> None:
    assert is_free(port)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert not is_free(port)
