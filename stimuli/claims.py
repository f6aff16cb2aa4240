"""Who renders a mixture: a process, named so that its death can be noticed.

A claim outlives the process that made it if that is killed. It is released when the
process is known to be dead (on this machine) or when it is too old to be true (on
another one).
"""

from __future__ import annotations

import os
import socket
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

from django.utils.timezone import now

from stimuli import files
from stimuli.models import Mixture, StimulusSet

LEASE = timedelta(minutes=10)  # a mixture takes seconds; a slow machine a minute


def owner() -> str:
    """Return the name of this process: machine, id, and when it started.

    The start tells it from a later process of the same id.
    """
    pid = os.getpid()
    return f"{socket.gethostname()}:{pid}:{started(pid)}"


def started(pid: int) -> str:
    """Return when a process started, in some unit; "" if there is none."""
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():  # not Linux
        told = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return told.stdout.strip().replace(" ", "-").replace(":", ".")
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] in "ZX" else fields[19]  # proc(5): state, starttime


def is_dead(claimed_by: str, claimed_at: datetime | None, *, at: datetime) -> bool:
    """Return whether nobody can still be rendering under this claim."""
    host, _, process = claimed_by.partition(":")
    if host == socket.gethostname():
        pid, _, start = process.partition(":")
        return not pid.isdecimal() or started(int(pid)) != start
    return claimed_at is None or at - claimed_at > LEASE


def release_dead(stimulus_set: StimulusSet | None = None) -> int:
    """Give back the mixtures whose process is dead; return how many.

    What the process had written of them is removed.
    """
    held = Mixture.objects.running()
    if stimulus_set is not None:
        held = held.filter(stimulus_set=stimulus_set)
    at, released = now(), 0
    for mixture in held:
        if is_dead(mixture.claimed_by, mixture.claimed_at, at=at):
            released += give_back(mixture)
    return released


def give_back(mixture: Mixture) -> bool:
    """Release one mixture and remove what was written of it; False if it was gone.

    The names of the files are read first: whoever claims it next gives new ones.
    """
    written = list(mixture.stimuli.with_files())
    if not mixture.release():
        return False
    for stimulus in written:
        files.remove(stimulus.path)
        mixture.stimuli.waiting().filter(file=stimulus.file).update(file="")
    return True
