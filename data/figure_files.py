"""Figures of divisions (统计数据) from a CSV list: checked whole before anything is written."""

import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from data.editions.source import csv_rows, file_source
from registry.divisions.figures import AREAS, BASES, COUNTS, DivisionFigures
from registry.errors import SourceIsUnreadable

REQUIRED = ("division_code", "counted_on", "basis", "source")
MONEY = ("revenue_yuan",)
OPTIONAL = (*COUNTS, *AREAS, *MONEY)


def read_figure_file(path: Path, divisions: Mapping[str, UUID]) -> dict[UUID, DivisionFigures]:
    """Read a list with a header: `division_code counted_on basis source` and any figures.

    Args:
        divisions: by statistical code.

    Raises:
        SourceIsUnreadable: wrong columns, an unknown code, a code twice, a figure that is none or
            is below nothing; file and line are named.
    """
    rows = csv_rows(file_source(path))
    _line, header = next(rows)
    names = tuple(name.strip().lstrip("\ufeff") for name in header)
    _check_header(path, names)
    found: dict[UUID, DivisionFigures] = {}
    for line, values in rows:
        where = f"line {line}"
        row = dict(zip(names, (value.strip() for value in values), strict=True))
        division_id = divisions.get(row["division_code"])
        if division_id is None:
            raise SourceIsUnreadable(
                path.name, f"{where}: no division bears the code {row['division_code']!r}"
            )
        if division_id in found:
            raise SourceIsUnreadable(path.name, f"{where}: {row['division_code']} comes twice")
        try:
            found[division_id] = _figures(row)
        except ValueError as error:
            raise SourceIsUnreadable(path.name, f"{where}: {error}") from error
    return found


def _check_header(path: Path, names: tuple[str, ...]) -> None:
    missing = [name for name in REQUIRED if name not in names]
    unknown = [name for name in names if name not in (*REQUIRED, *OPTIONAL)]
    if missing or unknown or len(set(names)) != len(names):
        raise SourceIsUnreadable(
            path.name,
            f"line 1: the columns are {', '.join(names)}; needed are {', '.join(REQUIRED)}, "
            f"allowed besides {', '.join(OPTIONAL)}",
        )


def _figures(row: Mapping[str, str]) -> DivisionFigures:
    if row["basis"] not in BASES:
        raise ValueError(f"basis {row['basis']!r} is none of {', '.join(BASES)}")
    if not row["source"]:
        raise ValueError("the source is missing")
    found: dict[str, Any] = {name: _whole(name, row.get(name, "")) for name in COUNTS}
    found |= {name: _number(name, row.get(name, "")) for name in (*AREAS, *MONEY)}
    if all(value is None for value in found.values()):
        raise ValueError("it has no figure")
    return DivisionFigures(
        counted_on=date.fromisoformat(row["counted_on"]),
        basis=row["basis"],
        source=row["source"],
        **found,
    )


def _whole(name: str, text: str) -> int | None:
    number = _number(name, text)
    if number is None:
        return None
    if number != int(number):
        raise ValueError(f"{name} {text!r} is not a whole number")
    return int(number)


def _number(name: str, text: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError as error:
        raise ValueError(f"{name} {text!r} is not a number") from error
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"{name} {text!r} is not a number from 0 up")
    return number
