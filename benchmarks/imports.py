"""Imports against a raw COPY of the same bytes into equally indexed tables.

The raw COPY writes what the import wrote, byte for byte, into a second database with the same
schema: same indexes, same exclusion and foreign keys, one transaction. The ratio is therefore
what reading, checking and preparing the rows costs on top of storing them.
"""

import csv
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
from psycopg import sql
from sqlalchemy import Engine, Table, make_url

from api.work import works_on
from benchmarks.databases import Server
from benchmarks.measure import Measured, compared, seconds
from benchmarks.town import CARRIERS_PER_VILLAGE, VILLAGES, load_empty_town, village_code
from data.address_files import COLUMNS, Known, carriers_in_force, load_address_file
from data.editions.loading import load_divisions, new_identities, registered_codes
from data.editions.reader import read_edition
from data.editions.tree import build_tree
from registry.changes.model import Intent, Verb
from registry.database import make_engine
from registry.tables import COLLECTIONS

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
EDITION = "2023-06-30"
FILES = ("nbs_upper_levels.csv.gz", f"nbs_townships_national_{EDITION}.csv.gz")
VALID = f"[{EDITION},)"
CODE_BITS = 50
Bytes = list[tuple[Table, bytes]]


def division_import(server: Server, repeats: int) -> list[Measured]:
    """The national edition: 41,352 townships and what lies above them."""
    return _compare(
        server,
        "import of the national division list",
        _import_divisions,
        tables=COLLECTIONS["divisions"],
        repeats=repeats,
    )


def address_import(server: Server, repeats: int, addresses: int, place: Path) -> list[Measured]:
    """A list of addresses in a file."""
    file = place / "addresses.csv"
    _write_list(file, addresses)
    return _compare(
        server,
        f"import of {addresses:,} addresses",
        lambda engine: _import_addresses(engine, file),
        tables=COLLECTIONS["addresses"],
        repeats=repeats,
        before=_town,
    )


def _compare(
    server: Server,
    name: str,
    action: Callable[[Engine], int],
    *,
    tables: Sequence[Table],
    repeats: int,
    before: Callable[[Engine], None] | None = None,
) -> list[Measured]:
    ours, raw, rows = [], [], 0.0
    with server.database("empty") as empty:
        if before is not None:
            engine = make_engine(empty)
            before(engine)
            engine.dispose()
        for _round in range(repeats):
            with server.database("ours", "empty") as url:
                engine = make_engine(url)
                ours.append(seconds(partial(action, engine)))
                held = _dump(url, tables)
                engine.dispose()
            rows = float(sum(content.count(b"\n") for _table, content in held))
            with server.database("raw", "empty") as url:
                raw.append(seconds(partial(_copy, url, held)))
    limit = Measured(name, "raw COPY of the same bytes", "s", tuple(raw))
    import_ = compared(Measured(name, "import", "s", tuple(ours)), limit)
    return [import_, limit, Measured(name, "rows written", "rows", (rows,))]


def _import_divisions(engine: Engine) -> int:
    rows = list(chain.from_iterable(read_edition(SAMPLE / name, EDITION) for name in FILES))
    with engine.connect() as connection:
        registered = registered_codes(connection)
    tree = build_tree(rows, registered)
    with works_on(engine)(Intent("bench", Verb.IMPORT, "edition")) as work:
        work.start()
        return load_divisions(
            work, tree.rows, valid=VALID, identify=new_identities(), registered=registered
        )


def _import_addresses(engine: Engine, file: Path) -> int:
    with engine.connect() as connection:
        known = Known(registered_codes(connection), carriers_in_force(connection))
    random = np.random.default_rng(1)
    with works_on(engine)(Intent("bench", Verb.IMPORT, "addresses")) as work:
        work.start()
        return load_address_file(
            work,
            file,
            known,
            valid="(,)",
            draw=lambda wanted: random.integers(0, 1 << CODE_BITS, wanted, dtype=np.uint64),
        )


def _town(engine: Engine) -> None:
    with works_on(engine)(Intent("bench", Verb.IMPORT, "town")) as work:
        load_empty_town(work)


def _write_list(file: Path, addresses: int) -> None:
    carriers = VILLAGES * CARRIERS_PER_VILLAGE
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        for place in range(addresses):
            street, number = place % carriers, place // carriers + 1
            position = (118.2 + street * 0.001, 24.6 + number * 0.0001)
            code = village_code(street % VILLAGES)
            writer.writerow((code, f"测试{street + 1}里", number, "", "", "", "", "", *position))


def _dump(url: str, tables: Sequence[Table]) -> Bytes:
    found: Bytes = []
    for table in tables:
        content = bytearray()
        raw = _raw(url)
        with raw.begin() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            statement = sql.SQL("COPY {} ({}) TO STDOUT").format(*_named(table))
            with driver.cursor() as cursor, cursor.copy(statement) as copy:
                for block in copy:
                    content += block
        raw.dispose()
        found.append((table, bytes(content)))
    return found


def _copy(url: str, held: Bytes) -> None:
    raw = _raw(url)
    with raw.begin() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        for table, content in held:
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(*_named(table))
            with driver.cursor() as cursor, cursor.copy(statement) as copy:
                copy.write(content)
    raw.dispose()


def _raw(url: str) -> Engine:
    return make_engine(make_url(url).render_as_string(hide_password=False))


def _named(table: Table) -> tuple[sql.Identifier, sql.Composed]:
    # The numbers of versions are the database's own, in the raw tables too.
    columns = [name for name in table.c.keys() if name != "version_id"]  # noqa: SIM118 -- a column collection
    return sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
