"""A town of many doors becomes a subdistrict: rows, seconds, and what composed texts cost readers."""

import random
import time
from datetime import date
from functools import partial

import psycopg
from sqlalchemy import func, select

from api.work import works_on
from benchmarks.measure import Measured, compared, seconds
from benchmarks.town import UPPER, code_of
from registry.addresses.hot_reads import HotAddresses
from registry.addresses.model import Address
from registry.database import make_engine
from registry.hot import OPTIONS, Row, conninfo_of, run
from registry.restructuring.commands import commit_paper, intent_of
from registry.restructuring.paper import read_paper
from registry.tables import LOGGED_TABLES

NAME = "retype a town"
ON, AFTER = date(2021, 1, 6), date(2021, 6, 1)
PAPER = {
    "title": "撤销马巷镇，设立马巷街道",
    "effective_on": ON.isoformat(),
    "decree": {"authority": "福建省人民政府", "number": "闽政文〔2021〕3号"},
    "operations": [
        {
            "retype": {
                "division": UPPER[-1][0],
                "kind": "subdistrict",
                "name": "马巷街道",
                "code": "350213002",
            }
        }
    ],
}
READS = 2000
BATCH = 5000
STORED = "SELECT * FROM stored_text WHERE code = %s"


def retype_town(url: str, *, doors: int, repeats: int) -> list[Measured]:
    """Commit the act, then read doors composed and stored, and rewrite the stored texts."""
    engine = make_engine(url)
    number, took = 0, 0.0
    paper = read_paper(PAPER)

    def commit() -> None:
        nonlocal number
        with works_on(engine)(intent_of(paper, author="bench")) as work:
            commit_paper(work, paper)
            number = work.number

    took = seconds(commit)
    with engine.connect() as connection:
        rows = sum(
            connection.scalar(
                select(func.count()).select_from(table).where(table.c.recorded_from == number)
            )
            or 0
            for table in LOGGED_TABLES
        )
    engine.dispose()
    name = f"{NAME} of {doors:,} doors"
    written = Measured(name, "rows written", "rows", (float(rows),))
    act = Measured(name, "act committed", "s", (took,))
    return [written, act, *_reading(url, name, doors, repeats)]


def _reading(url: str, name: str, doors: int, repeats: int) -> list[Measured]:
    connection: psycopg.Connection[Row] = psycopg.connect(
        conninfo_of(url), autocommit=True, options=OPTIONS.replace("read_only=on", "read_only=off")
    )
    with connection:
        composed_texts = _stored_copy(connection, doors)
        composed, stored = [], []
        for seed in range(repeats):
            codes = random.Random(seed).choices(composed_texts, k=READS)
            composed.append(_milliseconds(connection, codes, composing=True))
            stored.append(_milliseconds(connection, codes, composing=False))
        rewritten = seconds(
            lambda: connection.execute(
                "UPDATE stored_text SET full_text = replace(full_text, '马巷街道', '马巷镇')"
            )
        )
    limit = Measured(name, "read of a stored text", "ms", tuple(stored))
    ours = compared(Measured(name, "read of a composed address", "ms", tuple(composed)), limit)
    alternative = Measured(name, "rewriting stored texts instead", "s", (rewritten,))
    return [ours, limit, alternative]


def _stored_copy(connection: psycopg.Connection[Row], doors: int) -> list[str]:
    """A table that stores the text of every address, with what an answer holds besides."""
    connection.execute(
        "CREATE TABLE stored_text (code text PRIMARY KEY, address_id uuid, full_text text,"
        " number int, stage text, lon float8, lat float8)"
    )
    codes = [code_of(place) for place in range(doors)]
    hot = HotAddresses(partial(run, connection))
    for start in range(0, doors, BATCH):
        found = hot.by_codes(codes[start : start + BATCH], AFTER, None).addresses
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY stored_text FROM STDIN") as copy,
        ):
            for one in found:
                copy.write_row(_stored_row(one))
    connection.execute("ANALYZE stored_text")
    return codes


def _stored_row(one: Address) -> Row:
    where = one.position
    assert where is not None
    return (
        one.code,
        one.address_id,
        one.text(),
        one.parts.number,
        str(one.stage),
        where.longitude_deg,
        where.latitude_deg,
    )


def _milliseconds(
    connection: psycopg.Connection[Row], codes: list[str], *, composing: bool
) -> float:
    """Of one read of one address, from the question to the text in hand."""
    hot = HotAddresses(partial(run, connection))
    began = time.perf_counter()
    for code in codes:
        if composing:
            hot.by_codes([code], AFTER, None).addresses[0].text()
        else:
            connection.execute(STORED, [code], prepare=True).fetchone()
    return (time.perf_counter() - began) / len(codes) * 1000
