"""Sealing (封存): a change enters the log in the transaction that makes it, or it is not made.

`change.number` refers to the log's entry and the database checks that at commit, so a work that
was not sealed cannot be committed, whoever wrote it.
"""

from collections import ChainMap
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, tuple_

from registry.changes.bulk import copy_rows
from registry.changes.model import Change
from registry.changes.store import ChangeStore
from registry.changes.work import Work
from registry.log.digests import digests
from registry.log.merkle import Place, completed, frontier, leaf_hash
from registry.log.record import ChangeRecord, record_of
from registry.log.tables import log_entry, log_node

CHANNEL = "registry_change"
"""PostgreSQL notifies listeners here of every committed change, with its number."""
BATCH = 500
FEW = 20
"""More rows than these are written by COPY."""


def seal(work: Work) -> None:
    """Enter a work into the log; the last thing before its commit. Nothing to do if it wrote nothing."""
    if not work.started:
        return
    seal_change(work.connection, ChangeStore(work.connection).get(work.number))


def seal_change(connection: Connection, one: Change) -> ChangeRecord:
    """Enter the latest change into the log, and tell who listens once it is committed."""
    rows = digests(connection, one.number, one.number).get(one.number, [])
    record = record_of(one, rows)
    append(connection, [record])
    connection.execute(select(func.pg_notify(CHANNEL, str(one.number))))
    return record


def seal_backlog(connection: Connection) -> int:
    """Enter changes recorded before the registry had a log; returns how many."""
    head = ChangeStore(connection).head()
    sealed = connection.scalar(select(func.max(log_entry.c.number))) or 0
    while sealed < head:
        changes = ChangeStore(connection).after(sealed, BATCH)
        rows = digests(connection, changes[0].number, changes[-1].number)
        append(connection, [record_of(one, rows.get(one.number, [])) for one in changes])
        sealed = changes[-1].number
    return head


def fetch_nodes(connection: Connection, places: Sequence[Place]) -> dict[Place, bytes]:
    """Hashes of complete subtrees."""
    if not places:
        return {}
    rows = connection.execute(
        select(log_node.c.level, log_node.c.place, log_node.c.hash).where(
            tuple_(log_node.c.level, log_node.c.place).in_(
                [(place.level, place.index) for place in places]
            )
        )
    )
    return {Place(level, index): bytes(value) for level, index, value in rows}


def append(connection: Connection, records: Iterable[ChangeRecord]) -> None:
    """Let the tree grow by the records that follow it."""
    texts = {record.number: record.text for record in records}
    nodes: ChainMap[Place, bytes] = ChainMap({}, fetch_nodes(connection, frontier(min(texts) - 1)))
    for number, text in sorted(texts.items()):
        nodes.update(completed(number - 1, leaf_hash(text.encode()), nodes))
    _write(connection, log_entry, ("number", "record"), list(texts.items()))
    grown = [(place.level, place.index, value) for place, value in nodes.maps[0].items()]
    _write(connection, log_node, ("level", "place", "hash"), grown)


def _write(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    if len(rows) > FEW:
        copy_rows(connection, table, columns, rows)
    else:
        connection.execute(insert(table), [dict(zip(columns, row, strict=True)) for row in rows])
