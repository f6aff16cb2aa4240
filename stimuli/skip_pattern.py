"""Where a network that skips frames ran: what the experimenter is shown of a stimulus.

The pattern is a text of one character a frame, 1 where the network ran, else 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

HEIGHT = 10  # of the drawing, whose width is one a frame
LABELS = 5  # along the axis of time


@dataclass(frozen=True)
class Second:
    """How often the network ran within one second."""

    start_s: int
    ran: int
    frames: int


@dataclass(frozen=True)
class SkipPattern:
    pattern: str
    hop_s: float
    operations: int  # of a frame in which the network runs

    @property
    def frames(self) -> int:
        return len(self.pattern)

    @property
    def ran(self) -> int:
        return self.pattern.count("1")

    @property
    def percent(self) -> float:
        return 100 * self.ran / self.frames

    @property
    def operations_m(self) -> float:
        """Million operations of a frame in which the network runs."""
        return self.operations / 1e6

    @property
    def average_operations_m(self) -> float:
        return self.operations_m * self.ran / self.frames

    @property
    def longest_pause(self) -> int:
        """Frames that were skipped in a row, at most."""
        runs = (len(list(run)) for kind, run in groupby(self.pattern) if kind == "0")
        return max(runs, default=0)

    @property
    def longest_pause_ms(self) -> float:
        return 1000 * self.longest_pause * self.hop_s

    @property
    def path(self) -> str:
        """Return the path of an SVG: a bar over every run of frames with an update."""
        bars, x = [], 0
        for kind, run in groupby(self.pattern):
            length = len(list(run))
            if kind == "1":
                bars.append(f"M{x} 0h{length}v{HEIGHT}h-{length}z")
            x += length
        return "".join(bars)

    @property
    def labels(self) -> list[str]:
        """Return times along the axis, from its beginning to its end."""
        last_s = self.frames * self.hop_s
        return [f"{last_s * i / (LABELS - 1):.1f} s" for i in range(LABELS)]

    @property
    def seconds(self) -> list[Second]:
        """Return the counts of each second; a frame counts where it begins."""
        starts = [int(i * self.hop_s) for i in range(self.frames)]
        by_second = groupby(zip(starts, self.pattern, strict=True), key=lambda p: p[0])
        found = [(start, [kind for _, kind in pairs]) for start, pairs in by_second]
        return [Second(start, kinds.count("1"), len(kinds)) for start, kinds in found]
