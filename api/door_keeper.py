"""Keeping the doors at hand (`registry/search/doors_at_hand.py`) in step with the registry.

`python -m api.door_keeper HOME` writes an index of the database whose URL it reads: a large one is
written by a process of its own, so that answers are not kept waiting.
"""

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from fastapi.concurrency import run_in_threadpool
from psycopg import Error
from sqlalchemy import Engine, func, literal, select
from sqlalchemy.exc import SQLAlchemyError

from api import clock
from api.bulletin import Bulletin
from registry.addresses.tables import address
from registry.changes.store import ChangeStore
from registry.database import make_engine
from registry.search.finder import Finder

FOLDER = "index"
"""Under REGISTRY_HOME."""
FEW = 50_000
"""Addresses; so many are written in less time than a process takes to start."""
LOOK_UP_S = 30.0
AGAIN_S = 1.0
UNWRITABLE = (OSError, ValueError, subprocess.SubprocessError)
"""What is raised when an index cannot be written: the disk is full, a code is too long."""
log = logging.getLogger(__name__)


class DoorKeeper:
    """Brings the doors of a service up to each change, from the first question on."""

    def __init__(self, engine: Engine, finder: Finder, bulletin: Bulletin, url: str) -> None:
        self._engine = engine
        self._finder = finder
        self._bulletin = bulletin
        self._url = url
        self._wanted = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        self._writing: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._known = 0
        self._news = asyncio.Event()

    def open(self) -> None:
        """Begin; what lies on disk from an earlier start is taken up at once."""
        doors = self._finder.doors
        if doors is not None and doors.is_there():
            self._wanted.set()
        self._keeping = asyncio.create_task(self._keep())

    def want(self) -> None:
        """Somebody has asked for a door."""
        self._wanted.set()

    async def in_step_with(self, number: int) -> None:
        """Wait until the doors at hand are those known after a change, or a later one."""
        while self._known < number:
            await self._news.wait()

    async def close(self) -> None:
        """Stop."""
        self._closed = True
        if self._writing is not None:
            self._writing.terminate()
        if self._keeping is not None:
            self._keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeping

    async def _keep(self) -> None:
        await self._wanted.wait()
        while not self._closed and not self._bulletin.closed:
            try:
                reached = await run_in_threadpool(self._reached)
            except (SQLAlchemyError, Error):
                await asyncio.sleep(AGAIN_S)
                continue
            except UNWRITABLE as error:
                # Until it is cured, the database is asked.
                log.warning("doors are not kept at hand: %s", error)
                await asyncio.sleep(LOOK_UP_S)
                continue
            if reached is None:
                continue
            self._known = reached
            news, self._news = self._news, asyncio.Event()
            news.set()
            await self._bulletin.later_than(reached, timeout_s=LOOK_UP_S)

    def _reached(self) -> int | None:
        """Bring names and doors up to the latest change.

        Returns:
            Its number; None: an index had to be written, and is there now.
        """
        doors = self._finder.doors
        assert doors is not None
        with self._engine.connect() as connection:
            at = ChangeStore(connection).as_of(clock.today())
            if self._finder.keep_up(connection, at):
                return at.known
            some = select(literal(1)).select_from(address).limit(FEW + 1).subquery()
            many = (connection.scalar(select(func.count()).select_from(some)) or 0) > FEW
        with doors.to_be_written() as home:
            if home is not None and not self._closed:
                self._write(home, many=many)
        if home is None:
            # Another process writes it.
            time.sleep(AGAIN_S)
        return None

    def _write(self, home: Path, *, many: bool) -> None:
        if not many:
            write_here(self._engine, home)
            return
        command = [sys.executable, "-m", "api.door_keeper", str(home)]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as writing:
            self._writing = writing
            if self._closed:
                writing.terminate()
            # Not among the arguments: everybody on the machine may read those.
            writing.communicate(self._url.encode())
        self._writing = None
        if writing.returncode and not self._closed:
            raise subprocess.CalledProcessError(writing.returncode, command)


def write_here(engine: Engine, home: Path) -> None:
    """Write an index in this process."""
    # Its libraries are large, and most processes never write one.
    from registry.search.door_index_building import write_index

    write_index(engine, home)


def main() -> None:
    """Write an index, after everything else that wants the processor."""
    os.nice(10)
    # Who is told to end takes away what it has written so far.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    engine = make_engine(sys.stdin.read())
    write_here(engine, Path(sys.argv[1]))
    engine.dispose()


if __name__ == "__main__":
    main()
