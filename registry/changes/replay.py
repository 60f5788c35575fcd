"""Replay: the feed of one registry, applied to another, gives equal tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from registry.changes.bulk import copy_rows
from registry.changes.model import Change, Decree, Verb
from registry.changes.tables import change, decree, registry_head
from registry.errors import ReplayOutOfOrder
from registry.tables import LOGGED_TABLES, VERSION_TABLES

BATCH = 20_000
TABLES: dict[str, Table] = {table.name: table for table in LOGGED_TABLES}


@dataclass(frozen=True, slots=True)
class ReplayedChange:
    """A change as a feed gives it: its record and its exact rows."""

    record: Change
    rows: Iterable[tuple[str, str, Mapping[str, Any]]]
    """(table, "old" or "new", row), in the order of the feed."""


def replay(connection: Connection, replayed: ReplayedChange) -> None:
    """Apply one change inside the caller's transaction.

    Raises:
        ReplayOutOfOrder: the change does not follow the last one applied.
    """
    record = replayed.record
    head = connection.execute(select(registry_head.c.number).with_for_update()).scalar_one()
    if record.number != head + 1:
        raise ReplayOutOfOrder(expected=head + 1, given=record.number)
    _write_record(connection, record)
    _write_rows(connection, record.number, replayed.rows)


def continue_numbering(connection: Connection) -> None:
    """After a replay: let the tables' own numbering go on above what was copied."""
    for table in VERSION_TABLES:
        top = connection.scalar(select(func.max(table.c.version_id)))
        if top is not None:
            sequence = func.pg_get_serial_sequence(table.name, "version_id")
            connection.execute(select(func.setval(sequence, top)))


def _write_record(connection: Connection, record: Change) -> None:
    basis = record.decree
    if basis is not None:
        connection.execute(
            upsert(decree)
            .values(
                decree_id=record.decree_id,
                number=basis.number,
                authority=basis.authority,
                title=basis.title,
                approved_on=basis.approved_on,
                announced_on=basis.announced_on,
                effective_on=basis.effective_on,
                note=basis.note,
            )
            .on_conflict_do_nothing()
        )
    connection.execute(
        insert(change).values(
            number=record.number,
            recorded_at=record.recorded_at,
            author=record.author,
            verb=record.verb.value,
            title=record.title,
            decree_id=record.decree_id,
            effective_on=record.effective_on,
            restructuring_id=record.restructuring_id,
            source_key=record.source_key,
        )
    )
    connection.execute(
        update(registry_head).values(number=record.number, recorded_at=record.recorded_at)
    )


def _write_rows(
    connection: Connection, number: int, rows: Iterable[tuple[str, str, Mapping[str, Any]]]
) -> None:
    # The rows of one table come together, and a fact's old rows before its new ones; closing all
    # old rows of a batch first keeps every moment free of double beliefs.
    batch: list[Mapping[str, Any]] = []
    closed: list[int] = []
    current: Table | None = None
    for name, side, row in rows:
        table = TABLES[name]
        if table is not current or len(batch) >= BATCH:
            _flush(connection, current, number, batch, closed)
            batch, closed, current = [], [], table
        if side == "old":
            closed.append(row["version_id"])
        else:
            batch.append(row)
    _flush(connection, current, number, batch, closed)


def _flush(
    connection: Connection,
    table: Table | None,
    number: int,
    batch: list[Mapping[str, Any]],
    closed: list[int],
) -> None:
    if table is None:
        return
    if closed:
        connection.execute(
            update(table).where(table.c.version_id.in_(closed)).values(recorded_to=number)
        )
    if batch:
        columns = list(batch[0])
        copy_rows(
            connection,
            table,
            [*columns, "recorded_from"],
            (([_literal(row[name]) for name in columns] + [number]) for row in batch),
        )


def _literal(value: Any) -> Any:
    if isinstance(value, Mapping) and set(value) == {"from", "to"}:
        return f"[{value['from'] or ''},{value['to'] or ''})"
    return value


def change_from_json(body: Mapping[str, Any]) -> Change:
    """A change record as the feed's JSON gives it."""
    basis = body.get("decree")
    return Change(
        number=body["number"],
        recorded_at=datetime.fromisoformat(body["recorded_at"]),
        author=body["author"],
        verb=Verb(body["verb"]),
        title=body["title"],
        effective_on=_date(body["effective_on"]),
        restructuring_id=None
        if body["restructuring_id"] is None
        else UUID(body["restructuring_id"]),
        source_key=body["source_key"],
        decree_id=None if body["decree_id"] is None else UUID(body["decree_id"]),
        decree=None
        if basis is None
        else Decree(
            authority=basis["authority"],
            number=basis["number"],
            title=basis["title"],
            approved_on=_date(basis["approved_on"]),
            announced_on=_date(basis["announced_on"]),
            effective_on=_date(basis["effective_on"]),
            note=basis["note"],
        ),
    )


def _date(text_: str | None) -> date | None:
    return None if text_ is None else date.fromisoformat(text_)
