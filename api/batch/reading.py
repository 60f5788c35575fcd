"""Rows of CSV, NDJSON and Excel as they come, each with what is wrong with it; nothing is dropped."""

import codecs
import csv
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import IO, Any, BinaryIO, NamedTuple

from registry.errors import SourceIsUnreadable

LONGEST_LINE = 1 << 20
"""Bytes; a longer one is no row."""
MOST_COLUMNS = 1000
LINE = "line"
MOST_UNPACKED_BYTES = 1 << 30
"""Of a workbook; a sheet that is full to its last row holds some hundred megabytes."""
TORN = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError,
    SyntaxError, LookupError, ValueError, TypeError, RuntimeError,
)  # fmt: skip
"""What reading a workbook that is none raises: XML a `SyntaxError`, locked archives a `RuntimeError`."""


class InputRow(NamedTuple):
    """One row in its place: its cells, or what is wrong with it."""

    cells: Mapping[str, Any]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class InputTable:
    """Columns, when the format has a header, and rows as they are read."""

    columns: tuple[str, ...]
    rows: Iterator[InputRow]


def text_lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Lines of a byte stream: UTF-8 until a line is none, GB18030 from there on.

    A line feed is no part of any character in either, so lines are cut before they are decoded.
    """
    encoding = "utf-8"
    for place, raw in enumerate(_raw_lines(chunks)):
        line = raw.removeprefix(codecs.BOM_UTF8) if place == 0 else raw
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError:
            encoding = "gb18030"
            text = line.decode(encoding, errors="replace")
        yield text.replace("\0", "")


def _raw_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for chunk in chunks:
        held += chunk
        *whole, held = held.split(b"\n")
        for line in whole:
            yield line + b"\n"
        if len(held) > LONGEST_LINE:
            raise SourceIsUnreadable("input", f"a line is longer than {LONGEST_LINE} bytes")
    if held:
        yield held


def csv_table(lines: Iterator[str], name: str) -> InputTable:
    """A CSV with a header; a row of another width keeps its cells and says so.

    Raises:
        SourceIsUnreadable: there is no header, or a column twice.
    """
    reader = csv.reader(lines)
    header = next(_sound(reader), None)
    columns = tuple(header[0]) if header else ()
    if not columns or len(columns) > MOST_COLUMNS:
        raise SourceIsUnreadable(name, "the file is empty" if not columns else "too many columns")
    if len(set(columns)) < len(columns):
        raise SourceIsUnreadable(name, "two columns have the same name")

    def rows() -> Iterator[InputRow]:
        for cells, fault in _sound(reader):
            if not cells and fault is None:
                continue
            wrong = len(cells) != len(columns)
            width = f"{len(cells)} columns instead of {len(columns)}" if wrong else None
            yield InputRow(dict(zip(columns, cells, strict=False)), fault or width)

    return InputTable(columns, rows())


def _sound(reader: Iterator[list[str]]) -> Iterator[tuple[list[str], str | None]]:
    while True:
        try:
            yield next(reader), None
        except StopIteration:
            return
        except csv.Error as error:
            yield [], f"no CSV: {error}"


def ndjson_table(lines: Iterator[str]) -> InputTable:
    """Objects, one a line; a line that is none is kept as text and says so."""
    rows = (_object(line) for line in lines if line.strip())
    first = next(rows, None)
    return InputTable(tuple(first.cells) if first else (), chain([first] if first else [], rows))


def _object(line: str) -> InputRow:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return InputRow({LINE: line.strip()}, "no JSON")
    if not isinstance(found, dict):
        return InputRow({LINE: line.strip()}, "no JSON object")
    return InputRow(found)


def xlsx_table(file: IO[bytes] | BinaryIO, name: str) -> InputTable:
    """The first sheet of a workbook, read as a stream; the first row is the header.

    Raises:
        SourceIsUnreadable: it is no workbook, is torn further down, or has no header.
    """
    from openpyxl import load_workbook

    with _workbook(name):
        _refuse_bomb(file)
        book = load_workbook(file, read_only=True, data_only=True)
        sheet = book.worksheets[0].iter_rows(values_only=True)
        header = next(sheet, ())
    columns = tuple(_cell(one) or f"column{place}" for place, one in enumerate(header, start=1))
    if not columns or len(set(columns)) < len(columns) or len(columns) > MOST_COLUMNS:
        raise SourceIsUnreadable(name, "the first row is no header")

    def rows() -> Iterator[InputRow]:
        while True:
            with _workbook(name):
                cells = next(sheet, None)
            if cells is None:
                return
            if any(cell is not None for cell in cells):
                yield InputRow(dict(zip(columns, map(_cell, cells), strict=False)))

    return InputTable(columns, rows())


@contextmanager
def _workbook(name: str) -> Iterator[None]:
    """Call what is no workbook by its name, however the libraries stumble over it."""
    try:
        yield
    except TORN as error:
        raise SourceIsUnreadable(name, f"no Excel workbook: {error}") from error


def _refuse_bomb(file: IO[bytes] | BinaryIO) -> None:
    """Rows are read one by one, but the texts they share are held whole, however small packed."""
    with zipfile.ZipFile(file) as packed:
        unpacked = sum(one.file_size for one in packed.infolist())
    if unpacked > MOST_UNPACKED_BYTES:
        raise ValueError(f"it holds {unpacked} bytes, more than {MOST_UNPACKED_BYTES}")


def _cell(value: object) -> Any:
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return str(value)


def csv_lines(rows: Iterable[Iterable[Any]]) -> str:
    """Lines of CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
