"""Answered rows as CSV, NDJSON or an Excel workbook."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from api.batch.answers import MATCH_COLUMNS, Row
from api.batch.reading import csv_lines
from registry.errors import SourceIsUnreadable

NDJSON = (".ndjson", ".jsonl")
XLSX = ".xlsx"
MOST_IN_A_SHEET = 1_048_575

_JSON = json.JSONEncoder(ensure_ascii=False, default=str)

Write = Callable[[Sequence[Row]], bytes]


def form_of(name: str) -> str:
    """`ndjson`, `xlsx` or `csv`, by how a file's name ends; `.gz` aside."""
    suffixes = [one.lower() for one in Path(name).suffixes if one.lower() != ".gz"]
    last = suffixes[-1] if suffixes else ""
    if last in NDJSON:
        return "ndjson"
    return "xlsx" if last == XLSX else "csv"


def answer_columns(columns: Sequence[str], file: str) -> list[str]:
    """The columns of the answer.

    Raises:
        SourceIsUnreadable: the input has one of them already.
    """
    clash = sorted(set(columns) & set(MATCH_COLUMNS))
    if clash:
        raise SourceIsUnreadable(file, f"it has the column {clash[0]} already")
    return [*columns, *MATCH_COLUMNS]


def header(form: str, columns: Sequence[str]) -> bytes:
    """What the output begins with."""
    return _encoded(csv_lines([columns])) if form == "csv" else b""


def writer(form: str, columns: Sequence[str]) -> Write:
    """How rows become bytes."""
    if form != "csv":
        return _as_ndjson

    own = columns[: len(columns) - len(MATCH_COLUMNS)]

    def as_csv(rows: Sequence[Row]) -> bytes:
        return _encoded(
            csv_lines([*map(row.cells.get, own), *row.values, row.error] for row in rows)
        )

    return as_csv


def _as_ndjson(rows: Sequence[Row]) -> bytes:
    lines = (_JSON.encode(row.in_columns()) + "\n" for row in rows)
    return _encoded("".join(lines))


def _encoded(text: str) -> bytes:
    # JSON may hold half a character, which has no bytes.
    return text.encode("utf-8", errors="replace")


def as_workbook(lines: Path, columns: Sequence[str]) -> Path:
    """Turn a file of NDJSON into a workbook beside it, row by row.

    Raises:
        SourceIsUnreadable: a sheet cannot hold so many rows.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("match")
    sheet.append(list(columns))
    with lines.open(encoding="utf-8") as text:
        for number, line in enumerate(text, start=1):
            if number > MOST_IN_A_SHEET:
                raise SourceIsUnreadable(lines.name, "too many rows for a sheet: take CSV")
            row = json.loads(line)
            sheet.append([_plain(row.get(name)) for name in columns])
    made = lines.with_name(lines.name + ".xlsx")
    book.save(made)
    return made


def _plain(value: object) -> object:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, str):
        return ILLEGAL_CHARACTERS_RE.sub("", value)
    return value if value is None or isinstance(value, int | float) else str(value)
