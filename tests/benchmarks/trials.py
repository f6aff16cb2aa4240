"""How fast trials are under load, and whether anything is lost: 50 raters at once.

    uv run python -m tests.benchmarks.trials [--raters 50] [--sessions 100] [--json F]

Starts gunicorn on a temporary data folder, with SQLite or with the empty PostgreSQL
database that DATABASE_URL names (`uv run --extra postgresql`), lets locust's raters go
through whole sessions (every fifth answer is sent twice, as after a lost connection),
and compares what they were told with what the database holds. Django's own login page,
asked for in the same run, is the rival: a page that reads no row.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import django
import numpy as np
import soundfile
from locust import HttpUser, constant, task
from locust.env import Environment
from locust.exception import StopUser

TRIALS, TRAINING = 12, 2
CLIP_S = 5.0
NAMES = ("trial page", "audio", "answer", "rival: login page")
HTMX = {"HX-Request": "true"}


class Ledger:
    """What raters were told is saved, and how many sessions are still to begin."""

    def __init__(self, sessions: int) -> None:
        self.left = sessions
        self.saved: dict[tuple[str, int], int] = {}
        self.complete: set[str] = set()
        self.errors: list[str] = []
        self.repeated = 0  # requests that got no answer, and were sent again


class Rater(HttpUser):
    """Goes through whole sessions, one after another, until there are enough."""

    abstract = True
    ledger: Ledger
    link: str
    think_s: float
    numbers = count()

    def on_start(self) -> None:
        self.rng = np.random.default_rng(next(self.numbers))
        time.sleep(self.think_s * self.rng.random())  # people do not begin at once

    @task
    def session(self) -> None:
        if self.ledger.left <= 0:
            raise StopUser
        self.ledger.left -= 1
        self.client.cookies.clear()
        page = self.client.get(self.link, name="landing")
        page = self.post(page.text, self.link, {}, name="start")
        code = page.url.rstrip("/").split("/")[-2]
        base = f"/session/{code}/"
        page = self.post(page.text, base + "consent/", {"decision": "agree"}, name="")
        page = self.post(page.text, base + "sound-check/", {}, name="")
        for position in range(1, TRIALS + TRAINING + 1):
            page = self.trial(base, code, position, page.text)
            if page.status_code != 200:
                break
        if "HX-Redirect" not in page.headers:
            self.ledger.errors.append(f"{code} does not end: {page.status_code}")
        self.ledger.complete.add(code)

    def trial(self, base: str, code: str, position: int, html: str) -> Any:
        """Listen to the pair on the page and answer it; return what comes then."""
        self.client.get(base + "trial/", name="trial page")
        for token in re.findall(r'data-[ab]="(/audio/[^"]+)"', html):
            self.client.get(token, name="audio")
        self.client.get("/accounts/login/", name="rival: login page")
        # A rater thinks: without it, this would be a test of the network card
        time.sleep(self.think_s * (0.5 + self.rng.random()))
        value = int(self.rng.choice([-1, 1]))
        answer = {"position": position, "key": found(html, "key"), "value": value}
        url = base + "trial/"
        page = self.post(html, url, answer, name="answer", headers=HTMX)
        if page.status_code == 200:
            self.ledger.saved[code, position] = value
        if self.rng.random() < 0.2:
            page = self.post(html, url, answer, name="answer", headers=HTMX)
        return page

    def post(
        self, html: str, url: str, data: dict[str, Any], *, name: str, **more: Any
    ) -> Any:
        """Post as the page's outbox does: again with the same key until it is told."""
        data = {"csrfmiddlewaretoken": found(html, "csrfmiddlewaretoken")} | data
        name = name or "other steps"
        for wait_s in (0.5, 1, 2, 4, 8):
            page = self.client.post(url, data, name=name, **more)
            if 0 < page.status_code < 500:
                return page
            self.ledger.repeated += 1
            time.sleep(wait_s)  # what the outbox waits between attempts
        return page


def found(html: str, name: str) -> str:
    """Return the value of the hidden field `name`."""
    match = re.search(rf'name="{name}" value="([^"]*)"', html)
    return match[1] if match else ""


# The site


def make_site(raters: int) -> str:
    """Fill the data folder with a live study; return its link's path."""
    from django.core.management import call_command

    from stimuli.models import Stimulus
    from tests.scene import Scene

    call_command("migrate", verbosity=0)
    scene = Scene.build(
        mixtures_per_snr=6,
        trials_per_session=TRIALS,
        training_trials=TRAINING,
        rater_quota=100 * raters,
    )
    rng = np.random.default_rng(1)
    clip = 0.05 * rng.standard_normal(int(48_000 * CLIP_S))
    for stimulus in Stimulus.objects.all():
        soundfile.write(stimulus.path, clip, 48_000, subtype="PCM_16")
    return f"/r/{scene.study.code}/"


@contextmanager
def gunicorn(workers: int) -> Iterator[str]:
    """Serve the site as one would; give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "listening.config.wsgi"]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "error"]
    command += ["--workers", str(workers), "--threads", "4"]
    command += ["--preload", "--keep-alive", "30"]
    environment = os.environ | {"DEBUG": "False", "SECRET_KEY": "benchmark" * 8}
    server = subprocess.Popen(command, env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/accounts/login/")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_for(url: str, *, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            urlopen(url).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)  # gunicorn tells nobody when it listens


def load(
    address: str, link: str, ledger: Ledger, *, raters: int, think_s: float
) -> Any:
    """Let the raters loose until every session is done; return locust's statistics."""
    members = {
        "host": address,
        "ledger": ledger,
        "link": link,
        "think_s": think_s,
        "wait_time": constant(0),
        "abstract": False,
    }
    environment = Environment(user_classes=[type("Some", (Rater,), members)])
    runner = environment.create_local_runner()
    runner.start(raters, spawn_rate=raters)
    time.sleep(1)  # until the first are there: before, the count is zero too
    while runner.user_count > 0:
        time.sleep(0.2)  # lets the raters run: they are greenlets of this thread
    runner.quit()
    return environment.stats


# The verdict


def verify(ledger: Ledger) -> dict[str, Any]:
    """Compare what raters were told with what the database holds."""
    from django.db import connection

    from listening.models import Response, Session, Trial

    columns = ("trial__session__code", "trial__position", "value")
    held = {(c, p): v for c, p, v in Response.objects.values_list(*columns)}
    complete = Session.objects.complete()
    tests = Trial.objects.filter(session__in=complete, kind=Trial.Kind.TEST)
    cells = Counter(tests.values_list("comparison", "mixture__snr_db"))
    mixtures = Counter(tests.values_list("mixture", flat=True))
    sides = Counter(tests.values_list("session", "comparison", "enhanced_first"))
    return {
        "database": connection.vendor,
        "sessions": complete.count(),
        "answers": len(held),
        "lost": sum(key not in held for key in ledger.saved),
        "changed": sum(held.get(k, v) != v for k, v in ledger.saved.items()),
        "doubled": Response.objects.count() - len(held),
        "not told": len(held.keys() - ledger.saved.keys()),
        "sessions not complete": len(
            ledger.complete - set(complete.values_list("code", flat=True))
        ),
        "cells": [min(cells.values()), max(cells.values())],
        "mixtures": [min(mixtures.values()), max(mixtures.values())],
        "positions balanced": len(set(sides.values())) == 1,
        "repeated": ledger.repeated,
        "errors": ledger.errors,
    }


def table(stats: Any) -> list[dict[str, Any]]:
    """Return one row per kind of request, times in milliseconds."""
    rows = []
    for entry in sorted(stats.entries.values(), key=lambda e: str(e.name)):
        rows.append(
            {
                "request": entry.name,
                "count": entry.num_requests,
                "failures": entry.num_failures,
                "per_s": entry.num_requests
                / (stats.total.last_request_timestamp - stats.total.start_time),
            }
            | {
                f"p{share}_ms": entry.get_response_time_percentile(share / 100)
                for share in (50, 95, 99)
            }
        )
    return rows


def show(rows: list[dict[str, Any]], verdict: dict[str, Any]) -> None:
    print(f"{'request':20}{'count':>7}{'failed':>7}{'1/s':>8}", end="")
    print("".join(f"{name:>9}" for name in ("p50 ms", "p95 ms", "p99 ms")))
    for row in rows:
        print(f"{row['request']:20}{row['count']:7}{row['failures']:7}", end="")
        print(f"{row['per_s']:8.1f}", end="")
        print("".join(f"{row[f'p{share}_ms']:9.0f}" for share in (50, 95, 99)))
    median = {row["request"]: row["p50_ms"] for row in rows}
    rival = median["rival: login page"]
    for name in NAMES[:3]:
        print(f"{name}: {median[name] / rival:.1f} times the login page (p50)")
    for name, value in verdict.items():
        print(f"{name}: {value}")


def is_sound(verdict: dict[str, Any]) -> bool:
    """Return whether nothing was lost or doubled and exposure is balanced."""
    wrong = (
        "lost",
        "changed",
        "doubled",
        "not told",
        "sessions not complete",
        "errors",
    )
    cells = verdict["cells"][1] - verdict["cells"][0] <= 1
    balanced = cells and verdict["positions balanced"]
    return balanced and not any(verdict[name] for name in wrong)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--raters", type=int, default=50)
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--think", type=float, default=2.0, help="seconds per trial")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EARSHOT_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "listening.config.settings"
        django.setup()
        link = make_site(options.raters)
        ledger = Ledger(options.sessions)
        with gunicorn(options.workers) as address:
            stats = load(
                address, link, ledger, raters=options.raters, think_s=options.think
            )
        verdict, rows = verify(ledger), table(stats)
    show(rows, verdict)
    if options.json:
        told = {"options": vars(options) | {"json": None}, "requests": rows}
        options.json.write_text(json.dumps(told | {"verdict": verdict}, indent=1))
    return 0 if is_sound(verdict) else 1


if __name__ == "__main__":
    sys.exit(main())
