"""Which versions of a study's design its answers were given under."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from listening import freezing
from listening.models import Study


@dataclass(frozen=True)
class DesignVersion:
    """A frozen design as the results tell of it; the first is no amendment."""

    version: int
    sha256: str
    frozen_at: datetime
    reason: str
    answers: int  # that had been given before it
    changed: tuple[str, ...]  # parts, in words
    raters: int  # whose session was drawn under it

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "frozen_at": self.frozen_at.isoformat(),
            "changed": list(self.changed),
        }


def design_versions(study: Study) -> tuple[DesignVersion, ...]:
    """Return every version of the frozen design of `study`, oldest first."""
    versions = freezing.history(study)
    if not versions:
        return ()
    sessions = study.sessions.for_results().complete()
    raters = Counter(sessions.values_list("design_version", flat=True))
    return tuple(
        DesignVersion(
            version=one.row.version,
            sha256=one.row.sha256,
            frozen_at=one.row.created_at,
            reason=one.row.reason,
            answers=one.row.answers,
            changed=tuple(change.part.label for change in one.changes),
            raters=raters[one.row.version],
        )
        for one in versions
    )
