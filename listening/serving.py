"""Web server and worker as children of one process that ends when either does."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

HOST = "127.0.0.1"
PATIENCE_S = 15.0  # for a child to come up, or to end what it is doing
LOOK_EVERY_S = 0.1


class ServerFailed(Exception):
    """A child ended by itself; the message says which."""


class Stopped(Exception):
    """Somebody asked us to end."""


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def is_answering(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def site(port: int) -> dict[str, list[str]]:
    """Return the command line of each process of the site by its name."""
    web = [sys.executable, "-m", "gunicorn", "listening.config.wsgi:application"]
    web += ["--bind", f"{HOST}:{port}", "--workers", "2", "--threads", "8"]
    web += ["--log-level", "warning", "--no-control-socket"]
    return {
        "web server": web,
        "worker": [sys.executable, "manage.py", "worker", "--verbosity", "0"],
    }


def environment(secret_key: str) -> dict[str, str]:
    """Return the settings of an installation that is not for development."""
    return {
        **os.environ,
        "DEBUG": "False",
        "SECRET_KEY": secret_key,
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
    }


def serve(
    commands: Mapping[str, list[str]],
    *,
    port: int,
    env: Mapping[str, str],
    cwd: str,
    on_ready: Callable[[], None],
) -> None:
    """Run `commands` (name to command line) until SIGINT or SIGTERM, then end them.

    `on_ready` is called once something answers at `port`. Raises ServerFailed if a
    child ends by itself.
    """
    children: dict[str, subprocess.Popen[bytes]] = {}
    with _stoppable():
        try:
            for name, command in commands.items():
                # In a session of its own: Ctrl-C reaches us, and we tell the children
                children[name] = subprocess.Popen(
                    command, env=env, cwd=cwd, start_new_session=True
                )
            _await(lambda: is_answering(port), children)
            on_ready()
            while True:
                _look_after(children)
                time.sleep(LOOK_EVERY_S)
        except Stopped:
            return
        finally:
            _end(children)


def _await(
    ready: Callable[[], bool], children: Mapping[str, subprocess.Popen[bytes]]
) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not ready():
        _look_after(children)
        if time.monotonic() > deadline:
            raise ServerFailed("The web server does not answer.")
        time.sleep(LOOK_EVERY_S)


def _look_after(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for name, child in children.items():
        if child.poll() is not None:
            raise ServerFailed(f"The {name} ended by itself ({child.returncode}).")


def _end(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """End the children politely, and after a while not."""
    for child in children.values():
        child.terminate()
    for child in children.values():
        try:
            child.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


@contextmanager
def _stoppable() -> Iterator[None]:
    """Turn the first SIGINT or SIGTERM into Stopped; ignore more while we end."""

    def stop(number: int, frame: FrameType | None) -> None:
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, signal.SIG_IGN)
        raise Stopped

    before = {
        number: signal.signal(number, stop)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
