"""The frozen design and its amendments in words."""

from __future__ import annotations

from datetime import datetime

from listening.analysis.design_versions import DesignVersion

SHOWN = 16  # of the 64 digits of a hash; all of them are in design.json

Versions = tuple[DesignVersion, ...]


def for_methods(versions: Versions) -> str:
    """Return what a methods section says of the design; there is at least one."""
    first, amendments = versions[0], versions[1:]
    frozen = (
        f"The design was frozen on {day(first.frozen_at)}, when the study opened "
        f"(SHA-256 {first.sha256[:SHOWN]}…)"
    )
    if not amendments:
        return f"{frozen}, and not changed afterwards."
    return f"{frozen}; {'; '.join(amendment(one) for one in amendments)}."


def cautions(versions: Versions) -> list[str]:
    """Say what a reader of results must know if the design was amended."""
    if len(versions) < 2:
        return []
    shares = ", ".join(
        f"{one.raters:,} under version {one.version}" for one in versions if one.raters
    )
    told = f"The design has {len(versions)} versions"
    told += f"; raters who finished: {shares}." if shares else "."
    late = [f"Version {one.version}: {amended(one)}." for one in versions[1:]]
    return [" ".join([told, *late])]


def amendment(one: DesignVersion) -> str:
    return (
        f"it was amended on {day(one.frozen_at)}, after {answers(one)} "
        f"({'; '.join(one.changed)})"
    )


def amended(one: DesignVersion) -> str:
    reason = one.reason.rstrip(".")
    return f"{'; '.join(one.changed)}, declared after {answers(one)} ({reason})"


def answers(one: DesignVersion) -> str:
    if not one.answers:
        return "no answers"
    return "1 answer" if one.answers == 1 else f"{one.answers:,} answers"


def day(moment: datetime) -> str:
    return f"{moment:%-d %B %Y}"
