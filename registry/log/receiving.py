"""Receiving (接收) a log: a copy writes its own records and tree, and finds out whether they agree.

The records that come are believed only as far as the copy's own rows give the same digests.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from registry.changes.bulk import copy_rows
from registry.changes.tables import change, decree, registry_head
from registry.errors import ReplayOutOfOrder, ReplicaDiffers
from registry.log.digests import digests
from registry.log.record import ChangeRecord
from registry.log.sealing import append


def receive(connection: Connection, records: Sequence[ChangeRecord]) -> None:
    """Enter the next changes of the followed registry; the caller commits.

    Raises:
        ReplayOutOfOrder: they do not follow the last change here.
    """
    if not records:
        return
    head = connection.execute(select(registry_head.c.number).with_for_update()).scalar_one()
    for expected, record in enumerate(records, head + 1):
        if record.number != expected:
            raise ReplayOutOfOrder(expected=expected, given=record.number)
    decrees = {record.decree_id: _decree(record) for record in records if record.decree is not None}
    if decrees:
        connection.execute(upsert(decree).on_conflict_do_nothing(), list(decrees.values()))
    rows = [_change(record) for record in records]
    copy_rows(connection, change, list(rows[0]), ([*row.values()] for row in rows))
    append(connection, records)
    last = records[-1]
    connection.execute(
        update(registry_head).values(number=last.number, recorded_at=last.recorded_at)
    )


def refuse_differences(connection: Connection, records: Sequence[ChangeRecord]) -> None:
    """Compare what changes did here with what their records say.

    Raises:
        ReplicaDiffers: they bind other rows than were written here.
    """
    if not records:
        return
    found = digests(connection, records[0].number, records[-1].number)
    for record in records:
        own = tuple(found.get(record.number, ()))
        if own != record.rows:
            where = ", ".join(sorted({one.table for one in set(own) ^ set(record.rows)}))
            raise ReplicaDiffers(change=record.number, where=where)


def _change(record: ChangeRecord) -> Mapping[str, Any]:
    return {
        "number": record.number,
        "recorded_at": record.recorded_at,
        "author": record.author,
        "verb": record.verb,
        "title": record.title,
        "decree_id": record.decree_id,
        "effective_on": record.effective_on,
        "restructuring_id": record.restructuring_id,
        "source_key": record.source_key,
    }


def _decree(record: ChangeRecord) -> Mapping[str, str | date | Any]:
    basis = record.decree
    assert basis is not None
    return {
        "decree_id": record.decree_id,
        "number": basis.number,
        "authority": basis.authority,
        "title": basis.title,
        "approved_on": basis.approved_on,
        "announced_on": basis.announced_on,
        "effective_on": basis.effective_on,
        "note": basis.note,
    }
