"""What a change means (变更含义): from these units to those, beside the rows it wrote.

A transform is one connected piece of an act on one day: a town that becomes a subdistrict (1→1),
a split (1→n), a merge (n→1), an exchange (n→m). The left side is as it was known before the
change, the right side as it is known after it, both on the day of the act.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Table, func, select, union

from registry.changes.merging import first_difference
from registry.changes.model import Verb
from registry.changes.period import AsOf
from registry.changes.rows import lines_of, seen_at, touched_by
from registry.changes.timeline import at
from registry.divisions.model import STATISTICAL
from registry.divisions.store import DivisionStore
from registry.divisions.tables import (
    division_code_version,
    division_version,
    succession_version,
)
from registry.divisions.values import Division
from registry.names.tables import named_place, place_name_version

STANDARD = "standard"
OWN = (division_version, division_code_version)
TELLING = frozenset(str(table.name) for table in (*OWN, succession_version, place_name_version))
"""Tables whose rows can mean a transform."""
Units = Mapping[UUID | None, Division]
MEANING = MappingProxyType({Verb.CORRECT: "corrected", Verb.ANNUL: "annulled"})
"""What every piece of such a change is, whatever else it is."""


class UnitRef(msgspec.Struct, frozen=True):
    """A division, or a named place, on one side of a transform."""

    id: UUID
    name: str
    kind: str
    code: str | None = None
    parent_id: UUID | None = None


class ShareRef(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """How much of one unit became (part of) another; None: not known."""

    from_: UUID
    to: UUID
    members: float | None
    area: float | None
    addresses: float | None


class Transform(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """One connected piece of an act (沿革变化)."""

    collection: str
    """divisions or names."""
    on: date | None
    """The day it takes effect; None: since before the registry's sources."""
    kinds: tuple[str, ...]
    from_: tuple[UnitRef, ...]
    to: tuple[UnitRef, ...]
    shares: tuple[ShareRef, ...] = ()


@dataclass(frozen=True, slots=True)
class _Edge:
    on: date | None
    predecessor_id: UUID | None
    successor_id: UUID | None
    kind: str | None
    """None: the unit goes on as itself, and what differs says what happened."""
    share: ShareRef | None = None


def transforms_of(
    connection: Connection,
    number: int,
    verb: Verb,
    touched: Container[str] = TELLING,
) -> list[Transform]:
    """What a change means for divisions and for names of places, by day.

    Args:
        verb: of the change.
        touched: names of the tables it wrote to; the others need not be asked.
    """
    edges: list[_Edge] = []
    if succession_version.name in touched:
        edges += _succession(connection, number)
    own = _taken_back if verb is Verb.ANNUL else _own
    edges += own(connection, number, [one for one in OWN if one.name in touched])
    by_day: dict[date | None, list[_Edge]] = defaultdict(list)
    for edge in edges:
        by_day[edge.on].append(edge)
    found: list[Transform] = []
    for day in sorted(by_day, key=lambda one: one or date.min):
        found += _on_day(connection, number, verb, day, by_day[day])
    if place_name_version.name in touched:
        if verb is Verb.ANNUL:
            found += _names_taken_back(connection, number)
        else:
            found += _names(connection, number, verb)
    return found


def _on_day(
    connection: Connection, number: int, verb: Verb, day: date | None, edges: Sequence[_Edge]
) -> Iterator[Transform]:
    store, on = DivisionStore(connection), day or date.min
    old = {edge.predecessor_id for edge in edges if edge.predecessor_id}
    new = {edge.successor_id for edge in edges if edge.successor_id}
    before: Units = dict(store.many(old, AsOf(on, number - 1)).items())
    after: Units = dict(store.many(new, AsOf(on, number)).items())
    for piece in _pieces(edges):
        # A unit that nothing was known of before is an entry, told by its rows alone.
        acts = [e for e in piece if e.kind is not None or e.predecessor_id in before]
        if acts:
            yield _transform(acts, before, after, verb)


def _transform(
    edges: Sequence[_Edge],
    before: Units,
    after: Units,
    verb: Verb,
) -> Transform:
    old = {e.predecessor_id for e in edges if e.predecessor_id in before}
    new = {e.successor_id for e in edges if e.successor_id in after}
    kinds = {edge.kind for edge in edges if edge.kind is not None}
    for edge in edges:
        was, becomes = before.get(edge.predecessor_id), after.get(edge.successor_id)
        if edge.kind is None and was is not None and becomes is not None:
            kinds |= _differences(was, becomes)
    if verb in MEANING:
        kinds.add(MEANING[verb])
    return Transform(
        collection="divisions",
        on=edges[0].on,
        kinds=tuple(sorted(kinds)),
        from_=_refs(before[one] for one in old if one),
        to=_refs(after[one] for one in new if one),
        shares=tuple(edge.share for edge in edges if edge.share is not None),
    )


def _differences(before: Division, after: Division) -> set[str]:
    """The words for what happened to a division that goes on as itself."""
    found = {
        "renamed": before.name != after.name,
        "retyped": before.kind != after.kind,
        "recoded": before.codes != after.codes,
        "moved": before.parent_id != after.parent_id,
    }
    return {word for word, differs in found.items() if differs}


def _pieces(edges: Sequence[_Edge]) -> list[list[_Edge]]:
    """Edges that hang together: through a unit they come from, or one they lead to."""
    pieces: list[tuple[set[tuple[str, UUID]], list[_Edge]]] = []
    for edge in edges:
        ends = {
            (side, unit)
            for side, unit in (("old", edge.predecessor_id), ("new", edge.successor_id))
            if unit is not None
        }
        apart = [piece for piece in pieces if not piece[0] & ends]
        joined = [piece for piece in pieces if piece[0] & ends]
        nodes = ends.union(*(piece[0] for piece in joined))
        pieces = [*apart, (nodes, [*(e for piece in joined for e in piece[1]), edge])]
    return [piece[1] for piece in pieces]


def _succession(connection: Connection, number: int) -> Iterator[_Edge]:
    table = succession_version
    rows = connection.execute(
        select(
            table,
            func.lower(table.c.valid).label("on"),
            (table.c.recorded_from == number).label("fresh"),
        )
        .where((table.c.recorded_from == number) | (table.c.recorded_to == number))
        .order_by(table.c.version_id)
    ).all()
    kept = {row.succession_id for row in rows if row.fresh}
    for row in rows:
        if row.fresh and row.begun_by == number:
            yield _Edge(row.on, row.predecessor_id, row.successor_id, row.kind, _share(row))
        elif not row.fresh and row.succession_id not in kept:
            # Taken back: what had followed gives way to what it had come from.
            yield _Edge(row.on, row.successor_id, row.predecessor_id, "annulled")


def _share(row: Any) -> ShareRef | None:
    if row.predecessor_id is None or row.successor_id is None:
        return None
    return ShareRef(
        from_=row.predecessor_id,
        to=row.successor_id,
        members=row.share_members,
        area=row.share_area,
        addresses=row.share_addresses,
    )


def _own(connection: Connection, number: int, tables: Sequence[Table]) -> Iterator[_Edge]:
    """Divisions whose own version or code begins with the change."""
    if not tables:
        return
    rows = union(*(_begun(table, number) for table in tables))
    for division_id, on in connection.execute(rows):
        yield _Edge(on, division_id, division_id, None)


def _taken_back(connection: Connection, number: int, tables: Sequence[Table]) -> Iterator[_Edge]:
    """Divisions that go on and are otherwise without the act, by the first day they are."""
    days: dict[UUID, date] = {}
    for table in tables:
        keys = set(connection.scalars(touched_by(table, [number])))
        before, after = (lines_of(connection, table, keys, known) for known in (number - 1, number))
        for key in sorted(keys, key=lambda one: one.bytes):
            old, new = before.get(key, ()), after.get(key, ())
            on = first_difference(old, new)
            if on is not None:
                unit = (*old, *new)[0].values.get("division_id", key)
                days[unit] = min(on, days.get(unit, on))
    for unit, on in days.items():
        yield _Edge(None if on == date.min else on, unit, unit, None)


def _begun(table: Table, number: int) -> Any:
    return select(table.c.division_id, func.lower(table.c.valid)).where(
        table.c.recorded_from == number, table.c.begun_by == number
    )


def _names(connection: Connection, number: int, verb: Verb) -> Iterator[Transform]:
    """Places whose standard name is another from a day on."""
    table = place_name_version
    begun = connection.execute(
        select(table.c.place_name_id, table.c.named_place_id, table.c.text)
        .add_columns(func.lower(table.c.valid).label("on"), named_place.c.category)
        .join(named_place, named_place.c.named_place_id == table.c.named_place_id)
        .where(
            table.c.recorded_from == number,
            table.c.begun_by == number,
            table.c.status == STANDARD,
        )
        .order_by(table.c.version_id)
    ).all()
    by_day: dict[date | None, list[Any]] = defaultdict(list)
    for row in begun:
        by_day[row.on].append(row)
    for on, rows in by_day.items():
        before = _texts(
            connection, [r.place_name_id for r in rows], AsOf(on or date.min, number - 1)
        )
        for row in rows:
            old = before.get(row.place_name_id)
            if old is not None and old != row.text:
                kinds = ("corrected", "renamed") if verb is Verb.CORRECT else ("renamed",)
                place = row.named_place_id
                yield Transform(
                    "names",
                    on,
                    kinds,
                    (UnitRef(place, old, row.category),),
                    (UnitRef(place, row.text, row.category),),
                )


def _names_taken_back(connection: Connection, number: int) -> Iterator[Transform]:
    """Places whose standard name is another without the change, by the first day it is."""
    table = place_name_version
    keys = set(connection.scalars(touched_by(table, [number])))
    before, after = (lines_of(connection, table, keys, known) for known in (number - 1, number))
    borne = select(table.c.named_place_id).where(table.c.place_name_id.in_(keys))
    categories: dict[UUID, str] = dict(
        connection.execute(
            select(named_place.c.named_place_id, named_place.c.category).where(
                named_place.c.named_place_id.in_(borne)
            )
        ).all()
    )
    for key in sorted(keys, key=lambda one: one.bytes):
        lines = before.get(key, ()), after.get(key, ())
        on = first_difference(*lines)
        old, new = (at(line, on or date.min) for line in lines)
        if on is None or old is None or new is None or old.value("text") == new.value("text"):
            continue
        if STANDARD in (old.value("status"), new.value("status")):
            place = new.value("named_place_id")
            was, becomes = (
                UnitRef(place, one.value("text"), categories[place]) for one in (old, new)
            )
            day = None if on == date.min else on
            yield Transform("names", day, ("annulled", "renamed"), (was,), (becomes,))


def _texts(connection: Connection, names: Sequence[UUID], at: AsOf) -> dict[UUID, str]:
    table = place_name_version
    rows = connection.execute(
        select(table.c.place_name_id, table.c.text).where(
            table.c.place_name_id.in_(names), seen_at(table, at)
        )
    )
    return {row.place_name_id: row.text for row in rows}


def _refs(divisions: Iterable[Division]) -> tuple[UnitRef, ...]:
    refs = [
        UnitRef(
            one.division_id, one.name, one.kind.value, one.codes.get(STATISTICAL), one.parent_id
        )
        for one in divisions
    ]
    return tuple(sorted(refs, key=lambda one: (one.code or "~", one.name, one.id)))
