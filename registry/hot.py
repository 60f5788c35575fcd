"""Hot reads: a statement written once in SQLAlchemy Core, run on the bare driver.

A `Session` and an ORM spend more time on one keyed read than the database does. So a read that
is asked thousands of times a second is compiled once, at import, and sent through psycopg with
prepared statements; rows come back as plain tuples. Everything else uses the plain way.
`benchmarks/` compares the ways; `registry/README.md` says what was decided from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

from psycopg import AsyncConnection, AsyncRawCursor, Connection, RawCursor
from psycopg_pool import AsyncConnectionPool, ConnectionPool
from sqlalchemy import CompoundSelect, Select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from registry.database import SCHEME, SPEECH

Row = tuple[Any, ...]
OPTIONS = (
    f"{SPEECH} -c jit=off -c default_transaction_read_only=on -c plan_cache_mode=force_generic_plan"
    " -c enable_bitmapscan=off"
)
"""Planning one of these statements costs more than running it: it is planned once a connection.

Keyed reads take one index each. A plan for all values thinks little of `valid @> day` and `recorded_from <= N`,
which hold for nearly every row, and would gather them in a bitmap of the whole table beside the few
rows of a key: seconds among two million addresses.
"""
PLANNED_EACH_TIME = (
    f"{SPEECH} -c jit=off -c default_transaction_read_only=on -c plan_cache_mode=force_custom_plan"
)
"""For statements whose best plan depends on their values, such as the size of a region."""
LONGEST_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class HotStatement:
    """A compiled statement: its text for the server, and its parameters in their order.

    The places are numbered (`$1`), so that nothing has to be read or rewritten on the way.
    """

    text: bytes
    names: tuple[str, ...]
    fixed: Mapping[str, Any]
    """Values given when the statement was written."""

    @classmethod
    def of(cls, statement: Select[Any] | CompoundSelect[Any]) -> Self:
        """Compile a statement whose open parameters are named by `bindparam`."""
        dialect = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # -- the dialect is untyped
        compiled = statement.compile(dialect=dialect)
        names = tuple(compiled.positiontup or ())
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        return cls(str(compiled).encode(), names, fixed)

    def parameters(self, values: Mapping[str, object]) -> list[object]:
        """The values in the order of their places."""
        fixed = self.fixed
        return [values[name] if name in values else fixed.get(name) for name in self.names]


def run(connection: Connection[Row], statement: HotStatement, **values: object) -> list[Row]:
    """The rows of a hot statement on a bare connection, prepared there the first time."""
    with RawCursor(connection) as cursor:
        cursor.execute(statement.text, statement.parameters(values), prepare=True, binary=True)
        return cursor.fetchall()


class Rows(Protocol):
    """Whatever runs hot statements."""

    def __call__(self, statement: HotStatement, **values: object) -> list[Row]:
        """The rows of one statement."""


class HotReads:
    """A few bare connections, read-only and in autocommit: each statement sees one state."""

    def __init__(self, url: str, *, size: int = 4, options: str = OPTIONS) -> None:
        self._pool: ConnectionPool[Connection[Row]] = ConnectionPool(
            conninfo_of(url),
            min_size=1,
            max_size=size,
            timeout=LONGEST_WAIT_S,
            kwargs={"autocommit": True, "options": options},
            open=False,
            name="hot-reads",
        )

    def open(self) -> None:
        """Connect; waits for nothing."""
        self._pool.open()

    def close(self) -> None:
        """Give the connections back to the database."""
        self._pool.close()

    def rows(self, statement: HotStatement, **values: object) -> list[Row]:
        """The rows of one statement."""
        with self._pool.connection() as connection:
            return run(connection, statement, **values)


class AsyncHotReads:
    """The same for callers that live in an event loop."""

    def __init__(self, url: str, *, size: int = 4, options: str = OPTIONS) -> None:
        self._pool: AsyncConnectionPool[AsyncConnection[Row]] = AsyncConnectionPool(
            conninfo_of(url),
            min_size=1,
            max_size=size,
            timeout=LONGEST_WAIT_S,
            kwargs={"autocommit": True, "options": options},
            open=False,
            name="async-hot-reads",
        )

    async def open(self) -> None:
        """Connect; waits for nothing."""
        await self._pool.open()

    async def close(self) -> None:
        """Give the connections back to the database."""
        await self._pool.close()

    async def rows(self, statement: HotStatement, **values: object) -> list[Row]:
        """The rows of one statement."""
        async with self._pool.connection() as connection:
            cursor = AsyncRawCursor(connection)
            await cursor.execute(
                statement.text, statement.parameters(values), prepare=True, binary=True
            )
            return await cursor.fetchall()


def conninfo_of(url: str) -> str:
    """The same database, named the way libpq wants it."""
    if url.startswith(SCHEME):
        return "postgresql://" + url.removeprefix(SCHEME)
    return url
