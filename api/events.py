"""Changes as events on the wire: CloudEvents 1.0, the same in pages, streams and webhooks."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import Connection, Table

from api.feed_view import query_of
from api.views import change_out
from registry.addresses.effects import affected_addresses, affected_count
from registry.changes.feed import ChangeItem, items_between
from registry.changes.model import Change, Verb
from registry.changes.scope import ScopedItem, scoped_items
from registry.changes.snapshot import tables_shown
from registry.changes.store import ChangeStore
from registry.changes.view import WHOLE, FeedView
from registry.divisions.transforms import TELLING, transforms_of
from registry.log.record import ChangeRecord, read_record
from registry.log.store import LogStore
from registry.tables import COLLECTIONS

INLINE_ROWS = 1000
"""A change with more rows, items or addresses names a stream of them instead."""
SCHEMA = "/schemas/change/v1"
TRANSFORMED_ROWS = 5000

Item = ChangeItem | ScopedItem
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader of the feed asks for."""

    public_url: str
    view: FeedView = WHOLE
    expand_addresses: bool = False


def event_of(
    connection: Connection, one: Change, *, public_url: str, view: FeedView = WHOLE
) -> Event | None:
    """One change as a CloudEvent, whole or not at all; None when nothing of it is in the view."""
    found = list(events(connection, one.number, one.number, Asked(public_url, view)))
    return found[0] if found else None


def events(connection: Connection, first: int, last: int, asked: Asked) -> Iterator[Event]:
    """The changes `first` to `last` as CloudEvents, oldest first; those outside the view left out."""
    records = {
        number: read_record(text)
        for number, text in LogStore(connection).records(first, last).items()
    }
    small = [one for one in records.values() if one.row_count <= INLINE_ROWS]
    held: dict[int, list[ChangeItem]] = {}
    if small and not asked.view.is_scoped:
        # One query a table over the run of changes; a large one in between only costs its lines.
        for run in _runs([one.number for one in small]):
            tables = _touched([records[number] for number in run], asked.view)
            held |= items_between(connection, run[0], run[-1], tables)
    for one in ChangeStore(connection).between(first, last):
        record = records[one.number]
        if _may_concern(record, asked.view):
            event = _event(connection, one, record, held.get(one.number, []), asked)
            if event is not None:
                yield event


def _event(
    connection: Connection,
    one: Change,
    record: ChangeRecord,
    held: list[ChangeItem],
    asked: Asked,
) -> Event | None:
    items: list[Item] | None
    if asked.view.is_scoped:
        found = list(islice(scoped_items(connection, asked.view, one.number), INLINE_ROWS + 1))
        if not found:
            return None
        items = list(found) if len(found) <= INLINE_ROWS else None
    elif held or asked.view.is_whole or record.row_count > INLINE_ROWS:
        items = list(held) if record.row_count <= INLINE_ROWS else None
    else:
        return None
    body: dict[str, Any] = msgspec.to_builtins(change_out(one))
    body["row_count"] = record.row_count
    body |= _transforms(connection, record)
    if items is None:
        body["items_href"] = _href(f"/v1/changes/{one.number}/items", asked.view)
    else:
        body["items"] = items
    if asked.expand_addresses:
        body |= _addresses(connection, record, asked)
    return {
        "specversion": "1.0",
        "id": str(one.number),
        "source": f"{asked.public_url}/v1/changes",
        "type": f"place-registry.{one.verb.value}.v1",
        "time": one.recorded_at,
        "subject": f"changes/{one.number}",
        "datacontenttype": "application/json",
        "dataschema": f"{asked.public_url}{SCHEMA}",
        "data": body,
    }


def _transforms(connection: Connection, record: ChangeRecord) -> Event:
    rows = sum(one.old + one.new for one in record.rows if one.table in TELLING)
    if rows > TRANSFORMED_ROWS:
        return {"transforms_href": f"/v1/changes/{record.number}/transforms"}
    if not rows:
        return {"transforms": []}
    touched = {one.table for one in record.rows}
    return {"transforms": transforms_of(connection, record.number, Verb(record.verb), touched)}


def _addresses(connection: Connection, record: ChangeRecord, asked: Asked) -> Event:
    path = f"/v1/changes/{record.number}/addresses"
    if affected_count(connection, record.number) > INLINE_ROWS:
        within = asked.view.within
        return {"addresses_href": f"{path}?within={within}" if within else path}
    within_divisions = None if asked.view.within is None else [asked.view.within]
    found = affected_addresses(connection, record.number, within_divisions=within_divisions)
    return {"addresses": list(found)}


def _may_concern(record: ChangeRecord, view: FeedView) -> bool:
    """Whether a change can matter to a view of some collections; scopes move by divisions."""
    if not view.collections or view.is_scoped:
        return True
    touched = {one.table for one in record.rows}
    return any(str(t.name) in touched for name in view.collections for t in COLLECTIONS[name])


def _touched(records: list[ChangeRecord], view: FeedView) -> list[Table]:
    names = {one.table for record in records for one in record.rows}
    return [table for table in tables_shown(view) if table.name in names]


def _runs(numbers: list[int]) -> Iterator[list[int]]:
    """Numbers that follow one another, together."""
    run: list[int] = []
    for number in numbers:
        if run and number != run[-1] + 1:
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def _href(path: str, view: FeedView) -> str:
    query = query_of(view)
    return f"{path}?{query}" if query else path
