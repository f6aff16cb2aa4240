"""A worker as a real process, for tests that kill it.

`python -m tests.stimuli.work make` makes a database, a corpus and a queued set in the
data folder; `work` runs the worker until nothing is left; `verify` proves the files.
With KILL_AT it dies by SIGKILL at the second mixture: while a system enhances, or when
the files are written and the rows are not.
"""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402

from enhancement.systems import SYSTEMS, Row  # noqa: E402
from enhancement.unprocessed import Unprocessed  # noqa: E402
from stimuli.generation import enqueue, prepare  # noqa: E402
from tests.stimuli.material import make_set  # noqa: E402


@dataclass(frozen=True, kw_only=True)
class Deadly(Unprocessed):
    """The unprocessed speech, which kills its process when it is told to."""

    def enhance(self, *args: Any, **options: Any) -> Any:
        die_the_second_time("enhance")
        return super().enhance(*args, **options)

    def __getattribute__(self, name: str) -> Any:
        if name == "weights_sha256":  # asked for when the files are written
            die_the_second_time("store")
        return super().__getattribute__(name)


def die_the_second_time(at: str) -> None:
    if os.environ.get("KILL_AT") == at:
        count = Path(settings.DATA_DIR) / "count"
        if count.exists():
            os.kill(os.getpid(), signal.SIGKILL)
        count.touch()


def make() -> None:
    call_command("migrate", verbosity=0)
    stimulus_set = make_set(systems=["unprocessed", "wiener", "deadly"])
    prepare(stimulus_set)
    enqueue(stimulus_set)


VERBS: dict[str, Callable[[], object]] = {
    "make": make,
    "work": lambda: call_command("worker", batch=True, verbosity=0),
    "verify": lambda: call_command("verify_stimuli", rerender=True),
}

if __name__ == "__main__":
    SYSTEMS["deadly"] = Row("Deadly", "test", "tests.stimuli.work:Deadly", "none")
    for verb in sys.argv[1:]:
        VERBS[verb]()
