"""A crosswalk as people ask for it, over HTTP and on the command line alike."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from api.time_travel import parse_date
from data.crosswalk_files import CrosswalkMeta, Form, crosswalk_file
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.divisions.crosswalk import CrosswalkRow, crosswalk
from registry.divisions.store import DivisionStore
from registry.errors import ChangeIsUnknown, DivisionIsUnknown

LONGEST_NUMBER = 18
"""Digits of the largest number a change can have."""


@dataclass(frozen=True, slots=True)
class AskedCrosswalk:
    """What was asked for, and the rows that answer it."""

    meta: CrosswalkMeta
    rows: list[CrosswalkRow]

    def file(self, form: Form) -> bytes:
        """The bytes of the answer."""
        return crosswalk_file(self.rows, form, self.meta)


def asked_crosswalk(
    connection: Connection,
    *,
    from_: str,
    to: str,
    at: AsOf,
    within: str | None = None,
    level: int | None = None,
) -> AskedCrosswalk:
    """The crosswalk between two points given as text.

    Args:
        from_, to: a day, known as `at` says; or the number of a change, which stands for the
            registry as known after it, on the day `at` says.
        within: id, or code in force at either point, the later one first.

    Raises:
        DateIsInvalid: neither a day nor a number.
        ChangeIsUnknown: no such change, or not yet.
        DivisionIsUnknown: `within` means nothing at either point.
        PeriodIsEmpty: `to` is before `from`.
        KnowledgeRunsBackwards: `to` knows less than `from`.
    """
    head = ChangeStore(connection).head()
    start, end = _point(from_, at, head), _point(to, at, head)
    scope = None if within is None else _scope(connection, within, start, end)
    rows = crosswalk(connection, start=start, end=end, within=scope, level=level)
    meta = CrosswalkMeta(start, end, None if scope is None else str(scope), level)
    return AskedCrosswalk(meta, rows)


def _point(text: str, at: AsOf, head: int) -> AsOf:
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        return AsOf(parse_date(text), at.known)
    number = int(text)
    if number > head:
        raise ChangeIsUnknown(number=number, head=head)
    return AsOf(at.valid_on, number)


def _scope(connection: Connection, reference: str, start: AsOf, end: AsOf) -> UUID:
    store = DivisionStore(connection)
    try:
        return store.resolve(reference, end)
    except DivisionIsUnknown:
        return store.resolve(reference, start)
