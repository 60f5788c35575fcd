"""`place-registry geocode`: a file of addresses in, the same rows with their matches out."""

import csv
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import click
from sqlalchemy import Connection
from tqdm import tqdm

from api import clock
from api.cli.session import open_database
from api.time_travel import parse_date
from data.editions.source import csv_rows, file_source, opened
from data.nation import national_names
from geo.geocode.normalise import LONGEST_TEXT
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.errors import SourceIsUnreadable
from registry.hot import HotReads
from registry.search.finder import Finder, Found
from registry.search.gazetteers import Gazetteers

TEXT_COLUMNS = ("address", "q", "text", "地址", "标准地址")
MATCH_COLUMNS = (
    "match_grade",
    "match_score",
    "match_code",
    "match_text",
    "match_status",
    "match_lon",
    "match_lat",
    "match_accuracy_m",
    "match_via",
    "match_candidates",
)
ASKED = 5
NDJSON = (".ndjson", ".jsonl")

Row = dict[str, Any]
Ask = Callable[[str], Sequence[Found]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a file as they are read, and its columns when it is a CSV."""

    columns: list[str]
    rows: Iterator[Row]


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Default: screen.")
@click.option("--column", help=f"Column with the address; default: {', '.join(TEXT_COLUMNS)}.")
@click.option("--at", "at_text", help="Day the answers hold for, YYYY-MM-DD; default today.")
def geocode(file: Path, output: Path | None, column: str | None, at_text: str | None) -> None:
    """Find the address each row of FILE means (CSV or NDJSON; UTF-8 or GB18030, detected).

    The rows come out in order, unchanged, with the columns match_* added: grade A certain,
    B safely repaired, C candidates; no grade when nothing was found.
    """
    day = parse_date(at_text) if at_text else clock.today()
    table = _ndjson(file) if file.suffix in NDJSON else _csv(file)
    asked = _column(file, table, column)
    engine = open_database()
    hot = HotReads(engine.url.render_as_string(hide_password=False))
    hot.open()
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        stack.callback(hot.close)
        connection = stack.enter_context(engine.connect())
        at = ChangeStore(connection).as_of(day)
        out: IO[str] = (
            stack.enter_context(output.open("w", encoding="utf-8", newline=""))
            if output
            else sys.stdout
        )
        ask = _asking(Finder(hot.rows, Gazetteers(national_names())), connection, at)
        write = _writer(file, table, out)
        counted = _run(table, asked, ask, write)
    click.echo(", ".join(f"{grade} {count}" for grade, count in counted.items()), err=True)


def _run(table: Table, asked: str | None, ask: Ask, write: Callable[[Row], None]) -> dict[str, int]:
    counted = {"A": 0, "B": 0, "C": 0, "none": 0}
    for row in tqdm(table.rows, desc="geocode", unit=" rows", file=sys.stderr, mininterval=0.5):
        text = str(row.get(asked or _key(row)) or "")
        found = ask(text) if text.strip() and len(text) <= LONGEST_TEXT else []
        counted[found[0].match.grade if found else "none"] += 1
        write({**row, **match_columns(found)})
    return counted


def match_columns(found: Sequence[Found]) -> Row:
    """What is added to a row: the best match; for candidates, the codes of all of them."""
    if not found:
        return dict.fromkeys(MATCH_COLUMNS)
    best, where = found[0], found[0].address.position
    values = (
        best.match.grade,
        round(best.match.score, 3),
        best.address.code,
        best.address.text(),
        str(best.address.stage),
        None if where is None else where.longitude_deg,
        None if where is None else where.latitude_deg,
        None if where is None else where.accuracy_m,
        "; ".join(_via_lines(best)) or None,
        " ".join(one.address.code for one in found) if best.match.grade == "C" else None,
    )
    return dict(zip(MATCH_COLUMNS, values, strict=True))


def _via_lines(found: Found) -> Iterator[str]:
    for via in found.match.via:
        act = None if via.change is None else found.acts.get(via.change)
        decree = None if act is None or act.decree is None else act.decree.number
        words = (via.text, "→", via.now, via.ended_on, decree)
        yield " ".join(str(word) for word in words if word is not None)


def _asking(finder: Finder, connection: Connection, at: AsOf) -> Ask:
    return lambda text: finder.by_text(connection, text, at, limit=ASKED)


def _writer(file: Path, table: Table, out: IO[str]) -> Callable[[Row], None]:
    if file.suffix in NDJSON:
        return lambda row: print(json.dumps(row, ensure_ascii=False), file=out)
    writer = csv.DictWriter(out, [*table.columns, *MATCH_COLUMNS], lineterminator="\n")
    writer.writeheader()
    return lambda row: writer.writerow(row) and None


def _csv(file: Path) -> Table:
    lines = csv_rows(file_source(file))
    _line, columns = next(lines)
    clash = sorted(set(columns) & set(MATCH_COLUMNS))
    if clash:
        raise SourceIsUnreadable(file.name, f"it has the column {clash[0]} already")
    return Table(columns, (dict(zip(columns, row, strict=True)) for _number, row in lines))


def _ndjson(file: Path) -> Table:
    def rows() -> Iterator[Row]:
        with opened(file_source(file)) as text:
            for number, line in enumerate(text, start=1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise SourceIsUnreadable(file.name, f"line {number} is not JSON") from error
                if not isinstance(row, dict):
                    raise SourceIsUnreadable(file.name, f"line {number} is not an object")
                yield row

    return Table([], rows())


def _column(file: Path, table: Table, given: str | None) -> str | None:
    """The column asked for, or the first that looks right; None for NDJSON: row by row."""
    if file.suffix in NDJSON:
        return given
    wanted = (given,) if given else TEXT_COLUMNS
    found = next((name for name in wanted if name in table.columns), None)
    if found is None:
        had = ", ".join(table.columns)
        raise SourceIsUnreadable(file.name, f"no column {' or '.join(wanted)}; it has {had}")
    return found


def _key(row: Mapping[str, Any]) -> str:
    return next((name for name in TEXT_COLUMNS if name in row), TEXT_COLUMNS[0])
