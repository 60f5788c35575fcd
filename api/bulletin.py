"""The bulletin: who waits for the next change hears of it the moment it is committed.

PostgreSQL tells every process at commit; one connection a process listens. A notice may be lost
with its connection, so the head is also looked up every second: a waiter is late then, never lost.
Waiters read the changes themselves, by number; nothing is handed out here but the number.
"""

import asyncio
import contextlib
import logging

from psycopg import AsyncConnection, Error, sql

from registry.hot import conninfo_of
from registry.log.sealing import CHANNEL

LOOK_UP_S = 1.0
AGAIN_S = 1.0
log = logging.getLogger(__name__)


class Bulletin:
    """The number of the latest change, and a way to wait for a later one."""

    def __init__(self, database_url: str) -> None:
        self._conninfo = conninfo_of(database_url)
        self._head = 0
        self._news: asyncio.Event = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None
        self._closed = False

    async def open(self) -> None:
        """Begin to listen."""
        self._listening = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Stop; everybody who waits is woken and told no more."""
        self._closed = True
        self._news.set()
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening

    def end_soon(self) -> None:
        """Let every reader go; may be called from a signal's handler."""
        self._closed = True
        if self._listening is not None:
            self._listening.get_loop().call_soon_threadsafe(self._news.set)

    @property
    def head(self) -> int:
        """The latest change heard of."""
        return self._head

    @property
    def closed(self) -> bool:
        """Whether the process is going down."""
        return self._closed

    async def later_than(self, number: int, *, timeout_s: float) -> int:
        """The head, once it lies beyond a number, or when the time is up."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        while self._head <= number and not self._closed:
            news = self._news
            rest = until - loop.time()
            if rest <= 0:
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), rest)
        return self._head

    async def _listen(self) -> None:
        while True:
            try:
                await self._follow()
            except (Error, OSError) as error:
                log.warning("the bulletin lost its connection: %s", type(error).__name__)
                await asyncio.sleep(AGAIN_S)

    async def _follow(self) -> None:
        async with await AsyncConnection.connect(self._conninfo, autocommit=True) as connection:
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
            while True:
                found = await connection.execute("SELECT number FROM registry_head")
                row = await found.fetchone()
                self._hear(int(row[0]) if row else 0)
                async for notice in connection.notifies(timeout=LOOK_UP_S):
                    self._hear(int(notice.payload))

    def _hear(self, number: int) -> None:
        if number > self._head:
            self._head = number
            news, self._news = self._news, asyncio.Event()
            news.set()
