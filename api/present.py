"""The number of the latest change, asked of the database once for all who wait for it."""

import asyncio

from psycopg import OperationalError
from sqlalchemy import select

from registry.changes.tables import registry_head
from registry.hot import AsyncHotReads, HotStatement

HEAD = HotStatement.of(select(registry_head.c.number))


class Present:
    """Answers that need no database still have to know that nothing has changed.

    Whoever asks gets a number that was read after it asked, so an answer that shows it is as new as
    one from the database. Those who ask while a question is under way share the next one: the
    busier the service, the less each of them costs.
    """

    def __init__(self, hot: AsyncHotReads) -> None:
        self._hot = hot
        self._next: asyncio.Future[int] | None = None
        self._asking: asyncio.Task[None] | None = None

    async def number(self) -> int:
        """The latest change.

        Raises:
            OperationalError: the database cannot be reached.
        """
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
            # Who hangs up does not wait for it; then nobody may be left to hear of an error.
            self._next.add_done_callback(lambda told: told.cancelled() or told.exception())
            if self._asking is None:
                self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._next)

    async def _ask(self) -> None:
        while self._next is not None:
            waited_for, self._next = self._next, None
            try:
                ((number,),) = await self._hot.rows(HEAD)
            except OperationalError as error:
                waited_for.set_exception(error)
            except BaseException:
                waited_for.cancel()
                self._asking = None
                raise
            else:
                waited_for.set_result(number)
        self._asking = None
