"""What the worker does. A task does a little and then stands in line again.

So sets take turns, several workers share one set, and a worker that is asked to stop
stops soon.
"""

from django_tasks import task

from stimuli.claims import owner
from stimuli.models import StimulusSet
from stimuli.storing import render_next

MIXTURES_PER_TASK = 4
TASKS_PER_SET = 4  # so many workers may share a set


@task()
def render_some(stimulus_set_pk: int) -> int:
    """Render a few mixtures of a set; return how many."""
    stimulus_set = StimulusSet.objects.filter(pk=stimulus_set_pk).first()
    if stimulus_set is None or not stimulus_set.start():
        return 0  # deleted or cancelled meanwhile, or done by others
    me = owner()
    for rendered in range(MIXTURES_PER_TASK):
        if render_next(stimulus_set, owner=me) is None:
            return rendered
    render_some.enqueue(stimulus_set_pk)
    return MIXTURES_PER_TASK


def enqueue_set(stimulus_set_pk: int) -> None:
    """Put the set in the line of the workers."""
    for _ in range(TASKS_PER_SET):
        render_some.enqueue(stimulus_set_pk)
