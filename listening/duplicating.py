"""A study once more, as a draft: its design, and nothing of what happened in it."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.text import slugify

from listening.models import Comparison, Study

# What a study gets while it runs, by which it is known, or whose it is
NOT_DESIGN = frozenset(
    {
        *("id", "owner", "slug", "code", "title"),
        *("state", "created_at", "opened_at", "closed_at"),
        *("consent_version", "withdrawals"),
    }
)
LONGEST = Study._meta.get_field("slug").max_length or 50


@transaction.atomic
def duplicate(study: Study, *, owner: User) -> Study:
    """Return a draft of `owner` with the design of `study`.

    Raters, invitations, codes, addresses to go back to and closed cells stay behind.
    """
    design = {
        field.attname: field.value_from_object(study)
        for field in Study._meta.concrete_fields
        if field.name not in NOT_DESIGN
    }
    title = f"Copy of {study.title}"[: Study._meta.get_field("title").max_length]
    copy = Study.objects.create(
        owner=owner, title=title, slug=free_slug(study.slug), **design
    )
    Comparison.objects.bulk_create(
        Comparison(study=copy, system=one.system, reference=one.reference)
        for one in study.comparisons.all()
    )
    return copy


def free_slug(slug: str) -> str:
    """Return a name like `slug` that no study has."""
    stem = slugify(slug)[: LONGEST - len("-copy-999")]
    taken = set(
        Study.objects.filter(slug__startswith=stem).values_list("slug", flat=True)
    )
    names = (f"{stem}-copy-{number}" for number in range(2, len(taken) + 3))
    return next(name for name in (f"{stem}-copy", *names) if name not in taken)
