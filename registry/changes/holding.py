"""What stands in the way of a rewriting: later work that holds on to what it would take away.

Three things do. Later work that says otherwise of the same attribute on the same days. Something
entered later that refers to a thing which would not hold on those days any more: an address, a
member, a place, a boundary line, a later act. And what would come back, but refers to something that has
ended meanwhile, or bears a code that another unit bears by now.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import (
    Column,
    Connection,
    Table,
    Text,
    any_,
    cast,
    func,
    or_,
    select,
)

from registry.addresses.tables import address, address_version
from registry.changes.alongside import astray, stranded
from registry.changes.merging import days_of, without
from registry.changes.period import Period
from registry.changes.rewriting import Rewriting, changes_since, untouched_since
from registry.changes.rows import key_array, lines_of, timelines, to_period
from registry.changes.timeline import Timeline, Version
from registry.divisions.tables import (
    division,
    division_code_version,
    division_version,
    succession_version,
)
from registry.names.tables import named_place, place_name_version
from registry.tables import VERSION_TABLES

MOST_LISTED = 1000
"""Referring rows that are looked at, a table: more of one kind tell a reader nothing new."""

LIVES: Mapping[Table, Column[UUID]] = {
    division: division_version.c.division_id,
    named_place: place_name_version.c.named_place_id,
    address: address_version.c.address_id,
}
"""Identities whose days in force others depend on, and the column that carries those days."""
NOT_FOR_THEIR_DAYS = frozenset({"succession_version", "dual_name_version"})
"""Edges bind their ends on the day of the act only; a window says nothing once its act is gone."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason why a rewriting is refused."""

    table: str
    object_id: UUID
    """The fact that is in the way."""
    column: str | None
    """The attribute both speak of, or by which it refers; None: whether it holds at all."""
    why: str
    """rewritten, depends, lost-ground, code-taken."""
    valid: Period
    changes: tuple[int, ...]
    """The later changes that hold it."""
    on: UUID | None = None
    """What it depends on."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A column by which facts refer to an identity that has days."""

    table: Table
    column: Column[UUID]
    to: Table


def references() -> Iterator[Reference]:
    """Every reference of a version table to something that has days, read off its foreign keys."""
    for table in VERSION_TABLES:
        if str(table.name) in NOT_FOR_THEIR_DAYS:
            continue
        for column in table.columns:
            for foreign in column.foreign_keys:
                life = LIVES.get(foreign.column.table)
                if life is not None and life is not column:
                    yield Reference(table, column, foreign.column.table)


def obstacles(connection: Connection, rewriting: Rewriting) -> list[Obstacle]:
    """All that stands in the way, in order of table and object; empty: it may be carried out."""
    lives = {identity: Lives(connection, rewriting, identity) for identity in LIVES}
    found = [
        *_rewritten(connection, rewriting),
        *(
            one
            for ref in references()
            for one in _dependent(connection, rewriting, ref, lives[ref.to])
        ),
        *(
            one
            for ref in references()
            for one in _groundless(connection, rewriting, ref, lives[ref.to])
        ),
        *_later_acts(connection, rewriting, lives[division]),
        *_codes_taken(connection, rewriting),
        *_astray(connection, rewriting),
        *_stranded(connection, rewriting),
    ]
    unique = {(one.table, one.object_id, one.column, one.why, one.on): one for one in found}
    return sorted(
        unique.values(), key=lambda one: (one.table, str(one.object_id), one.column or "")
    )


class Lives:
    """Days in force of the things of one kind: now, before the act, and as they would be."""

    def __init__(self, connection: Connection, rewriting: Rewriting, identity: Table) -> None:
        self._connection = connection
        self._rewriting = rewriting
        self._life = LIVES[identity]
        self._table: Table = self._life.table
        self.lost = self._lost()
        self._now: dict[UUID, tuple[Period, ...]] = {}
        self._once: dict[UUID, tuple[Period, ...]] = {}

    def learn(self, keys: Iterable[UUID]) -> None:
        """Read what is needed about some things at once."""
        wanted = set(keys) - self._now.keys()
        if wanted:
            self._now.update(self._days(wanted, None))
            self._once.update(self._days(wanted, self._rewriting.first - 1))

    def now(self, key: UUID) -> tuple[Period, ...]:
        """Days as believed now."""
        return self._now[key]

    def once(self, key: UUID) -> tuple[Period, ...]:
        """Days as believed before the act."""
        return self._once[key]

    def after(self, key: UUID) -> tuple[Period, ...]:
        """Days as they would be believed; what the database takes back alone counts as lost."""
        listed = self._of(self._rewriting.after(self._table)).get(key)
        return without(self._now[key], self.lost.get(key, ())) if listed is None else listed

    def changes_of(self, key: UUID) -> tuple[int, ...]:
        """Later changes that touched it."""
        own = self._table.c[self._table.info["key"]]
        facts = set(self._connection.scalars(select(own).where(self._life == key)))
        found = changes_since(self._connection, self._table, facts, self._rewriting)
        return tuple(sorted({number for numbers in found.values() for number in numbers}))

    def _lost(self) -> dict[UUID, tuple[Period, ...]]:
        before = self._of(self._rewriting.before(self._table))
        after = self._of(self._rewriting.after(self._table))
        lost = {key: without(days, after.get(key, ())) for key, days in before.items()}
        if self._table in self._rewriting.in_bulk:
            lost.update(self._lost_in_bulk())
        return {key: days for key, days in lost.items() if days}

    def _lost_in_bulk(self) -> dict[UUID, tuple[Period, ...]]:
        table, number = self._table, self._rewriting.first
        alone = untouched_since(table, number, table.c[table.info["key"]])
        days: dict[str, dict[UUID, list[Period]]] = {}
        for side, condition in (
            ("gone", (table.c.recorded_from == number) & table.c.recorded_to.is_(None)),
            ("back", table.c.recorded_to == number),
        ):
            found = days.setdefault(side, {})
            for key, valid in self._connection.execute(
                select(self._life, table.c.valid).where(condition, alone)
            ):
                found.setdefault(key, []).append(to_period(valid))
        return {key: without(gone, days["back"].get(key, ())) for key, gone in days["gone"].items()}

    def _of(self, lines: Mapping[UUID, Timeline]) -> dict[UUID, tuple[Period, ...]]:
        # A place may bear several names: it is there while any of them holds.
        found: dict[UUID, tuple[Period, ...]] = {}
        own = self._table.info["key"] == self._life.name
        for key, timeline in lines.items():
            one = key if own else _owner(timeline, self._life.name)
            if one is not None:
                found[one] = (*found.get(one, ()), *days_of(timeline))
            elif own:
                found[key] = ()
        return found

    def _days(self, keys: set[UUID], known: int | None) -> dict[UUID, tuple[Period, ...]]:
        wanted = self._life == any_(key_array(keys))
        lines = timelines(self._connection, self._table, wanted, known)
        return dict.fromkeys(keys, ()) | self._of(lines)


def _owner(timeline: Timeline, column: str) -> UUID | None:
    return timeline[0].value(column) if timeline else None


def _rewritten(connection: Connection, rewriting: Rewriting) -> Iterator[Obstacle]:
    for table, facts in rewriting.facts.items():
        clashing = {key: one.clashes for key, one in facts.items() if one.clashes}
        since = changes_since(connection, table, clashing, rewriting) if clashing else {}
        for key, clashes in clashing.items():
            for clash in clashes:
                yield Obstacle(
                    str(table.name),
                    key,
                    None if clash.column is None else str(clash.column),
                    "rewritten",
                    clash.valid,
                    since.get(key, ()),
                )


def _dependent(
    connection: Connection, rewriting: Rewriting, ref: Reference, lives: Lives
) -> Iterator[Obstacle]:
    """Facts entered later that refer to something on days it would lose."""
    if not lives.lost:
        return
    table, key = ref.table, ref.table.c[ref.table.info["key"]]
    listed = rewriting.facts.get(table, {})
    rows = connection.execute(
        select(key.label("key"), ref.column.label("on"), table.c.valid, table.c.recorded_from)
        .where(
            ref.column == any_(key_array(lives.lost)),
            table.c.recorded_to.is_(None),
            table.c.recorded_from > rewriting.first,
            table.c.recorded_from.not_in(rewriting.own),
        )
        .order_by(key, table.c.valid)
        .limit(MOST_LISTED)
    ).all()
    by_key = table.info["key"] == ref.column.name
    lives.learn({row.on for row in rows})
    earlier = lines_of(connection, table, {row.key for row in rows}, rewriting.first - 1)
    for row in rows:
        valid = to_period(row.valid)
        met = [shared for lost in lives.lost[row.on] if (shared := valid.intersection(lost))]
        once = _bare(earlier.get(row.key, ()), ref, row.on, lives.once(row.on), by_key=by_key)
        bare = without(met, once)
        if bare and row.key not in listed:
            later = (row.recorded_from,)
            yield Obstacle(
                str(table.name), row.key, str(ref.column.name), "depends", bare[0], later, row.on
            )


def _groundless(
    connection: Connection, rewriting: Rewriting, ref: Reference, lives: Lives
) -> Iterator[Obstacle]:
    """Facts that would come back, or stay as merged, on days the thing they refer to does not hold."""
    listed = rewriting.facts.get(ref.table, {})
    by_key = ref.table.info["key"] == ref.column.name
    lives.learn(
        one
        for key, fact in listed.items()
        for version in fact.after
        if (one := key if by_key else version.values.get(ref.column.name)) is not None
    )
    earlier = lines_of(connection, ref.table, listed, rewriting.first - 1) if listed else {}
    for key, fact in listed.items():
        for version in fact.after:
            on = key if by_key else version.values.get(ref.column.name)
            if on is None or (version.version_id is not None and on not in lives.lost):
                continue
            bare = without([version.valid], lives.after(on))
            bare = without(bare, _bare(fact.before, ref, on, lives.now(on), by_key=by_key))
            bare = without(
                bare, _bare(earlier.get(key, ()), ref, on, lives.once(on), by_key=by_key)
            )
            if bare:
                yield _lost_ground(ref, key, on, bare[0], lives)
    if ref.table in rewriting.in_bulk:
        yield from _groundless_in_bulk(connection, rewriting, ref, lives)


def _groundless_in_bulk(
    connection: Connection, rewriting: Rewriting, ref: Reference, lives: Lives
) -> Iterator[Obstacle]:
    table, number = ref.table, rewriting.first
    key = table.c[table.info["key"]]
    groups = connection.execute(
        select(ref.column.label("on"), table.c.valid, func.min(cast(key, Text)).label("one"))
        .where(table.c.recorded_to == number, untouched_since(table, number, key))
        .where(ref.column.is_not(None))
        .group_by(ref.column, table.c.valid)
    ).all()
    lives.learn({row.on for row in groups})
    for row in groups:
        bare = without([to_period(row.valid)], lives.after(row.on))
        # What was bare before the act comes back as it was.
        bare = without(bare, without([to_period(row.valid)], lives.once(row.on)))
        if bare:
            yield _lost_ground(ref, UUID(row.one), row.on, bare[0], lives)


def _lost_ground(ref: Reference, key: UUID, on: UUID, days: Period, lives: Lives) -> Obstacle:
    return Obstacle(
        str(ref.table.name),
        key,
        str(ref.column.name),
        "lost-ground",
        days,
        lives.changes_of(on),
        on,
    )


def _bare(
    timeline: Timeline, ref: Reference, on: UUID, days: tuple[Period, ...], *, by_key: bool
) -> tuple[Period, ...]:
    """Days on which a fact refers to a thing that does not hold."""
    found: tuple[Period, ...] = ()
    for version in timeline:
        if by_key or version.values.get(ref.column.name) == on:
            found += without([version.valid], days)
    return found


def _later_acts(connection: Connection, rewriting: Rewriting, lives: Lives) -> Iterator[Obstacle]:
    """Edges of later acts whose ends would not be there on their day."""
    if not lives.lost:
        return
    edge, units = succession_version, any_(key_array(lives.lost))
    rows = connection.execute(
        select(edge)
        .where(
            or_(edge.c.predecessor_id == units, edge.c.successor_id == units),
            edge.c.recorded_to.is_(None),
            edge.c.recorded_from > rewriting.first,
            edge.c.recorded_from.not_in(rewriting.own),
        )
        .order_by(edge.c.succession_id)
    )
    for row in rows:
        on = row.valid.lower
        ends = ((row.predecessor_id, on and on - timedelta(days=1)), (row.successor_id, on))
        for unit, day in ends:
            if any((day or date.min) in lost for lost in lives.lost.get(unit, ())):
                yield Obstacle(
                    str(edge.name),
                    row.succession_id,
                    None,
                    "depends",
                    Period(on, None),
                    (row.recorded_from,),
                    unit,
                )


def _astray(connection: Connection, rewriting: Rewriting) -> Iterator[Obstacle]:
    """Boundary lines drawn later along an edge that would be another."""
    for one in astray(connection, rewriting):
        yield Obstacle(
            "boundary_line_version",
            one.line_id,
            "course",
            "depends",
            one.valid,
            (one.change,),
            one.division_id,
        )


def _stranded(connection: Connection, rewriting: Rewriting) -> Iterator[Obstacle]:
    """Markers put up later on a line that would run elsewhere."""
    for one in stranded(connection, rewriting):
        yield Obstacle(
            "boundary_marker_version",
            one.marker_id,
            "spot",
            "depends",
            one.valid,
            (one.change,),
            one.side_id,
        )


def _codes_taken(connection: Connection, rewriting: Rewriting) -> Iterator[Obstacle]:
    """Codes that would come back although another unit bears them by now."""
    table = division_code_version
    coming: dict[str, list[tuple[UUID, Version]]] = {}
    listed = rewriting.facts.get(table, {})
    for slot, fact in listed.items():
        for version in fact.after:
            if version.version_id is None:
                coming.setdefault(version.value("code"), []).append((slot, version))
    if not coming:
        return
    rows = connection.execute(
        select(table).where(
            table.c.code.in_(sorted(coming)),
            table.c.recorded_to.is_(None),
            table.c.recorded_from > rewriting.first,
            table.c.recorded_from.not_in(rewriting.own),
        )
    )
    for row in rows:
        for slot, version in coming[row.code]:
            shared = version.valid.intersection(to_period(row.valid))
            other = row.division_code_id != slot and row.scheme == version.value("scheme")
            if shared and other and row.division_code_id not in listed:
                yield Obstacle(
                    str(table.name),
                    slot,
                    "code",
                    "code-taken",
                    shared,
                    (row.recorded_from,),
                    row.division_id,
                )
