"""What a table that leaves the house is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar


@dataclass(frozen=True)
class Column:
    name: str
    description: str
    get: Callable[[Any], object]


Source = TypeVar("Source")


@dataclass(frozen=True)
class Table(Generic[Source]):
    name: str
    description: str
    columns: tuple[Column, ...]
    rows: Callable[[Source], Iterable[Any]]
