"""`place-registry geocode`: a file of addresses in, the same rows with their matches out."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from api import clock
from api.batch.columns import AddressColumns, guessed_columns, told_columns
from api.batch.journal import Journal
from api.batch.reading import InputRow, InputTable, csv_table, ndjson_table, xlsx_table
from api.batch.workers import Order, WrittenBlock, answered_by_many, answered_here
from api.batch.writing import answer_columns, as_workbook, form_of, header
from api.cli.session import open_database
from api.door_keeper import FOLDER
from api.settings import read_settings
from api.time_travel import parse_date
from data.editions.source import file_source, opened
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore

SAMPLED = 50
BLOCK = 2000
"""Rows that are handed out, and made sure of on disk, together."""
WORTH_PARTING_BYTES = 1 << 19
"""A smaller file is answered before several processes have sat down."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked of a file."""

    file: Path
    output: Path | None
    told: str | None
    at: AsOf
    processes: int
    doors: Path
    """Where indexes of doors are kept."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV, NDJSON or XLSX by its ending; default: screen, and then nothing can be resumed.",
)
@click.option(
    "--columns",
    "--column",
    "told",
    help="Columns of the address: 地址, or several to join, or county=区,carrier=路,number=门牌. "
    "Default: guessed.",
)
@click.option("--at", "at_text", help="Day the answers hold for, YYYY-MM-DD; default today.")
@click.option("--processes", default=os.cpu_count() or 1, show_default=True, help="At work.")
def geocode(
    file: Path, output: Path | None, told: str | None, at_text: str | None, processes: int
) -> None:
    """Find the address each row of FILE means (CSV, NDJSON, XLSX; UTF-8 or GB18030, detected).

    The rows come out in order, unchanged, with the columns match_* added: grade A certain,
    B safely repaired, C candidates; no grade when nothing was found, match_error when the row
    cannot be asked about. Killed at any moment and started again with the same words, it goes on
    where it was.
    """
    day = parse_date(at_text) if at_text else clock.today()
    with ExitStack() as stack:
        table = _table(file, stack)
        engine = open_database()
        with engine.connect() as connection:
            at = ChangeStore(connection).as_of(day)
        engine.dispose()
        url = engine.url.render_as_string(hide_password=False)
        doors = read_settings().home / FOLDER
        counted = _carry_out(Job(file, output, told, at, processes, doors), table, url)
    click.echo(", ".join(f"{grade} {count}" for grade, count in counted.items()), err=True)


def _table(file: Path, stack: ExitStack) -> InputTable:
    source = file_source(file)
    form = form_of(file.name)
    if form == "xlsx":
        return xlsx_table(stack.enter_context(source.open_bytes()), file.name)
    text = stack.enter_context(opened(source))
    return ndjson_table(iter(text)) if form == "ndjson" else csv_table(iter(text), file.name)


def _carry_out(job: Job, table: InputTable, url: str) -> dict[str, int]:
    sample = list(islice(table.rows, SAMPLED))
    columns = (
        told_columns(job.told, table.columns, job.file.name)
        if job.told
        else guessed_columns(table.columns, (row.cells for row in sample), job.file.name)
    )
    form = form_of(job.output.name if job.output else job.file.name)
    form = "csv" if form == "xlsx" and job.output is None else form
    shown = answer_columns(table.columns, job.file.name)
    rows = chain(sample, table.rows)
    if job.output is None:
        sys.stdout.buffer.write(header(form, shown))
        order = Order(url, job.at, job.doors, columns, form, shown)
        return _to_screen(job, rows, order)
    with Journal(job.output, _work(job, columns)) as journal:
        at = AsOf(job.at.valid_on, journal.work["known"])
        order = Order(url, at, job.doors, columns, form, shown)
        if journal.done.bytes == 0:
            journal.write(header(form, shown), 0)
        behind = journal.done.rows
        next(islice(rows, behind - 1, behind), None) if behind else None
        counted = _nothing()
        for block in _with_bar(_answers(job, rows, order), behind):
            journal.write(block.text, block.rows)
            _count(counted, block)
        journal.finish(as_workbook(journal.part, shown) if form == "xlsx" else None)
    return counted


def _to_screen(job: Job, rows: Iterator[InputRow], order: Order) -> dict[str, int]:
    counted = _nothing()
    for block in _with_bar(_answers(job, rows, order), 0):
        sys.stdout.buffer.write(block.text)
        _count(counted, block)
    sys.stdout.flush()
    return counted


def _answers(job: Job, rows: Iterator[InputRow], order: Order) -> Iterator[WrittenBlock]:
    blocks = iter(lambda: list(islice(rows, BLOCK)), [])
    alone = job.processes < 2 or job.file.stat().st_size < WORTH_PARTING_BYTES
    if alone:
        return answered_here(order, blocks)
    return answered_by_many(order, blocks, processes=job.processes)


def _with_bar(blocks: Iterator[WrittenBlock], behind: int) -> Iterator[WrittenBlock]:
    first = next(blocks, None)  # processes part before the bar starts a thread
    with tqdm(
        desc="geocode", unit=" rows", file=sys.stderr, mininterval=0.5, initial=behind
    ) as bar:
        for block in chain([first] if first else [], blocks):
            yield block
            bar.update(block.rows)


def _work(job: Job, columns: AddressColumns) -> dict[str, Any]:
    """What the answers rest on: whoever resumes must ask the same of the same file."""
    digest = sha256()
    with job.file.open("rb") as held:
        digest.update(held.read(1 << 20))
    return {
        "input": job.file.name,
        "bytes": job.file.stat().st_size,
        "sha256_of_first_mib": digest.hexdigest(),
        "columns": [list(columns.whole), [list(one) for one in columns.parts]],
        "at": f"{job.at.valid_on}",
        "known": job.at.known,
    }


def _nothing() -> dict[str, int]:
    return {"A": 0, "B": 0, "C": 0, "none": 0, "error": 0}


def _count(counted: dict[str, int], block: WrittenBlock) -> None:
    for grade, rows in block.grades.items():
        counted[grade] += rows
