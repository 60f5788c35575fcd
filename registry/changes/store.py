"""Reading the log: the head, single changes, pages, and where a reader stands."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, Select, func, select

from registry.changes.amendments import AmendmentStore, amended
from registry.changes.model import Change, Decree, Verb
from registry.changes.period import AsOf
from registry.changes.tables import change, decree, registry_head
from registry.errors import ChangeIsUnknown

HIGHEST = 2**63 - 1
"""No change has a higher number: the database could not hold it."""


class ChangeStore:
    """The log of changes (变更) inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def head(self) -> int:
        """Number of the latest change; 0 when there is none."""
        number: int = self._connection.execute(select(registry_head.c.number)).scalar_one()
        return number

    def known_at(self, moment: datetime | None) -> int:
        """Number of the last change recorded at or before a moment; the head for None."""
        if moment is None:
            return self.head()
        number = self._connection.scalar(
            select(func.max(change.c.number)).where(change.c.recorded_at <= moment)
        )
        return number or 0

    def as_of(self, valid_on: date, known_at: datetime | None = None) -> AsOf:
        """Where a reader stands who asks about a day, knowing what was known at a moment."""
        return AsOf(valid_on, self.known_at(known_at))

    def get(self, number: int) -> Change:
        """One change.

        Raises:
            ChangeIsUnknown: no such change, or not yet.
        """
        asked = _changes().where(change.c.number == number)
        row = self._connection.execute(asked).mappings().first() if number <= HIGHEST else None
        if row is None:
            raise ChangeIsUnknown(number=number, head=self.head())
        return _to_change(row)

    def after(self, number: int, limit: int) -> list[Change]:
        """The next changes in order; empty at the head.

        Raises:
            ChangeIsUnknown: `number` lies beyond the head.
        """
        head = self.head()
        if number > head or number < 0:
            raise ChangeIsUnknown(number=number, head=head)
        rows = self._connection.execute(
            _changes().where(change.c.number > number).order_by(change.c.number).limit(limit)
        ).mappings()
        return [_to_change(row) for row in rows]

    def between(self, first: int, last: int) -> list[Change]:
        """The changes `first` to `last` that there are, in order."""
        rows = self._connection.execute(
            _changes().where(change.c.number.between(first, last)).order_by(change.c.number)
        ).mappings()
        return [_to_change(row) for row in rows]

    def many(self, numbers: Sequence[int], known: int) -> dict[int, Change]:
        """Several changes by number, with the decree and the day that corrections known after
        change `known` give them; `get` and `after` say what was recorded."""
        rows = self._connection.execute(_changes().where(change.c.number.in_(numbers))).mappings()
        found = {row["number"]: _to_change(row) for row in rows}
        return amended(found, AmendmentStore(self._connection).of(numbers, known))

    def find_by_source_key(self, key: str) -> Change | None:
        """The change a work with this key became, if it was done."""
        row = (
            self._connection.execute(_changes().where(change.c.source_key == key))
            .mappings()
            .first()
        )
        return None if row is None else _to_change(row)


def _changes() -> Select[tuple[object, ...]]:
    return select(
        change,
        decree.c.authority,
        decree.c.number.label("decree_number"),
        decree.c.title.label("decree_title"),
        decree.c.approved_on,
        decree.c.announced_on,
        decree.c.effective_on.label("decree_effective_on"),
        decree.c.note,
    ).select_from(change.outerjoin(decree, change.c.decree_id == decree.c.decree_id))


def _to_change(row: RowMapping) -> Change:
    basis = None
    if row["authority"] is not None:
        basis = Decree(
            authority=row["authority"],
            number=row["decree_number"],
            title=row["decree_title"],
            approved_on=row["approved_on"],
            announced_on=row["announced_on"],
            effective_on=row["decree_effective_on"],
            note=row["note"],
        )
    return Change(
        number=row["number"],
        recorded_at=row["recorded_at"],
        author=row["author"],
        verb=Verb(row["verb"]),
        title=row["title"],
        effective_on=row["effective_on"],
        restructuring_id=row["restructuring_id"],
        source_key=row["source_key"],
        decree_id=row["decree_id"],
        decree=basis,
    )
