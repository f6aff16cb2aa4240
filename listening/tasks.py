"""What the worker does for studies."""

from django_tasks import task

from listening.computing import compute


@task()
def compute_results(pk: int) -> bool:
    """Compute the results that the row stands for; False if it no longer waits."""
    return compute(pk)
