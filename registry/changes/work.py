"""A work: one transaction that becomes one change, or nothing."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID, uuid5

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Table,
    any_,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from registry.changes.bulk import copy_rows
from registry.changes.model import Decree, Intent
from registry.changes.period import SHANGHAI
from registry.changes.rows import lines_of, to_row
from registry.changes.tables import change, decree, registry_head, replica
from registry.changes.timeline import Timeline, difference
from registry.errors import AlreadyDone, RegistryIsReplica

DECREES = UUID("6f1f7a52-2f0b-5f0e-9f54-6a3c8f8f3f10")
"""Namespace: the same decree named in two works is one decree."""


class Work:
    """What one author does in one transaction.

    The number is taken at `start`, under the lock of the head row: from there to the commit this
    is the only writer, so numbers are gapless and every reader meets them in order. Reading what
    is to be rewritten therefore comes after `start`. The caller commits; nothing here does.
    """

    def __init__(self, connection: Connection, intent: Intent) -> None:
        self.connection = connection
        self.intent = intent
        self._number: int | None = None
        self._recorded_at: datetime | None = None

    @property
    def number(self) -> int:
        """The change this work becomes; starts the work if it has not started."""
        if self._number is None:
            self.start()
        assert self._number is not None
        return self._number

    @property
    def recorded_on(self) -> date:
        """The day it is recorded on, by the database's clock; starts the work if need be."""
        self.start()
        assert self._recorded_at is not None
        return self._recorded_at.astimezone(SHANGHAI).date()

    @property
    def started(self) -> bool:
        """Whether anything can have been written."""
        return self._number is not None

    def start(self) -> None:
        """Take the next number and write the change; a started work stays as it is.

        Raises:
            AlreadyDone: a work with this source key was recorded before.
            RegistryIsReplica: what is recorded here comes from elsewhere.
        """
        if self._number is not None:
            return
        taken = self.connection.execute(
            update(registry_head)
            .where(~exists().where(replica.c.single == 1))
            .values(
                number=registry_head.c.number + 1,
                recorded_at=func.greatest(
                    func.clock_timestamp(),
                    registry_head.c.recorded_at + text("interval '1 microsecond'"),
                ),
            )
            .returning(registry_head.c.number, registry_head.c.recorded_at)
        ).one_or_none()
        if taken is None:
            raise RegistryIsReplica
        self._number, self._recorded_at = taken
        self._refuse_repetition()
        intent = self.intent
        self.connection.execute(
            insert(change).values(
                number=self._number,
                recorded_at=self._recorded_at,
                author=intent.author,
                verb=intent.verb.value,
                title=intent.title,
                decree_id=self._decree_id(intent.decree),
                effective_on=intent.effective_on,
                restructuring_id=intent.restructuring_id,
                source_key=intent.source_key,
            )
        )

    def establish(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write identities; each row lacks only `recorded_from`."""
        if rows:
            number = self.number
            self.connection.execute(
                insert(table), [{**row, "recorded_from": number} for row in rows]
            )

    def believed(self, table: Table, keys: Iterable[UUID]) -> dict[UUID, Timeline]:
        """What is believed now, under the lock: nobody can change it before this work ends."""
        self.number  # noqa: B018 -- taking the number takes the lock
        return lines_of(self.connection, table, keys)

    def rewrite(self, table: Table, key: UUID, before: Timeline, after: Timeline) -> int:
        """Close what is no longer believed and write what is; returns the rows written."""
        return self.rewrite_all(table, [(key, before, after)])

    def rewrite_all(self, table: Table, facts: Iterable[tuple[UUID, Timeline, Timeline]]) -> int:
        """The same for many facts of one table, each with its key, before and after: in as many
        statements as for one. Returns the rows written."""
        number = self.number
        closed: list[int] = []
        rows: list[dict[str, Any]] = []
        for key, before, after in facts:
            gone, written = difference(before, after)
            closed += [one.version_id for one in gone if one.version_id is not None]
            rows += [to_row(table, key, one, number) for one in written]
        if closed:
            known = table.c.version_id == any_(literal(closed, ARRAY(BigInteger)))
            # Rows of this very work were never seen by anybody: they are replaced, not closed.
            self.connection.execute(delete(table).where(known, table.c.recorded_from == number))
            self.connection.execute(update(table).where(known).values(recorded_to=number))
        if rows:
            self.connection.execute(insert(table), rows)
        return len(rows)

    def copy(
        self,
        table: Table,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
        *,
        cause: str,
    ) -> int:
        """Stream new rows in by COPY; version tables get this work's number and cause.

        Args:
            columns: names of the value columns in the rows' order, with the key.
            rows: values as text the database reads; `valid` as a range literal, geometries as EWKB hex.
        """
        number = self.number
        if "recorded_to" in table.c:
            names = (*columns, "cause", "begun_by", "recorded_from")
            tail: tuple[Any, ...] = (cause, number, number)
        else:
            names, tail = (*columns, "recorded_from"), (number,)
        return copy_rows(self.connection, table, names, ((*row, *tail) for row in rows))

    def _refuse_repetition(self) -> None:
        key = self.intent.source_key
        if key is None:
            return
        done = self.connection.scalar(select(change.c.number).where(change.c.source_key == key))
        if done is not None:
            raise AlreadyDone(source_key=key, change=done)

    def _decree_id(self, basis: Decree | None) -> UUID | None:
        if basis is None:
            return None
        name = "|".join(
            str(part) for part in (basis.authority, basis.number, basis.title, basis.approved_on)
        )
        decree_id = uuid5(DECREES, name)
        self.connection.execute(
            upsert(decree)
            .values(
                decree_id=decree_id,
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
        return decree_id


class OpenWork(Protocol):
    """How a room that may not commit is handed the means to do works one after another."""

    def __call__(self, intent: Intent) -> AbstractContextManager[Work]:
        """A work that is committed when its block ends well, and undone when it does not."""
        ...
