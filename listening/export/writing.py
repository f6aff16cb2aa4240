"""Tables as CSV and Parquet, and their data dictionary."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import pandas as pd

from listening.export.table import Table

# What a spreadsheet would take for a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows_of(table: Table, objects: Iterable[object]) -> list[list[object]]:
    return [[plain(c.get(one)) for c in table.columns] for one in objects]


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return CSV whose text no spreadsheet runs: a formula gets a ' in front."""
    file = io.StringIO()
    writer = csv.writer(file)  # RFC 4180: lines end in CR LF, and either is quoted
    writer.writerow(header)
    writer.writerows([guarded(value) for value in row] for row in rows)
    return file.getvalue()


def as_parquet(header: Sequence[str], rows: list[list[object]]) -> bytes:
    file = io.BytesIO()
    pd.DataFrame(rows, columns=list(header)).to_parquet(file, index=False)
    return file.getvalue()


def plain(value: object) -> object:
    """Return what a table can hold: text, number, None; times in UTC, the rest JSON."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if value is None or isinstance(value, (str, int, float)):
        return value
    return json.dumps(value, sort_keys=True)


def guarded(value: object) -> object:
    return (
        f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
    )


def dictionary_rows(tables: Iterable[Table]) -> list[list[str]]:
    return [
        [f"{table.name}.csv", column.name, column.description]
        for table in tables
        for column in table.columns
    ]


def dictionary_as_markdown(tables: Iterable[Table]) -> str:
    parts = ["# Data dictionary\n"]
    for table in tables:
        parts.append(f"## {table.name}.csv\n\n{table.description}.\n")
        rows = "\n".join(f"| `{c.name}` | {c.description} |" for c in table.columns)
        parts.append(f"| column | meaning |\n| --- | --- |\n{rows}\n")
    return "\n".join(parts)
