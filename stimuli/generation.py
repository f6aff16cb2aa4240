"""Generate a stimulus set: what the admin's buttons and the commands do.

`prepare` draws the rows; `enqueue` hands them to the workers, `render_waiting` renders
them here; `cancel` and `retry` do as they say; `resume_interrupted` mends what a killed
process left. All are safe with several processes at once.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from django.db import transaction
from django.utils.timezone import now

from stimuli import children, claims, files
from stimuli.models import Mixture, Stimulus, StimulusSet
from stimuli.preparing import CannotGenerate, prepare, problems
from stimuli.storing import render_next
from stimuli.tasks import enqueue_set

__all__ = [
    "CannotGenerate",
    "Progress",
    "cancel",
    "enqueue",
    "prepare",
    "problems",
    "progress",
    "render_waiting",
    "render_with",
    "resume_interrupted",
    "retry",
]

RECENT = 40  # stimuli over which the rate is taken
POLL_S = 0.5  # between two looks at the progress of other processes


@dataclass(frozen=True)
class Progress:
    """Counts of stimuli."""

    total: int
    done: int
    failed: int
    waiting: int
    rate_per_s: float | None  # None: too few to tell
    seconds_left: float | None


def enqueue(stimulus_set: StimulusSet) -> None:
    """Have the set rendered by the workers."""
    stimulus_set.queue()
    transaction.on_commit(partial(enqueue_set, stimulus_set.pk))


def render_waiting(
    stimulus_set: StimulusSet,
    *,
    on_progress: Callable[[Progress], None] | None = None,
) -> int:
    """Render here all that is waiting; return how many mixtures we rendered.

    With several processes each takes what it gets. What a killed one held is taken up.
    """
    rendered, me = 0, claims.owner()
    while stimulus_set.start():
        while render_next(stimulus_set, owner=me) is not None:
            rendered += 1
            if on_progress is not None:
                on_progress(progress(stimulus_set))
        if not claims.release_dead(stimulus_set):
            break  # what is still running is in living hands: they will settle the set
    return rendered


def render_with(
    stimulus_set: StimulusSet,
    *,
    jobs: int,
    on_progress: Callable[[Progress], None] | None = None,
) -> int:
    """Render all that is waiting with so many processes; return how many mixtures."""
    if jobs == 1:
        return render_waiting(stimulus_set, on_progress=on_progress)
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=children.begin
    ) as pool:
        parts = [pool.submit(_render_part, stimulus_set.pk) for _ in range(jobs)]
        while wait(parts, timeout=POLL_S).not_done:
            if on_progress is not None:
                on_progress(progress(stimulus_set))
        return sum(part.result() for part in parts)


def _render_part(stimulus_set_pk: int) -> int:
    """Render what we get of a set, in a process of our own."""
    return render_waiting(StimulusSet.objects.get(pk=stimulus_set_pk))


def cancel(stimulus_set: StimulusSet) -> bool:
    """Render no more of it; False if it was not being generated.

    What is rendered stays; what is being rendered at this moment is still finished.
    """
    with transaction.atomic():
        if not stimulus_set.stop():
            return False
        waiting = stimulus_set.mixtures.waiting()
        waiting.update(status=Mixture.Status.CANCELLED)
        Stimulus.objects.of_set(stimulus_set).waiting().filter(
            mixture__status=Mixture.Status.CANCELLED
        ).update(status=Stimulus.Status.CANCELLED)
    return True


def retry(stimulus_set: StimulusSet) -> int:
    """Put failed and cancelled mixtures back in line; return how many.

    A mixture is rendered again as a whole, because its members share a gain. One that
    is done is never touched. The set is queued; `enqueue` or `render_waiting` follows.
    """
    with transaction.atomic():
        if not stimulus_set.queue():
            return 0
        again = list(stimulus_set.mixtures.repeatable())
        stimuli = Stimulus.objects.filter(mixture__in=again)
        old = [stimulus.path for stimulus in stimuli.with_files()]
        stimuli.update(status=Stimulus.Status.WAITING, error="", file="", sha256="")
        pks = [mixture.pk for mixture in again]
        stimulus_set.mixtures.filter(pk__in=pks).update(status=Mixture.Status.WAITING)
        transaction.on_commit(lambda: files.remove_all(old) and None)
    return len(again)


def resume_interrupted() -> list[StimulusSet]:
    """Take up what killed processes left; return the sets that go on.

    1. Claims of dead processes are released, and what they had written is removed.
    2. Files that no row names are removed.
    3. Sets that are queued or running are handed to the workers again; tasks too many
       find nothing to do.
    """
    claims.release_dead()
    files.remove_orphans()
    State = StimulusSet.State
    going = list(StimulusSet.objects.filter(state__in=[State.QUEUED, State.RUNNING]))
    for stimulus_set in going:
        enqueue_set(stimulus_set.pk)
    return going


def progress(stimulus_set: StimulusSet) -> Progress:
    """Return how far the set is, and how fast it goes now."""
    stimuli = Stimulus.objects.of_set(stimulus_set)
    counts = stimuli.counts()
    rate = _rate(stimulus_set)
    waiting = counts["waiting"]
    return Progress(
        total=sum(counts.values()),
        done=counts["done"],
        failed=counts["failed"],
        waiting=waiting,
        rate_per_s=rate,
        seconds_left=waiting / rate if rate else None,
    )


def _rate(stimulus_set: StimulusSet) -> float | None:
    """Return stimuli per second over the latest; waiting for a worker is no work."""
    since = stimulus_set.queued_at
    if since is None:
        return None
    ended = Stimulus.objects.of_set(stimulus_set).filter(rendered_at__gte=since)
    latest = ended.order_by("-rendered_at").values_list("rendered_at", flat=True)
    times = [at for at in latest[:RECENT] if at is not None]
    if len(times) < 2:
        return None
    until = stimulus_set.finished_at or now()
    seconds = (until - times[-1]).total_seconds()
    return (len(times) - 1) / seconds if seconds > 0 else None
