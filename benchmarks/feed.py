"""The feed: pages, the log's stream, snapshots and a copy's catch-up, against a bare COPY out."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from psycopg import sql
from sqlalchemy import Connection, Engine, select

from api.remote import Remote
from api.replica.follow import Follower, Source
from api.replica.postgis import PostgisTarget
from api.work import works_on
from benchmarks.databases import Server
from benchmarks.measure import Measured, compared, seconds
from benchmarks.retype import AFTER
from registry.addresses.commands import change_number
from registry.addresses.tables import address_version
from registry.changes.model import Intent, Verb
from registry.changes.store import ChangeStore
from registry.changes.view import WHOLE
from registry.database import make_engine
from registry.tables import LOGGED_TABLES

NAME = "feed"
SMALL_WORKS = 500
PAGE = 100


def feed(server: Server, url: str, *, repeats: int) -> list[Measured]:
    """Everything the log holds, over the wire and into a copy; then many small changes."""
    engine = make_engine(url)
    first = _small_works(engine)
    with engine.connect() as connection:
        head = ChangeStore(connection).head()
    with _served(url) as base:
        whole = _measure(
            repeats,
            {
                "raw COPY of all rows TO STDOUT": partial(_raw_copy, engine, 0),
                "the whole log as lines": partial(_drain, f"{base}/v1/log/records?limit=1000"),
                "a snapshot, exact": partial(
                    _drain, f"{base}/v1/snapshot?change={head}&representation=exact&history=all"
                ),
            },
            "s for every row",
        )
        small = _measure(
            repeats,
            {
                f"raw COPY of the rows of {SMALL_WORKS} changes TO STDOUT": partial(
                    _raw_copy, engine, first
                ),
                f"{SMALL_WORKS} changes as lines": partial(
                    _drain, f"{base}/v1/log/records?after={first}&limit={SMALL_WORKS}"
                ),
                f"{SMALL_WORKS} changes as pages of {PAGE}": partial(_pages, base, first, head),
            },
            "s",
        )
        copies = _copies(server, engine, base, repeats, whole[0])
    engine.dispose()
    return [*whole, *small, *copies]


def _measure(repeats: int, ways: dict[str, partial[object]], unit: str) -> list[Measured]:
    times: dict[str, list[float]] = {what: [] for what in ways}
    for _round in range(repeats):
        for what, way in ways.items():
            times[what].append(seconds(way))
    found = [Measured(NAME, what, unit, tuple(values)) for what, values in times.items()]
    return [found[0], *(compared(one, found[0]) for one in found[1:])]


def _copies(
    server: Server, engine: Engine, base: str, repeats: int, limit: Measured
) -> list[Measured]:
    """A copy from nothing, every row checked; and one that is behind by the small works."""
    from_nothing: list[float] = []
    behind: list[float] = []
    bare: list[float] = []
    for _round in range(repeats):
        with server.database("copy") as url:
            from_nothing.append(seconds(partial(_catch_up, base, url)))
            first = _small_works(engine)
            behind.append(seconds(partial(_catch_up, base, url)))
            bare.append(seconds(partial(_raw_copy, engine, first)))
    whole = Measured(NAME, "a copy from nothing", "s for every row", tuple(from_nothing))
    raw = Measured(NAME, f"raw COPY of the rows of {SMALL_WORKS} changes", "s", tuple(bare))
    late = Measured(NAME, f"a copy {SMALL_WORKS} changes behind", "s", tuple(behind))
    rate = tuple(SMALL_WORKS / one for one in behind)
    return [
        compared(whole, limit),
        raw,
        compared(late, raw),
        Measured(NAME, "the same as a rate", "changes/s", rate),
    ]


def _catch_up(base: str, url: str) -> None:
    target = PostgisTarget(url)
    try:
        Follower(
            Source(Remote(base), WHOLE), target, trusted=[], progress=lambda *_what: None
        ).catch_up()
    finally:
        target.close()


def _small_works(engine: Engine) -> int:
    with engine.connect() as connection:
        first = ChangeStore(connection).head()
        doors = list(connection.scalars(select(address_version.c.address_id).limit(SMALL_WORKS)))
    for number, door in enumerate(doors, 1):
        with works_on(engine)(Intent("bench", Verb.CHANGE, "renumber")) as work:
            change_number(work, door, 9000 + number, on=AFTER)
    return first


def _raw_copy(engine: Engine, after: int) -> int:
    with engine.connect() as connection:
        return sum(_copied(connection, str(table.name), after) for table in LOGGED_TABLES)


def _copied(connection: Connection, table: str, after: int) -> int:
    raw = connection.connection.driver_connection
    assert raw is not None
    statement = sql.SQL("COPY (SELECT * FROM {} WHERE recorded_from > {}) TO STDOUT").format(
        sql.Identifier(table), sql.Literal(after)
    )
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        return sum(len(block) for block in copy)


def _drain(url: str) -> int:
    total = 0
    with urllib.request.urlopen(url, timeout=600) as answered:
        while block := answered.read(1 << 20):
            total += len(block)
    return total


def _pages(base: str, first: int, head: int) -> None:
    for after in range(first, head, PAGE):
        _drain(f"{base}/v1/changes?after={after}&limit={PAGE}")


@contextmanager
def _served(url: str) -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    program = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.serve", url, str(port), "service"],
        stdin=subprocess.PIPE,
    )
    try:
        base = f"http://127.0.0.1:{port}"
        for _try in range(200):
            try:
                _drain(f"{base}/healthz")
                break
            except OSError:
                time.sleep(0.1)
        yield base
    finally:
        program.communicate(timeout=30)
