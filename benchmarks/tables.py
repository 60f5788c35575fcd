"""Rows a second of a table of addresses, and what each takes of the processor."""

import os
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from api.batch.columns import AddressColumns
from api.batch.reading import InputRow
from api.batch.workers import Order, answered_by_many
from api.batch.writing import answer_columns
from api.cli.geocode import BLOCK
from api.door_keeper import FOLDER
from benchmarks.measure import Measured
from registry.changes.period import AsOf

NAME = "geocoding"
PROCESSES = 2


def rows_of_a_table(
    url: str, home: Path, texts: Sequence[str], at: AsOf, repeats: int
) -> list[Measured]:
    """A table of addresses as `place-registry geocode` answers it, sitting down included.

    Args:
        home: where the folder of indexes lies.
    """
    order = Order(
        url, at, home / FOLDER, AddressColumns(("地址",)), "csv", answer_columns(["地址"], NAME)
    )
    rates, each_us = [], []
    for _round in range(repeats):
        rows = iter([InputRow({"地址": text}) for text in texts])
        blocks = iter(lambda rows=rows: list(islice(rows, BLOCK)), [])
        began, spent = time.perf_counter(), _spent_s()
        answered = sum(one.rows for one in answered_by_many(order, blocks, processes=PROCESSES))
        rates.append(answered / (time.perf_counter() - began))
        each_us.append((_spent_s() - spent) / answered * 1e6)
    return [
        Measured(NAME, f"rows of a table, {PROCESSES} processes", "1/s", tuple(rates)),
        Measured(NAME, "processor's time of such a row", "µs", tuple(each_us)),
    ]


def _spent_s() -> float:
    """Processor's time of this process and of those it has waited for."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
