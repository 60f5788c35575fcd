"""A registry in a cluster of its own, an act that is due in it, and ways to kill what carries it out."""

import contextlib
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Connection, Engine, create_engine, func, or_, select, text
from sqlalchemy.exc import DBAPIError

from api.clock import SHANGHAI
from api.cluster import Cluster
from api.worker import Worker
from registry.changes.store import ChangeStore
from registry.database import make_engine
from registry.log.audit import audit
from registry.log.digests import digests
from registry.log.record import TableDigest, read_record
from registry.log.store import LogStore
from registry.log.tables import log_entry
from registry.migrations import migrate
from registry.quality.run import run
from registry.restructuring import commands
from registry.restructuring.model import State
from registry.restructuring.store import RestructuringStore
from registry.tables import LOGGED_TABLES
from tests.drills.crowd import build

MIDNIGHT = datetime(2027, 1, 6, tzinfo=SHANGHAI)
TEMPLATE, VICTIM = "template_killed", "killed"
LATE = 0.1
"""The last part of an act, with its seal and its commit: every second blow falls there or after."""
GROWN = 4
"""Times its first size, from the rows of acts that were undone, a database is made anew."""


class Blow(StrEnum):
    """What is killed."""

    WORKER = "worker"
    BACKEND = "backend"
    """The database's process at work for it: PostgreSQL ends all others and recovers."""
    SERVER = "server"
    """Every process of the database: the next start recovers."""


@dataclass(frozen=True)
class Outcome:
    """What was found after a blow."""

    blow: Blow
    whole: bool
    """The act was there; else nothing of it was."""


def approved(engine: Engine, paper: dict[str, Any]) -> UUID:
    """A restructuring that only waits to be carried out."""
    with engine.connect() as connection:
        one = commands.create(connection, paper, author="甲").restructuring_id
        commands.submit(connection, one, who="甲")
        commands.approve(connection, one, who="乙")
        connection.commit()
    return one


def whole(engine: Engine) -> None:
    """The log verifies, and every invariant holds."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        assert audit(connection)[2] == []
        assert [(one.invariant, one.breaches) for one in run(connection) if one.count] == []


class Arena:
    """The registry that is killed again and again."""

    def __init__(self, cluster: Cluster, doors: int, paper: dict[str, Any]) -> None:
        self._cluster = cluster
        self._chance = random.Random(20270106)
        self.admin = create_engine(
            cluster.url("postgres"), isolation_level="AUTOCOMMIT", pool_pre_ping=True
        )
        self._execute(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
        self._execute(f"CREATE DATABASE {TEMPLATE}")
        migrate(cluster.url(TEMPLATE))
        engine = make_engine(cluster.url(TEMPLATE), pool_size=1)
        build(engine, doors)
        self._one = approved(engine, paper)
        with engine.connect() as connection:
            commands.schedule(connection, self._one, who="乙")
            connection.commit()
            self._head = ChangeStore(connection).head()
        engine.dispose()
        self._size = self._bytes(TEMPLATE)
        self._renew()
        began = time.monotonic()
        self._start().join()
        self.takes_s = time.monotonic() - began
        with self._connected() as connection:
            self._undisturbed = self._rows(connection)
            assert self._is_there(connection)
        self._renew()

    def __enter__(self) -> Self:
        """To be left with its connections closed."""
        return self

    def __exit__(self, *_why: object) -> None:
        self.admin.dispose()

    def strike(self, blow: Blow) -> Outcome:
        """Begin the act, kill at a random moment, and look what came of it."""
        worker, began = self._start(), time.monotonic()
        worker.join(timeout=self._moment_s())
        if not worker.is_alive():  # too late: it goes faster by now than was thought
            self.takes_s = (self.takes_s + time.monotonic() - began) / 2
        self._kill(blow, worker)
        worker.join()
        with self._connected() as connection:
            there = self._is_there(connection)
            if there:
                assert self._rows(connection) == self._undisturbed
            else:
                self._expect_nothing(connection)
        if there or self._bytes(VICTIM) > GROWN * self._size:
            self._renew()
        return Outcome(blow, there)

    def verify(self) -> None:
        """What the last blow left is sound, and the act can be carried out on it."""
        engine = make_engine(self._cluster.url(VICTIM), pool_size=1)
        whole(engine)
        Worker(self._cluster.url(VICTIM), lambda: MIDNIGHT).carry_out_due(engine)
        whole(engine)
        with engine.connect() as connection:
            assert self._is_there(connection)
        engine.dispose()
        self._renew()

    def _start(self) -> Any:
        worker = multiprocessing.get_context("fork").Process(
            target=_carry_out, args=(self._cluster.url(VICTIM),)
        )
        worker.start()
        return worker

    def _moment_s(self) -> float:
        first = self._chance.choice((0.0, 1 - LATE))
        return self.takes_s * self._chance.uniform(first, 1 + LATE)

    def _kill(self, blow: Blow, worker: Any) -> None:
        if blow is Blow.WORKER:
            worker.kill()
        elif blow is Blow.BACKEND:
            for pid in self._backends():
                _kill(pid)
        else:
            postmaster = int((self._cluster.files / "postmaster.pid").read_text().split()[0])
            os.kill(postmaster, signal.SIGSTOP)  # so that it starts nobody while they are counted
            children = [pid for pid in _processes() if _parent(pid) == postmaster]
            for pid in (postmaster, *children):
                _kill(pid)
            self._cluster.start()

    def _backends(self) -> list[int]:
        asked = text(
            "SELECT pid FROM pg_stat_activity WHERE datname = :name "
            "AND backend_type = 'client backend'"
        )
        with self.admin.connect() as connection:
            return list(connection.scalars(asked, {"name": VICTIM}))

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Connection]:
        """A look at the registry, once the dead one's transaction has been undone."""
        engine = make_engine(self._cluster.url(VICTIM), pool_size=1)
        try:
            while True:
                with contextlib.suppress(DBAPIError):
                    if not self._backends():
                        with engine.connect() as connection:
                            connection.execute(select(1))
                            break
                time.sleep(0.02)  # recovering, or still undoing
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def _is_there(self, connection: Connection) -> bool:
        state = RestructuringStore(connection).get(self._one).state
        assert state in (State.SCHEDULED, State.COMMITTED)
        done = state is State.COMMITTED
        assert ChangeStore(connection).head() == self._head + done
        assert LogStore(connection).size() == self._head + done
        return done

    def _rows(self, connection: Connection) -> dict[str, tuple[int, int]]:
        """What the act did to each table: as its record says, and as the rows themselves say."""
        number = self._head + 1
        record = connection.scalar(select(log_entry.c.record).where(log_entry.c.number == number))
        assert record is not None
        found: list[TableDigest] = digests(connection, number, number)[number]
        assert list(read_record(record).rows) == found
        assert LogStore(connection).leaf_agrees(number, record)
        return {one.table: (one.old, one.new) for one in found}

    def _expect_nothing(self, connection: Connection) -> None:
        for table in LOGGED_TABLES:
            touched = table.c.recorded_from > self._head
            if "recorded_to" in table.c:
                touched = or_(touched, table.c.recorded_to > self._head)
            count = connection.scalar(select(func.count()).select_from(table).where(touched))
            assert (table.name, count) == (table.name, 0)

    def _renew(self) -> None:
        self._execute(f"DROP DATABASE IF EXISTS {VICTIM} WITH (FORCE)")
        # Copying files instead of logging every page: a crash later recovers in no time.
        self._execute(f"CREATE DATABASE {VICTIM} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")

    def _execute(self, statement: str) -> None:
        with self.admin.connect() as connection:
            connection.execute(text(statement))

    def _bytes(self, name: str) -> int:
        with self.admin.connect() as connection:
            return int(connection.scalar(text("SELECT pg_database_size(:n)"), {"n": name}) or 0)


def tally(outcomes: list[Outcome]) -> str:
    """How often what was killed, and what was found."""
    found = Counter((one.blow, one.whole) for one in outcomes)
    return ", ".join(
        f"{blow}: {found[blow, True]} whole, {found[blow, False]} nothing" for blow in Blow
    )


def _carry_out(database_url: str) -> None:
    """What a worker does at midnight, in a process of its own."""
    with contextlib.suppress(DBAPIError):  # the database was killed under it
        engine = make_engine(database_url, pool_size=1)
        Worker(database_url, lambda: MIDNIGHT).carry_out_due(engine)
    os._exit(0)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _processes() -> list[int]:
    return [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0
