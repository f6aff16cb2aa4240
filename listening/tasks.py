"""What the worker does for studies."""

from django.utils.timezone import now
from django_tasks import task

from listening.computing import compute
from listening.invitations import send_waiting
from listening.models import Study


@task()
def compute_results(pk: int) -> bool:
    """Compute the results that the row stands for; False if it no longer waits."""
    return compute(pk)


@task()
def send_invitations(pk: int, site: str) -> int:
    """Send the invitations of the study that wait; `site` begins their links."""
    return send_waiting(Study.objects.get(pk=pk), site=site, at=now())
