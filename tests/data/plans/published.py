"""The editions as they were published, for comparison."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from data.editions.reader import EditionRow, read_edition
from data.history import BaselineRow
from registry.divisions.model import STATUTORY

SAMPLE = Path(__file__).parents[3] / "data" / "sample"
FILES = ("nbs_upper_levels.csv.gz", "nbs_townships_fujian.csv.gz", "nbs_villages_fujian.csv.gz")
XIAMEN = "3502"

Members = dict[str, tuple[str, str]]
"""Code -> published name, code of the parent."""


@cache
def rows_of(edition: str) -> tuple[EditionRow, ...]:
    """Every division of Fujian in an edition, parents first."""
    rows = (row for name in FILES for row in read_edition(SAMPLE / name, edition))
    return tuple(sorted((row for row in rows if row.is_division), key=lambda row: len(row.code)))


def members(rows: Iterable[EditionRow], length: int, within: str = "35") -> Members:
    """The units with codes of that length."""
    return {
        row.code: (row.published_name, row.code[: length - 3])
        for row in rows
        if len(row.code) == length and row.code.startswith(within)
    }


def as_baseline(rows: Iterable[EditionRow]) -> list[BaselineRow]:
    """An edition as a beginning; a county without its own line gets one."""
    found: dict[str, BaselineRow] = {}
    for row in rows:
        parent = {2: 0, 4: 2, 6: 4, 9: 6, 12: 9}[len(row.code)]
        found[row.code] = BaselineRow(
            key=row.code,
            parent_key=row.code[:parent],
            kind=str(row.kind),
            name=row.name,
            published_name=row.published_name,
            code=row.code,
            layer=STATUTORY,
            evidence="",
        )
    return list(found.values())
