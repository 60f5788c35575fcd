"""Taking an edition into a registry that does not hold its divisions yet: one work, by COPY."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4, uuid5

from psycopg import sql
from sqlalchemy import Connection, select

from data.editions.tree import PlacedRow
from registry.changes.work import Work
from registry.divisions.model import (
    STATISTICAL,
    STATUTORY,
    DivisionKind,
    code_slot_id,
)
from registry.divisions.tables import (
    division,
    division_code_version,
    division_version,
)

CAUSE = "import"
Identify = Callable[[str], UUID]
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""
OUTSIDE_THE_LAW = frozenset({DivisionKind.SPECIAL_AREA, DivisionKind.SPECIAL_VILLAGE})
TABLES = (division, division_version, division_code_version)
STEP = 2_000
MESSAGE = "Divisions"


def silent(_message: str, _done: int, _total: int) -> None:
    """Progress nobody watches."""


def new_identities() -> Identify:
    """Fresh ids for one import: random between imports, repeatable within one."""
    namespace = uuid4()
    return lambda code: uuid5(namespace, code)


def registered_codes(connection: Connection, scheme: str = STATISTICAL) -> dict[str, UUID]:
    """Divisions by the codes believed to be in force from now on, in one scheme."""
    table = division_code_version
    found = connection.execute(
        select(table.c.code, table.c.division_id)
        .where(
            table.c.scheme == scheme,
            table.c.recorded_to.is_(None),
            # An open end: in force until further notice.
            table.c.valid.op("@>")(date(9999, 12, 30)),
        )
        .order_by(table.c.code)
    )
    return {row.code: row.division_id for row in found}


def load_divisions(
    work: Work,
    rows: Sequence[PlacedRow],
    *,
    valid: str,
    identify: Identify,
    registered: Mapping[str, UUID],
    progress: Progress = silent,
) -> int:
    """Write the divisions, their names and their codes; returns how many.

    Args:
        rows: a tree, parents before children.
        valid: range literal, such as `[2020-06-30,)`.
        identify: id of a code that is not registered.
        registered: ids of divisions that are parents and already held, by code.
    """
    ids = {row.code: identify(row.code) for row in rows}
    parents = {**registered, **ids}
    total = 3 * len(rows)
    count = _Counting(progress, total)
    work.copy(
        division,
        ("division_id", "layer"),
        count.over((ids[row.code], layer_of(row.kind)) for row in rows),
        cause=CAUSE,
    )
    work.copy(
        division_version,
        ("division_id", "kind", "name", "published_name", "parent_id", "valid"),
        count.over(_version(row, ids, parents, valid) for row in rows),
        cause=CAUSE,
    )
    work.copy(
        division_code_version,
        ("division_code_id", "division_id", "scheme", "code", "provisional", "valid"),
        count.over(_code(row, ids, valid) for row in rows),
        cause=CAUSE,
    )
    refresh_statistics(work.connection, *(table.name for table in TABLES))
    return len(rows)


def refresh_statistics(connection: Connection, *tables: str) -> None:
    """Let the planner know what was just written; without it the next joins take minutes."""
    names = sql.SQL(", ").join(map(sql.Identifier, tables))
    raw = connection.connection.driver_connection
    assert raw is not None  # the connection is open
    with raw.cursor() as cursor:
        cursor.execute(sql.SQL("ANALYZE {}").format(names))


def layer_of(kind: DivisionKind) -> str:
    """Units that exist in the statistics only are no divisions in law: a layer of their own."""
    return STATISTICAL if kind in OUTSIDE_THE_LAW else STATUTORY


def _version(
    row: PlacedRow, ids: Mapping[str, UUID], parents: Mapping[str, UUID], valid: str
) -> tuple[Any, ...]:
    parent = None if row.parent_code is None else parents[row.parent_code]
    return (ids[row.code], row.kind.value, row.name, row.published_name, parent, valid)


def _code(row: PlacedRow, ids: Mapping[str, UUID], valid: str) -> tuple[Any, ...]:
    division_id = ids[row.code]
    slot = code_slot_id(division_id, STATISTICAL)
    return (slot, division_id, STATISTICAL, row.code, "f", valid)


class _Counting:
    """Tells the watcher now and then how far a stream of rows has come."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def over(self, rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        for row in rows:
            yield row
            self._done += 1
            if self._done % STEP == 0:
                self._progress(MESSAGE, self._done, self._total)
        self._progress(MESSAGE, self._done, self._total)
