"""A row of an archive as a row of ours: every column looked at, none left out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field, ForeignKey, Model, SlugField
from django.utils.timezone import is_naive

from listening.archive.manifest import BadArchive
from listening.archive.parts import Part, part_of

Numbers = Mapping[str, Mapping[int, int]]  # part -> number there -> number here


def built(part: Part, row: Mapping[str, Any], numbers: Numbers) -> Model:
    """Return the row as an unsaved one of ours, its references being to ours.

    Raises
    ------
    BadArchive
        Naming part, row and column, if it is none of ours.
    """
    where = f"{part.file}, row {str(row.get('id'))[:20]}"
    expected = {"id"} | {field.attname for field in part.fields}
    if odd := sorted(expected.symmetric_difference(row)):
        known = "lacks" if odd[0] in expected else "has"
        raise BadArchive(
            f"{where}: it {known} {odd[0][:40]}; another Earshot wrote it."
        )
    if type(row["id"]) is not int:
        raise BadArchive(f"{where}: its number is none.")
    values: dict[str, Any] = {}
    for field in part.fields:
        try:
            values[field.attname] = _value(field, row[field.attname], numbers)
        except (ValidationError, TypeError, ValueError, OverflowError):
            raise BadArchive(
                f"{where}, {field.attname}: {str(row[field.attname])[:40]!r} cannot be."
            ) from None
    return part.model(**values)


def _value(field: Field[Any, Any], told: Any, numbers: Numbers) -> Any:
    """Return what a column holds; raise ValidationError or ValueError if it cannot."""
    if told is None and field.null:
        return None
    if isinstance(field, ForeignKey):
        to = part_of(field)
        return numbers[to.name if to else ""].get(told) or _refuse(told)
    value = field.to_python(told)
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return _refuse(told)
    if isinstance(value, datetime) and is_naive(value):
        return _refuse(told)
    if field.choices and value not in dict(field.flatchoices):
        return _refuse(told)  # columns that no form edits are not asked by `clean`
    if isinstance(field, SlugField) and not field.unique:  # systems have dots in them
        return value if len(value) <= (field.max_length or 0) else _refuse(told)
    return value if value in ("", [], {}) else field.clean(value, None)


def _refuse(told: Any) -> Any:
    raise ValueError(f"{told!r} is no value")
