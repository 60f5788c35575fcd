"""The number of the latest change, asked of the database once for all who wait for it."""

import asyncio
import contextlib
from collections import deque

from psycopg import AsyncConnection, OperationalError
from psycopg.pq import ExecStatus, Format
from sqlalchemy import select

from api.bulletin import Bulletin
from registry.changes.tables import registry_head
from registry.hot import OPTIONS, HotStatement, Row, conninfo_of

HEAD = HotStatement.of(select(registry_head.c.number))
PREPARED = b"head"
APART_S = 0.002
"""Between two questions, when they come as fast as that."""
FRESH_S = 0.1
"""How old a number may be while many ask; from half of it on the next one is on its way."""
MANY = 8
BUSY_S = 0.01
"""Many are so many within that time; fewer are told what is so when they ask."""
CROWD = 4
CROWDED_S = 1.0
"""Or so many who waited for one answer, within that time: where the database is slow to answer,
those who wait for it cannot ask as often."""


class Present:
    """Answers that need no database still have to know that nothing has changed.

    Whoever asks gets a number that was read after it asked, so an answer that shows it is as new as
    one from the database. Those who ask while a question is under way share the next one: the
    busier the service, the less each of them costs. The question is put to libpq itself, which takes
    a third of what a cursor takes.

    While hundreds ask every second, even that is more than an answer costs. Then a number serves
    all who come within a tenth of a second (`recent`), unless this process has written or
    heard of a change meanwhile.
    """

    def __init__(self, database_url: str, bulletin: Bulletin) -> None:
        self._conninfo = conninfo_of(database_url)
        self._bulletin = bulletin
        self._came: deque[float] = deque(maxlen=MANY)
        """When the last ones asked."""
        self._number = 0
        self._read_at = 0.0
        """When the question was put that `_number` answers."""
        self._written_at = 0.0
        self._waiting = 0
        self._crowded_until = 0.0
        self._connection: AsyncConnection[Row] | None = None
        self._told: asyncio.Future[int] | None = None
        """What the database is being asked."""
        self._next: asyncio.Future[int] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._asked_at = 0.0

    def recent(self) -> int | None:
        """The latest change of a moment ago; None: `number` must be asked.

        It is at most `FRESH_S` old, never older than what this process wrote, and only given while
        many ask: who asks alone is never told what another process has outdated.
        """
        now = asyncio.get_running_loop().time()
        self._came.append(now)
        many = len(self._came) == MANY and now - self._came[0] < BUSY_S
        if not many and now >= self._crowded_until:
            return None
        age_s = now - self._read_at
        if age_s > FRESH_S / 2 and self._asking is None:
            self._asked_for()
        outdated = self._read_at <= self._written_at or self._bulletin.head > self._number
        return None if outdated or age_s >= FRESH_S else self._number

    def written(self) -> None:
        """This process may have written a change: what was read before is of yesterday."""
        self._written_at = asyncio.get_running_loop().time()

    async def lately(self) -> int:
        """The latest change: of a moment ago while many ask (`recent`), else as it is now.

        Raises:
            OperationalError: the database cannot be reached.
        """
        recent = self.recent()
        return await self.number() if recent is None else recent

    async def number(self) -> int:
        """The latest change, as it is now.

        Raises:
            OperationalError: the database cannot be reached.
        """
        self._waiting += 1
        return await asyncio.shield(self._asked_for())

    def _asked_for(self) -> asyncio.Future[int]:
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
            # Who hangs up does not wait for it; then nobody may be left to hear of an error.
            self._next.add_done_callback(lambda told: told.cancelled() or told.exception())
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return self._next

    async def close(self) -> None:
        """Give the connection back."""
        if self._asking is not None:
            self._asking.cancel()
        await self._leave()

    async def _ask(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._next is not None:
                # When many ask, a moment's wait lets more of them share one question.
                wait_s = self._asked_at + APART_S - loop.time()
                if wait_s > 0:
                    await asyncio.sleep(wait_s)
                self._asked_at = loop.time()
                if self._waiting >= CROWD:
                    self._crowded_until = self._asked_at + CROWDED_S
                waited_for, self._next, self._waiting = self._next, None, 0
                try:
                    self._number = await self._read()
                    self._read_at = self._asked_at
                    waited_for.set_result(self._number)
                except OperationalError as error:
                    waited_for.set_exception(error)
                    await self._leave()
                finally:
                    waited_for.cancel()
        finally:
            self._asking = None

    async def _read(self) -> int:
        connection = self._connection or await self._reached()
        self._told = asyncio.get_running_loop().create_future()
        connection.pgconn.send_query_prepared(PREPARED, None, result_format=Format.BINARY)
        connection.pgconn.flush()
        return await self._told

    async def _reached(self) -> AsyncConnection[Row]:
        made: AsyncConnection[Row] = await AsyncConnection.connect(
            self._conninfo, autocommit=True, options=OPTIONS
        )
        made.pgconn.prepare(PREPARED, HEAD.text)
        asyncio.get_running_loop().add_reader(made.pgconn.socket, self._hear)
        self._connection = made
        return made

    def _hear(self) -> None:
        assert self._connection is not None
        libpq, told = self._connection.pgconn, self._told
        try:
            libpq.consume_input()
            if libpq.is_busy() or told is None or told.done():
                return
            number = None
            while (result := libpq.get_result()) is not None:
                if result.status == ExecStatus.TUPLES_OK:
                    number = result.get_value(0, 0)
            if number is None:
                raise OperationalError("the head cannot be read")
            told.set_result(int.from_bytes(number, "big"))
        except OperationalError as error:
            if told is not None and not told.done():
                told.set_exception(error)
            _deaf_to(self._connection)

    async def _leave(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            _deaf_to(connection)
            await connection.close()


def _deaf_to(connection: AsyncConnection[Row]) -> None:
    # A connection that was lost has no socket any more.
    with contextlib.suppress(OperationalError):
        asyncio.get_running_loop().remove_reader(connection.pgconn.socket)
